import { useEffect, useEffectEvent } from 'react';
import { useQuery } from 'urql';
import { listen } from '../../api/live';
import { ActivityChangedDocument, ExplainDocument, type ExplainQuery } from '../../generated/graphql';
import { Conditions } from '../../parts/conditions';
import { actorName, actorTitle } from '../../parts/entry';
import { useRetry } from '../../parts/retry';
import { WhenExactly } from '../../parts/when';
import { Answer, Badge, Button, FieldError, Link, Paragraph, Stack, Text } from '../../ui';
import { ExplainEmpty } from './empty';
import { ExplainError } from './error';
import { inOrder, outcomeOf } from './outcomes';
import { ExplainSkeleton } from './skeleton';

type Explanation = ExplainQuery['explain'][number];

/** What each rule made of the record. */
export function Answers({ record, rule }: { record: string; rule: string }) {
  const [{ data, error }, read] = useQuery({
    query: ExplainDocument,
    variables: { resourceId: record, ruleId: rule || undefined },
    requestPolicy: 'cache-and-network',
  });
  const reread = () => read({ requestPolicy: 'network-only' });
  useRecordChanges(record, reread);
  if (!data) {
    const refused = error?.graphQLErrors[0]?.message;
    return error ? <ExplainError message={refused} onRetry={reread} /> : <ExplainSkeleton />;
  }
  if (data.explain.length === 0) return <ExplainEmpty />;
  return inOrder(data.explain).map((one) => <OneAnswer key={one.rule.id} answer={one} />);
}

function OneAnswer({ answer }: { answer: Explanation }) {
  const { name, icon, tone, badge } = outcomeOf(answer.outcome);
  const retry = useRetry();
  const { activity, evaluation, removedBy } = answer;
  return (
    <Answer
      icon={icon}
      tone={tone}
      name={<Link href={`/rules/${answer.rule.id}`}>{answer.rule.name}</Link>}
      badge={<Badge tone={badge}>{name}</Badge>}
    >
      <Paragraph>{answer.message}</Paragraph>
      {evaluation && evaluation.conditions.length > 0 && (
        <div>
          <Conditions conditions={evaluation.conditions} />
        </div>
      )}
      {removedBy && !answer.message.includes(actorName(removedBy)) && (
        <Text subdued>Removed by {actorTitle(removedBy)}</Text>
      )}
      {(answer.at || activity) && (
        <Stack inline gap="small-200" align="center">
          {answer.at && (
            <Text subdued>
              <WhenExactly at={answer.at} />
            </Text>
          )}
          {activity && <Link href={`/activity/${activity.id}`}>Show entry</Link>}
          {evaluation && <Text subdued>Version {evaluation.version} of the rule</Text>}
        </Stack>
      )}
      {activity?.retryable && (
        <Button icon="refresh" busy={retry.busy} onClick={() => void retry.run(activity.id)}>
          Retry
        </Button>
      )}
      <FieldError message={retry.problem} />
    </Answer>
  );
}

/** Asks again when something happens to the record. */
function useRecordChanges(record: string, reread: () => void): void {
  const onChange = useEffectEvent(reread);
  useEffect(() => {
    let first = true;
    return listen(
      ActivityChangedDocument,
      { filter: { entityId: record } },
      {
        next: () => onChange(),
        connected: () => {
          if (!first) onChange();
          first = false;
        },
      },
    );
  }, [record]);
}
