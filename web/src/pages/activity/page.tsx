import { useEffect, useMemo, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { ActivityListDocument, type ActivityRowFragment } from '../../generated/graphql';
import { explainHref } from '../../parts/links';
import { useNow } from '../../parts/now';
import { useShop, useZone } from '../../parts/shop';
import { Button, HeldBar, Page, Section } from '../../ui';
import { number } from '../../words/words';
import { Archive } from './archive';
import { ActivityChart } from './chart-card';
import { ActivityEmpty } from './empty';
import { ActivityError, ActivityMisread } from './error';
import {
  apiFilter,
  apiStatuses,
  type Filters,
  intervalIn,
  liveFilter,
  pageSize,
  readFilters,
  readPlace,
  stepOf,
  writeQuery,
} from './filters';
import { useNames } from './known';
import { useLive } from './live';
import { heldCount, merged } from './merge';
import { ActivityRows } from './rows';
import { reach } from './search';
import { ActivitySkeleton } from './skeleton';
import { useStats } from './stats';
import { ActivityToolbar } from './toolbar';

const none: ActivityRowFragment[] = [];

/** The log: everything that happened, newest first, as it happens. */
export function ActivityPage() {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const filters = useMemo(() => readFilters(query), [query]);
  const place = useMemo(() => readPlace(query), [query]);
  const firstPage = !place.after && !place.before;

  const zone = useZone();
  const shop = useShop();
  // Days are the shop's, so all ranges but the last 24 hours wait until its time zone is known.
  const ready = shop !== null || filters.range === '24h';
  const range = JSON.stringify([filters.range, filters.span, reach(filters.search)]);
  // Of the filters only what makes the range counts here: it must stand still while the others change.
  const { interval, step } = useMemo(() => {
    const now = new Date();
    const interval = intervalIn(filters, now, filters.range === '24h' ? 'UTC' : zone);
    return { interval, step: stepOf(filters, interval, now) };
  }, [range, zone]);

  const paging = place.before
    ? { last: pageSize, before: place.before }
    : { first: pageSize, after: place.after };
  const [{ data, error, fetching }, read] = useQuery({
    query: ActivityListDocument,
    variables: { ...paging, filter: apiFilter(filters, filters.tab, interval) },
    pause: !ready,
    requestPolicy: 'cache-and-network',
  });
  // Answers to another question are other rows, even where some are the same entries: they do not move, they stand anew.
  const question = writeQuery(filters, place);
  const [answered, setAnswered] = useState(question);
  if (data && !fetching && answered !== question) setAnswered(question);
  const rows = data?.activities.nodes ?? none;
  const wrong = data?.activities.userErrors[0]?.message;
  const stats = useStats(filters, interval, step, !ready);
  const [asked, setAsked] = useState(false);
  const names = useNames(filters, asked);

  const { live, release } = useLive({
    filter: liveFilter(filters),
    rows,
    limit: pageSize,
    firstPage,
    refresh: stats.refresh,
    reread: () => {
      read({ requestPolicy: 'network-only' });
      stats.refresh();
    },
  });
  const wanted = { statuses: apiStatuses(filters.statuses), ...interval };
  const shown = merged(rows, live, wanted, pageSize);
  const held = heldCount(live, wanted);

  const go = (next: Filters, how?: { replace: boolean }) =>
    navigate({ pathname: '/', search: writeQuery(next) }, how);
  const turn = (to: { after?: string | null; before?: string | null }) => {
    window.scrollTo({ top: 0 });
    navigate({
      search: writeQuery(filters, { after: to.after ?? undefined, before: to.before ?? undefined }),
    });
  };
  const showHeld = () => {
    window.scrollTo({ top: 0 });
    release();
    if (!firstPage) go(filters);
  };

  const page = data?.activities.pageInfo;
  // A page reached by going back that begins with the newest entry is the first page, where entries appear live. A
  // page whose entries have left the range leads there too.
  const settled = data !== undefined && !fetching && !firstPage;
  const astray =
    settled && (rows.length === 0 || (place.before !== undefined && page?.hasPreviousPage === false));
  useEffect(() => {
    if (astray) navigate({ search: writeQuery(filters) }, { replace: true });
  }, [astray, filters, navigate]);

  const now = useNow();
  return (
    <Page
      heading="Activity"
      size="large"
      lead="Everything that happened in your shop, and why"
      secondaryActions={
        <Button slot="secondary-actions" href={explainHref({ record: filters.entity, rule: filters.rule })}>
          Explain a record
        </Button>
      }
    >
      <ActivityChart filters={filters} stats={stats} step={step} onChange={go} />
      <Section label="Activity" padding="none">
        <ActivityToolbar
          filters={filters}
          counts={stats.tabs}
          names={names}
          wrong={wrong}
          onAsk={() => setAsked(true)}
          onChange={go}
        />
        {held > 0 && (
          <HeldBar>
            <Button icon="arrow-up" onClick={showHeld}>
              {number(held)} new
            </Button>
          </HeldBar>
        )}
        {error && !data ? (
          <ActivityError onRetry={() => read({ requestPolicy: 'network-only' })} />
        ) : !data ? (
          <ActivitySkeleton />
        ) : wrong ? (
          <ActivityMisread onClear={() => go({ ...filters, search: '' })} />
        ) : shown.length === 0 && !fetching ? (
          <ActivityEmpty filters={filters} names={names} zone={zone} onChange={go} />
        ) : (
          <ActivityRows
            key={answered}
            rows={shown}
            fresh={live.shown}
            now={now}
            paging={{
              // Going back by a cursor, the API may not know whether more follows: we came from there.
              next: place.before ? true : (page?.hasNextPage ?? false),
              previous: place.after ? true : (page?.hasPreviousPage ?? false),
              onNext: () => turn({ after: page?.endCursor }),
              onPrevious: () => turn({ before: page?.startCursor }),
            }}
          />
        )}
      </Section>
      {ready && page && !page.hasNextPage && (
        <Archive
          key={`archive ${writeQuery(filters)}`}
          filter={apiFilter(filters, filters.tab, interval)}
          zone={zone}
        />
      )}
    </Page>
  );
}
