import { useState } from 'react';
import { useMutation } from 'urql';
import {
  type ActivityFilter,
  type FailuresQuery,
  type JobFragment,
  RetryAllDocument,
} from '../../generated/graphql';
import { Ago } from '../../parts/entry';
import { useNow } from '../../parts/now';
import { Badge, Button, FieldError, Inset, Items, Link, Modal, Paragraph, Text } from '../../ui';
import { cause } from '../../words/operations';
import { number, plural } from '../../words/words';

type Group = FailuresQuery['activityFailures'][number];

/** The causes, the most frequent first, each with what to do. */
export function Groups(props: {
  groups: readonly Group[];
  filter: ActivityFilter;
  range: string;
  onStarted: (job: JobFragment) => void;
}) {
  const [asked, setAsked] = useState<Group | null>(null);
  const now = useNow();
  return (
    <Inset>
      <Items
        label="Causes"
        items={props.groups.map((group) => ({
          key: group.code,
          head: (
            <>
              <Text strong>{cause(group.code)}</Text>
              <Badge tone="critical">{plural(group.count, 'entry', 'entries')}</Badge>
            </>
          ),
          children: (
            <>
              <Paragraph>{group.message}</Paragraph>
              <Text subdued>
                <Link href={logHref(group.code, props.range)}>Show them in the log</Link>
                {' · '}Newest: <Link href={`/activity/${group.latest.id}`}>{group.latest.summary}</Link>
                {' · '}
                <Ago at={group.latestAt} now={now} lower />
              </Text>
            </>
          ),
          actions: group.retryable > 0 && (
            <Button icon="refresh" onClick={() => setAsked(group)}>
              {`Retry all ${number(group.retryable)}`}
            </Button>
          ),
        }))}
      />
      <Confirm
        group={asked}
        filter={props.filter}
        onClose={() => setAsked(null)}
        onStarted={(job) => {
          setAsked(null);
          props.onStarted(job);
        }}
      />
    </Inset>
  );
}

/** The log, narrowed to the failures of one cause. */
function logHref(code: string, range: string): string {
  return `/?${new URLSearchParams({ q: `error:${code}`, range })}`;
}

/** Asks before everything that failed by one cause is done again. */
function Confirm(props: {
  group: Group | null;
  filter: ActivityFilter;
  onClose: () => void;
  onStarted: (job: JobFragment) => void;
}) {
  const { group } = props;
  const [problem, setProblem] = useState<string>();
  const [{ fetching }, retryAll] = useMutation(RetryAllDocument);
  const count = plural(group?.retryable ?? 0, 'entry', 'entries');
  const run = async () => {
    if (!group) return;
    setProblem(undefined);
    const { data, error } = await retryAll({ code: group.code, filter: props.filter });
    const job = data?.activityRetryAll.activity;
    const refused = data?.activityRetryAll.userErrors[0]?.message;
    if (job) props.onStarted(job);
    else if (refused || error) setProblem(refused ?? 'The server could not be reached. Try again.');
  };
  return (
    <Modal
      heading={`Try ${count} again?`}
      open={group !== null}
      onClose={() => {
        setProblem(undefined);
        props.onClose();
      }}
      primaryAction={
        <Button slot="primary-action" variant="primary" busy={fetching} onClick={() => void run()}>
          {`Retry ${count}`}
        </Button>
      }
      secondaryAction={
        <Button slot="secondary-actions" onClick={props.onClose}>
          Cancel
        </Button>
      }
    >
      <Paragraph>
        Each is worked on again as if it had just arrived, in the background. Nothing is done twice: what was
        changed already stays as it is. Earlier attempts stay in each entry’s history.
      </Paragraph>
      <FieldError message={problem} />
    </Modal>
  );
}
