import { useMemo } from 'react';
import { useQuery } from 'urql';
import { type ActivityInterval, LogStatsDocument, type LogStatsQuery } from '../../generated/graphql';
import type { Interval } from '../../words/dates';
import { count, number } from '../../words/words';
import { apiFilter, type Filters, type Tab } from './filters';

/** What the tabs and the chart count. */
export interface Stats {
  chart?: LogStatsQuery['chart'];
  /** How many entries each tab holds under the other filters, in words; empty until known. */
  tabs: Partial<Record<Tab, string>>;
  failed: boolean;
  refresh: () => void;
}

/** Counts what the filters match: over time for the chart, and for each tab as if it were chosen. */
export function useStats(
  filters: Filters,
  interval: Interval,
  step: ActivityInterval,
  pause: boolean,
): Stats {
  const variables = useMemo(
    () => ({
      filter: apiFilter(filters, filters.tab, interval),
      wide: apiFilter(filters, 'ALL', interval),
      tabbed: filters.tab !== 'ALL',
      interval: step,
    }),
    [filters, interval, step],
  );
  const [{ data, error }, read] = useQuery({ query: LogStatsDocument, variables, pause });
  return {
    chart: data?.chart,
    tabs: tabCounts(data),
    failed: error !== undefined && data === undefined,
    refresh: () => read({ requestPolicy: 'network-only' }),
  };
}

function tabCounts(data: LogStatsQuery | undefined): Stats['tabs'] {
  const counted = data?.tabs ?? data?.chart;
  if (!counted || data?.chart.userErrors.length) return {};
  const tabs: Stats['tabs'] = { ALL: count(counted.total) };
  for (const { category, count: of } of counted.byCategory) tabs[category] = number(of);
  return tabs;
}
