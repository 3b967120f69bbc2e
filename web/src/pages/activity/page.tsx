import { useEffect, useMemo } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { ActivityListDocument, type ActivityRowFragment } from '../../generated/graphql';
import { useNow } from '../../parts/now';
import { useShop, useZone } from '../../parts/shop';
import { Button, HeldBar, Page, Section } from '../../ui';
import { intervalOf } from '../../words/dates';
import { number } from '../../words/words';
import { useCounts } from './counts';
import { ActivityEmpty } from './empty';
import { ActivityError } from './error';
import {
  apiFilter,
  apiStatuses,
  type Filters,
  liveFilter,
  pageSize,
  readFilters,
  readPlace,
  writeQuery,
} from './filters';
import { useLive } from './live';
import { heldCount, merged } from './merge';
import { ActivityRows } from './rows';
import { ActivitySkeleton } from './skeleton';
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
  const interval = useMemo(
    () =>
      intervalOf(
        filters.range,
        new Date(),
        filters.range === '24h' ? 'UTC' : zone,
        filters.first,
        filters.last,
      ),
    [filters.range, filters.first, filters.last, zone],
  );

  const paging = place.before
    ? { last: pageSize, before: place.before }
    : { first: pageSize, after: place.after };
  const [{ data, error, fetching }, read] = useQuery({
    query: ActivityListDocument,
    variables: { ...paging, filter: apiFilter(filters, filters.tab, interval) },
    pause: !ready,
    requestPolicy: 'cache-and-network',
  });
  const rows = data?.activities.nodes ?? none;
  const counts = useCounts(filters, interval, !ready);

  const { live, release } = useLive({
    filter: liveFilter(filters),
    rows,
    limit: pageSize,
    firstPage,
    refresh: counts.refresh,
    reread: () => {
      read({ requestPolicy: 'network-only' });
      counts.refresh();
    },
  });
  const wanted = { statuses: apiStatuses(filters.statuses), ...interval };
  const shown = merged(rows, live, wanted, pageSize);
  const held = heldCount(live, wanted);

  const go = (next: Filters) => navigate({ pathname: '/', search: writeQuery(next) });
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
      lead="Everything that happened in your shop, why, and how to take it back"
    >
      <Section label="Activity" padding="none">
        <ActivityToolbar filters={filters} counts={counts.counts} onChange={go} />
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
        ) : shown.length === 0 && !fetching ? (
          <ActivityEmpty filters={filters} onChange={go} />
        ) : (
          <ActivityRows
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
    </Page>
  );
}
