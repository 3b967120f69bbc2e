// What to widen where nothing matches: one filter fewer, or more time. Pure.
import type { ActivityFilter } from '../../generated/graphql';
import {
  type Axis,
  apiFilter,
  axes,
  cleared,
  type Filters,
  intervalIn,
  ranged,
  tabName,
  without,
} from './filters';
import type { Names } from './known';
import { nameOf, recordName } from './known';
import { reach, timeless } from './search';

/** A way to look wider: its name, the page's filters for it, and the API's. */
export interface Wider {
  name: string;
  filters: Filters;
  filter: ActivityFilter;
}

/** At most four ways, the one that keeps most of what was asked first. */
export function widen(filters: Filters, names: Names, now: Date, zone: string): Wider[] {
  const ways: { name: string; filters: Filters }[] = [];
  const held = axes(filters);
  const own = reach(filters.search) !== null;
  if (reach(timeless(filters.search)) === null && (own || filters.range !== '30d')) {
    ways.push({ name: 'Look at the last 30 days', filters: ranged(filters, '30d') });
  }
  if (filters.tab !== 'ALL') {
    ways.push({ name: `Look beyond ${tabName(filters.tab)}`, filters: { ...filters, tab: 'ALL' } });
  }
  for (const axis of held) {
    ways.push({ name: `Without ${axisName(axis, filters, names)}`, filters: without(filters, axis) });
  }
  const all = { name: 'Without any filter', filters: { ...cleared(filters), tab: 'ALL' as const } };
  const several = held.length + (filters.tab === 'ALL' ? 0 : 1) > 1;
  const shown = several ? [...ways.slice(0, 3), all] : ways.slice(0, 4);
  return shown.map((way) => ({
    ...way,
    filter: apiFilter(way.filters, way.filters.tab, intervalIn(way.filters, now, zone)),
  }));
}

function axisName(axis: Axis, filters: Filters, names: Names): string {
  switch (axis) {
    case 'search':
      return 'the search';
    case 'statuses':
      return 'the status';
    case 'types':
      return 'the type';
    case 'actions':
      return 'the action';
    case 'actors':
      return filters.actors.length === 1
        ? `the user ${nameOf(filters.actors[0] ?? '', names.actors)}`
        : 'the users';
    case 'entityTypes':
      return 'the kind of record';
    case 'entity':
      return `the record ${recordName(filters.entity ?? '', names.record)}`;
    case 'rule':
      return `the rule ${nameOf(filters.rule ?? '', names.rules)}`;
    case 'operation':
      return 'the operation';
  }
}
