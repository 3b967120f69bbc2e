import { actorTitle } from '../../parts/entry';
import { operationHref } from '../../parts/links';
import { isRunning } from '../../parts/operation-words';
import { NotRevertible } from '../../parts/revert';
import { WhenExactly } from '../../parts/when';
import { ChangeChip, Chips, Link, Section, Stack, Term, Terms, Text } from '../../ui';
import { span } from '../../words/dates';
import { kinds, noun, operationStatuses } from '../../words/operations';
import { plural, sentence } from '../../words/words';
import type { Operation } from './page';

/** The facts of an operation, beside it. */
export function Details({ operation }: { operation: Operation }) {
  const took = duration(operation);
  return (
    <Section heading="Details">
      <Terms>
        <NotRevertible
          reason={operation.revertible || isRunning(operation.status) ? null : operation.notRevertible}
        />
        <Term name="Kind">{kinds[operation.kind]}</Term>
        <Term name="Records">
          {sentence(noun(operation.resource))}: {operation.selected}
        </Term>
        <TagsTerm operation={operation} />
        {operation.note && <Term name="Note">{operation.note}</Term>}
        <Term name="Started by">{actorTitle(operation.createdBy)}</Term>
        <Term name="Asked for">
          <WhenExactly at={operation.createdAt} />
        </Term>
        {operation.finishedAt && (
          <Term name="Ended">
            <WhenExactly at={operation.finishedAt} />
          </Term>
        )}
        {took !== undefined && <Term name="Duration">{span(took)}</Term>}
        <Term name="How">
          {operation.bulk ? 'By Shopify’s bulk operations' : 'By single calls'}
          {operation.cost > 0 && <Text subdued> · {plural(operation.cost, 'point')} of API cost</Text>}
        </Term>
        <Linked operation={operation} />
        <Term name="In the log">
          <Link href={`/activity/${operation.activity.id}`}>Show its entry</Link>
        </Term>
      </Terms>
    </Section>
  );
}

/** The tags that it is about; of very many only the first. */
const mostTags = 20;

function TagsTerm({ operation }: { operation: Operation }) {
  const { tags, replaceWith } = operation;
  if (tags.length === 0) return null;
  const kind = operation.kind === 'TAG_ADD' ? 'added' : 'removed';
  return (
    <Term name="Tags">
      <Chips>
        {tags.slice(0, mostTags).map((tag) => (
          <ChangeChip key={tag} kind={kind}>
            {tag}
          </ChangeChip>
        ))}
        {replaceWith && <ChangeChip kind="added">{replaceWith}</ChangeChip>}
        {tags.length > mostTags && <Text subdued>and {plural(tags.length - mostTags, 'more', 'more')}</Text>}
      </Chips>
    </Term>
  );
}

/** What it takes back, and what took it back. */
function Linked({ operation }: { operation: Operation }) {
  const { revertOf, revertedBy } = operation;
  return (
    <>
      {revertOf && (
        <Term name="Takes back">
          <Link href={operationHref(revertOf.id)}>{revertOf.title}</Link>
        </Term>
      )}
      {revertedBy.length > 0 && (
        <Term name="Taken back by">
          <Stack gap="small-300">
            {revertedBy.map((one) => (
              <span key={one.id}>
                <Link href={operationHref(one.id)}>{one.title}</Link>{' '}
                <Text subdued>
                  {operationStatuses[one.status]} · {actorTitle(one.createdBy)},{' '}
                  <WhenExactly at={one.createdAt} />
                </Text>
              </span>
            ))}
          </Stack>
        </Term>
      )}
    </>
  );
}

function duration(operation: Operation): number | undefined {
  const { startedAt, finishedAt } = operation;
  return startedAt && finishedAt ? Date.parse(finishedAt) - Date.parse(startedAt) : undefined;
}
