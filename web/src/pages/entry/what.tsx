import {
  BeforeAfter,
  ChangeChip,
  Chips,
  Code,
  FieldChange,
  Fold,
  Pair,
  Section,
  Stack,
  Text,
} from '../../ui';
import { sentence } from '../../words/words';
import { deed, isList, tagChanges, valueChange } from './changes';
import type { Entry } from './page';

/** What changed, field by field. */
export function WhatChanged({ entry }: { entry: Entry }) {
  return (
    <Section heading="What changed">
      {entry.changes.length === 0 ? (
        <Text subdued>{nothing(entry)}</Text>
      ) : (
        entry.changes.map((change) => (
          <FieldChange key={change.field} name={sentence(change.field)}>
            {isList(change.before, change.after) ? (
              <Chips>
                {tagChanges(change.before, change.after).map(({ tag, kind }) => (
                  <ChangeChip key={`${kind} ${tag}`} kind={kind}>
                    {tag}
                  </ChangeChip>
                ))}
              </Chips>
            ) : (
              <Values before={change.before} after={change.after} />
            )}
          </FieldChange>
        ))
      )}
    </Section>
  );
}

function nothing(entry: Entry): string {
  if (entry.status === 'PENDING' || entry.status === 'IN_PROGRESS')
    return 'Nothing yet: this is still being worked on.';
  if (entry.status === 'FAILED') return 'Nothing was changed.';
  if (entry.type !== 'WEBHOOK') return 'This entry records that something happened; it changed no field.';
  if (entry.effects.nodes.length > 0) return 'The webhook itself changes nothing. What came of it is below.';
  return 'Nothing. The webhook told of a change; no rule had to change anything.';
}

function Values(props: { before: unknown; after: unknown }) {
  const { folded, before, after } = valueChange(props.before, props.after);
  if (!folded) return <BeforeAfter before={before} after={after} />;
  return (
    <Fold summary={`${deed(props.before, props.after)}: show before and after`}>
      <Pair>
        <Stack gap="small-300">
          <Text subdued>Before</Text>
          <Code>{before}</Code>
        </Stack>
        <Stack gap="small-300">
          <Text subdued>After</Text>
          <Code>{after}</Code>
        </Stack>
      </Pair>
    </Fold>
  );
}
