import { useMemo } from 'react';
import { useQuery } from 'urql';
import { ActivityCountsDocument } from '../../generated/graphql';
import type { Interval } from '../../words/dates';
import { count } from '../../words/words';
import { apiFilter, type Filters, type Tab, tabs } from './filters';

/** How many entries each tab holds under the other filters, in words; empty until known. */
export function useCounts(
  filters: Filters,
  interval: Interval,
  pause: boolean,
): { counts: Partial<Record<Tab, string>>; refresh: () => void } {
  const variables = useMemo(() => {
    const filter = (tab: Tab) => apiFilter(filters, tab, interval);
    return {
      all: filter('ALL'),
      tags: filter('TAGS'),
      bulk: filter('BULK_OPERATIONS'),
      metafields: filter('METAFIELDS'),
      cleaning: filter('DATA_CLEANING'),
      system: filter('SYSTEM'),
    };
  }, [filters, interval]);
  const [{ data }, read] = useQuery({ query: ActivityCountsDocument, variables, pause });
  const counts: Partial<Record<Tab, string>> = {};
  if (data) {
    for (const tab of tabs) counts[tab] = count(data[tab].totalCount);
  }
  return { counts, refresh: () => read({ requestPolicy: 'network-only' }) };
}
