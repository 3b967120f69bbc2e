import { actorTitle } from '../../parts/entry';
import { operationHref, recordHref } from '../../parts/links';
import { NotRevertible } from '../../parts/revert';
import { WhenExactly } from '../../parts/when';
import { adminHref } from '../../shopify/admin';
import { Button, Link, Section, Stack, Term, Terms, Text } from '../../ui';
import { span } from '../../words/dates';
import { action, sentence, shortId, types } from '../../words/words';
import { facts, isMeasure } from './metadata';
import type { Entry } from './page';

/** The facts of an entry, beside it. */
export function Details({ entry, onCopy }: { entry: Entry; onCopy: () => void }) {
  return (
    <Section heading="Details">
      <Terms>
        <Term name="Type">{types[entry.type]}</Term>
        <Term name="Action">{action(entry.action)}</Term>
        <ActorTerm actor={entry.actor} />
        {entry.entity && <EntityTerm entity={entry.entity} />}
        {entry.rule && (
          <Term name="Rule">
            <Link href={`/rules/${entry.rule.id}`}>{entry.rule.name}</Link>
            {entry.ruleVersion && <Text subdued> version {entry.ruleVersion.version}</Text>}
          </Term>
        )}
        {entry.operation && (
          <Term name="Operation">
            <Link href={operationHref(entry.operation.id)}>{entry.operation.title}</Link>
          </Term>
        )}
        <Term name="Happened">
          <WhenExactly at={entry.occurredAt} />
        </Term>
        <Measures entry={entry} />
        <NotRevertible reason={entry.revertible ? null : entry.notRevertible} />
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

function ActorTerm({ actor }: { actor: Entry['actor'] }) {
  return (
    <Term name="Actor">
      {actor.id ? (
        <Link href={`/?range=30d&actor=${encodeURIComponent(actor.id)}`}>{actorTitle(actor)}</Link>
      ) : (
        actorTitle(actor)
      )}
    </Term>
  );
}

function EntityTerm({ entity }: { entity: NonNullable<Entry['entity']> }) {
  return (
    <Term name={sentence(entity.type)}>
      <Stack gap="small-300">
        <Link href={recordHref(entity.id)}>{entity.title}</Link>
        {entity.url && (
          <Link href={adminHref(entity.url)} outside>
            {isShopify(entity.id) ? 'Open in Shopify' : 'Open'}
          </Link>
        )}
      </Stack>
    </Term>
  );
}

/** True for a record of Shopify, whose address is in its admin. */
function isShopify(id: string): boolean {
  return id.startsWith('gid://shopify/');
}

/** How long it took, what it cost and how many tries. */
function Measures({ entry }: { entry: Entry }) {
  const measured = facts(entry.metadata).filter(isMeasure);
  const took = measured.some(({ name }) => name === 'Duration') ? undefined : duration(entry);
  return (
    <>
      {took !== undefined && <Term name="Duration">{span(took)}</Term>}
      {measured.map((fact) => (
        <Term key={fact.name} name={fact.name}>
          {fact.text}
        </Term>
      ))}
    </>
  );
}

/** How long it took from its first status to its last. */
function duration(entry: Entry): number | undefined {
  const first = entry.history.at(0);
  const last = entry.history.at(-1);
  const running = entry.status === 'PENDING' || entry.status === 'IN_PROGRESS';
  if (!first || !last || first === last || running) return undefined;
  return Date.parse(last.at) - Date.parse(first.at);
}
