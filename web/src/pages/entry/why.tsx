import type { EvaluationFragment } from '../../generated/graphql';
import { Conditions } from '../../parts/conditions';
import {
  Badge,
  type BadgeTone,
  ChangeChip,
  Chips,
  Fold,
  Link,
  Paragraph,
  Section,
  Stack,
  Text,
} from '../../ui';
import { outcome, plural, reasons } from '../../words/words';
import type { Entry } from './page';

/** Why it happened, or did not: each rule that was looked at, with each condition. */
export function Why({ entry }: { entry: Entry }) {
  const only = ownVerdict(entry);
  if (only) {
    return (
      <Section heading={`Why: rule ${only.name}, version ${only.version}`}>
        <Verdict evaluation={only} />
      </Section>
    );
  }
  if (entry.evaluations.length > 0) return <Considered evaluations={entry.evaluations} />;
  if (entry.rule && entry.ruleVersion) {
    return (
      <Section heading="Why">
        <Paragraph>
          The rule <Link href={`/rules/${entry.rule.id}`}>{entry.rule.name}</Link> did it, in its version{' '}
          {entry.ruleVersion.version}.
        </Paragraph>
      </Section>
    );
  }
  if (entry.type !== 'WEBHOOK') return null;
  return (
    <Section heading="Why">
      <Text subdued>{unconsidered(entry)}</Text>
    </Section>
  );
}

/** What the rule that made an entry said: kept with the entry, or with the webhook that made the rule look. */
function ownVerdict(entry: Entry): EvaluationFragment | undefined {
  if (entry.type === 'WEBHOOK') return undefined;
  const verdicts = entry.evaluations.length > 0 ? entry.evaluations : (entry.cause?.evaluations ?? []);
  if (verdicts.length === 1) return verdicts[0];
  return verdicts.find((one) =>
    entry.rule ? one.rule?.id === entry.rule.id : one.matched && one.name === entry.actor.name,
  );
}

/** Why no rule was looked at. */
function unconsidered(entry: Entry): string {
  if (entry.status === 'PENDING' || entry.status === 'IN_PROGRESS')
    return 'The rules have not been looked at yet.';
  if (entry.status === 'FAILED') return 'No rule was looked at, because the webhook could not be processed.';
  return 'No rule was looked at: none is about this kind of record.';
}

function Considered(props: { evaluations: readonly EvaluationFragment[] }) {
  const matched = props.evaluations.filter((one) => one.outcome === 'MATCHED').length;
  const ordered = [...props.evaluations].sort(
    (a, b) => Number(b.outcome === 'MATCHED') - Number(a.outcome === 'MATCHED'),
  );
  return (
    <Section
      heading={`Why: ${plural(props.evaluations.length, 'rule')} considered, ${matched === 0 ? 'none' : matched} matched`}
    >
      {ordered.map((one) => (
        <Fold
          key={`${one.name} ${one.version} ${one.rule?.id}`}
          open={one.matched}
          summary={
            <>
              <Text strong>{one.name}</Text>
              <Badge tone={tones[one.outcome] ?? 'neutral'}>{outcome(one.outcome)}</Badge>
              <Text subdued>{missed(one)}</Text>
            </>
          }
        >
          <Verdict evaluation={one} />
        </Fold>
      ))}
    </Section>
  );
}

const tones: Record<string, BadgeTone> = {
  MATCHED: 'success',
  OUTRANKED: 'info',
  PAUSED: 'warning',
  ERROR: 'critical',
};

/** How many conditions failed, where that is why. */
function missed(one: EvaluationFragment): string {
  const failed = one.conditions.filter((condition) => !condition.passed).length;
  if (one.outcome !== 'NOT_MATCHED' || failed === 0) return '';
  return `${failed} of ${plural(one.conditions.length, 'condition')} failed`;
}

function Verdict({ evaluation }: { evaluation: EvaluationFragment }) {
  const reason = reasons[evaluation.outcome];
  return (
    <Stack gap="small-300">
      {reason && <Text subdued>{reason}</Text>}
      {(evaluation.conditions.length > 0 || evaluation.matched) && (
        <div>
          <Conditions conditions={evaluation.conditions} />
        </div>
      )}
      {evaluation.matched && (evaluation.addTags.length > 0 || evaluation.removeTags.length > 0) && (
        <Stack inline gap="small-200" align="center">
          <Text subdued>Asked for</Text>
          <Chips>
            {evaluation.addTags.map((tag) => (
              <ChangeChip key={tag} kind="added">
                {tag}
              </ChangeChip>
            ))}
            {evaluation.removeTags.map((tag) => (
              <ChangeChip key={tag} kind="removed">
                {tag}
              </ChangeChip>
            ))}
          </Chips>
        </Stack>
      )}
      {evaluation.rule && (
        <Text subdued>
          Version {evaluation.version} · <Link href={`/rules/${evaluation.rule.id}`}>Open rule</Link>
        </Text>
      )}
    </Stack>
  );
}
