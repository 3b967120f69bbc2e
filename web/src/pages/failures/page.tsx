import { useMemo, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { type ActivityFilter, FailuresDocument } from '../../generated/graphql';
import { useZone } from '../../parts/shop';
import { Link, Page, Section, Select, Toolbar } from '../../ui';
import { intervalOf } from '../../words/dates';
import { FailuresEmpty } from './empty';
import { FailuresError } from './error';
import { Groups } from './groups';
import { Jobs, useJobs } from './jobs';
import { GroupBones } from './skeleton';

const ranges = ['24h', '7d', '30d'] as const;
type Range = (typeof ranges)[number];
const rangeNames: Record<Range, string> = { '24h': 'Last 24 hours', '7d': '7 days', '30d': '30 days' };

/** What went wrong, by its cause, with a way to do it all again. */
export function FailuresPage() {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const range = ranges.find((one) => one === query.get('range')) ?? '7d';
  const zone = useZone();
  // The interval begins where it began when the page was opened or a range was chosen, so that the question stays one.
  const [now] = useState(() => new Date());
  const filter = useMemo((): ActivityFilter => intervalOf(range, now, zone), [range, now, zone]);
  const [{ data, error }, read] = useQuery({
    query: FailuresDocument,
    variables: { filter },
    requestPolicy: 'cache-and-network',
  });
  const reread = () => read({ requestPolicy: 'network-only' });
  const jobs = useJobs(reread);
  const groups = data?.activityFailures ?? [];

  return (
    <Page
      heading="Failures"
      back={{ href: '/', label: 'Activity' }}
      lead="What went wrong, by its cause, and what to do about it"
    >
      <Jobs jobs={jobs.shown} onDismiss={jobs.dismiss} />
      <Section label="Failures by cause" padding="none">
        <Toolbar
          end={
            groups.length > 0 && (
              <Link href={`/?status=warning,failed&range=${range}`}>Show them in the log</Link>
            )
          }
        >
          <Select<Range>
            label="Date range"
            quiet
            value={range}
            options={ranges.map((value) => ({ value, label: rangeNames[value] }))}
            onChange={(value) => navigate({ search: value === '7d' ? '' : `?range=${value}` })}
          />
        </Toolbar>
        {!data && error ? (
          <FailuresError onRetry={reread} />
        ) : !data ? (
          <GroupBones />
        ) : groups.length === 0 ? (
          <FailuresEmpty range={rangeNames[range]} />
        ) : (
          <Groups groups={groups} filter={filter} range={range} onStarted={jobs.started} />
        )}
      </Section>
    </Page>
  );
}
