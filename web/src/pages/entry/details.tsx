import { actorTitle } from '../../parts/entry';
import { adminHref } from '../../shopify/admin';
import { Button, Link, Section, Stack, Term, Terms, Text } from '../../ui';
import { span } from '../../words/dates';
import { action, number, plural, sentence, shortId, types } from '../../words/words';
import { fact } from './changes';
import type { Entry } from './page';

/** The facts of an entry, beside it. */
export function Details({ entry, onCopy }: { entry: Entry; onCopy: () => void }) {
  const topic = fact(entry.metadata, 'topic');
  const took = duration(entry);
  return (
    <Section heading="Details">
      <Terms>
        <Term name="Type">{types[entry.type]}</Term>
        <Term name="Action">{action(entry.action)}</Term>
        <Term name="Actor">{actorTitle(entry.actor)}</Term>
        {entry.entity && <EntityTerm entity={entry.entity} />}
        {entry.rule && (
          <Term name="Rule">
            <Link href={`/rules/${entry.rule.id}`}>{entry.rule.name}</Link>
            {entry.ruleVersion && <Text subdued> version {entry.ruleVersion.version}</Text>}
          </Term>
        )}
        {topic && <Term name="Webhook topic">{topic}</Term>}
        <Cost entry={entry} />
        {took !== undefined && <Term name="Duration">{span(took)}</Term>}
        <Term name="ID">
          <Stack inline gap="small-200" align="center">
            <Link href={`/activity/${entry.id}`}>{shortId(entry.id)}</Link>
            <Button variant="tertiary" icon="duplicate" label="Copy ID" onClick={onCopy} />
          </Stack>
        </Term>
      </Terms>
    </Section>
  );
}

function EntityTerm({ entity }: { entity: NonNullable<Entry['entity']> }) {
  return (
    <Term name={sentence(entity.type)}>
      <Stack gap="small-300">
        {entity.url ? (
          <Link href={adminHref(entity.url)} outside>
            {entity.title}
          </Link>
        ) : (
          entity.title
        )}
        <Link href={`/?range=30d&entity=${encodeURIComponent(entity.id)}`}>Activity of this record</Link>
      </Stack>
    </Term>
  );
}

function Cost({ entry }: { entry: Entry }) {
  const cost = fact(entry.metadata, 'apiCost', 'api_cost', 'cost');
  const attempts = fact(entry.metadata, 'attempts') ?? entry.error?.attempts;
  const parts = [
    typeof cost === 'number' ? `${number(cost)} ${cost === 1 ? 'point' : 'points'}` : undefined,
    typeof attempts === 'number' && attempts > 0 ? plural(attempts, 'attempt') : undefined,
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return null;
  return <Term name={cost === undefined ? 'Attempts' : 'API cost'}>{parts.join(', ')}</Term>;
}

/** How long it took: as recorded, or from its first status to its last. */
function duration(entry: Entry): number | undefined {
  const recorded = fact(entry.metadata, 'durationMs', 'duration_ms');
  if (typeof recorded === 'number') return recorded;
  const first = entry.history.at(0);
  const last = entry.history.at(-1);
  const running = entry.status === 'PENDING' || entry.status === 'IN_PROGRESS';
  if (!first || !last || first === last || running) return undefined;
  return Date.parse(last.at) - Date.parse(first.at);
}
