import { useEffect, useEffectEvent, useState } from 'react';
import { useQuery } from 'urql';
import { listen } from '../../api/live';
import { JobChangedDocument, type JobFragment, RunningJobsDocument } from '../../generated/graphql';
import { StatusBadge } from '../../parts/entry';
import { Button, Items, Link, Progress, Section, Text } from '../../ui';
import { isRunning, progressOf, progressWords } from './words';

/** The jobs that retry: those that run, and those that were started here until they are dismissed. */
export function useJobs(onFinished: () => void) {
  const [{ data }, read] = useQuery({ query: RunningJobsDocument, requestPolicy: 'cache-and-network' });
  const [told, setTold] = useState<ReadonlyMap<string, JobFragment>>(new Map());
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const tell = (job: JobFragment) => setTold((before) => new Map(before).set(job.id, job));

  const onChange = useEffectEvent((job: JobFragment) => {
    tell(job);
    if (!isRunning(job.status)) onFinished();
  });
  const onAgain = useEffectEvent(() => {
    read({ requestPolicy: 'network-only' });
    onFinished();
  });
  useEffect(() => {
    let first = true;
    return listen(
      JobChangedDocument,
      {},
      {
        next: ({ activityChanged }) => onChange(activityChanged),
        connected: () => {
          if (!first) onAgain();
          first = false;
        },
      },
    );
  }, []);

  const known = new Map((data?.activities.nodes ?? []).map((job) => [job.id, job]));
  for (const [id, job] of told) known.set(id, job);
  return {
    shown: [...known.values()].filter((job) => !dismissed.has(job.id)),
    started: tell,
    dismiss: (id: string) => setDismissed((before) => new Set(before).add(id)),
  };
}

/** How far each job has come. */
export function Jobs(props: { jobs: readonly JobFragment[]; onDismiss: (id: string) => void }) {
  if (props.jobs.length === 0) return null;
  return (
    <Section heading="Retries">
      <Items
        label="Jobs"
        items={props.jobs.map((job) => {
          const progress = progressOf(job.metadata);
          const words = progressWords(job.status, progress);
          return {
            key: job.id,
            head: (
              <>
                <Link href={`/activity/${job.id}`}>{job.summary}</Link>
                <StatusBadge status={job.status} />
              </>
            ),
            children: (
              <>
                {progress && (
                  <Progress
                    label={words}
                    value={progress.done}
                    max={progress.total}
                    tone={isRunning(job.status) ? 'auto' : progress.failed > 0 ? 'warning' : 'success'}
                  />
                )}
                <Text subdued>{words}</Text>
              </>
            ),
            actions: !isRunning(job.status) && (
              <Button variant="tertiary" onClick={() => props.onDismiss(job.id)}>
                Dismiss
              </Button>
            ),
          };
        })}
      />
    </Section>
  );
}
