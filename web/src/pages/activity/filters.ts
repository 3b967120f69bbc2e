// The filters of the log as they stand in the address, and as the API takes them.
import type { ActivityCategory, ActivityFilter, ActivityStatus, ActivityType } from '../../generated/graphql';
import { type Day, type Interval, isDay, type Preset, presets } from '../../words/dates';
import { categories, types } from '../../words/words';

export type Tab = 'ALL' | ActivityCategory;

export const tabs: readonly Tab[] = [
  'ALL',
  'TAGS',
  'BULK_OPERATIONS',
  'METAFIELDS',
  'DATA_CLEANING',
  'SYSTEM',
];

/** The statuses that a person tells apart. Pending is waiting and running. */
export const shownStatuses = ['PENDING', 'SUCCESS', 'WARNING', 'FAILED'] as const;
export type ShownStatus = (typeof shownStatuses)[number];

export interface Filters {
  tab: Tab;
  statuses: ShownStatus[];
  types: ActivityType[];
  range: Preset;
  first?: Day;
  last?: Day;
  entity?: string;
  entityType?: string;
  rule?: string;
  actor?: string;
}

/** A page of the list: after or before a cursor, or the first. */
export interface Place {
  after?: string;
  before?: string;
}

export const pageSize = 50;

/** The filters that an address asks for. What it spells wrong is left out. */
export function readFilters(query: URLSearchParams): Filters {
  const first = query.get('from');
  const last = query.get('to');
  const range = one(query.get('range'), presets) ?? '24h';
  const custom = range === 'custom' && isDay(first) && isDay(last) && first <= last;
  return {
    tab: one(query.get('tab')?.toUpperCase(), tabs) ?? 'ALL',
    statuses: some(query.get('status'), shownStatuses),
    types: some(query.get('type'), Object.keys(types) as ActivityType[]),
    range: range === 'custom' && !custom ? '24h' : range,
    first: custom ? first : undefined,
    last: custom ? last : undefined,
    entity: query.get('entity') ?? undefined,
    entityType: query.get('entity_type') ?? undefined,
    rule: query.get('rule') ?? undefined,
    actor: query.get('actor') ?? undefined,
  };
}

/** The page that an address asks for. */
export function readPlace(query: URLSearchParams): Place {
  const after = query.get('after');
  const before = query.get('before');
  if (after) return { after };
  return before ? { before } : {};
}

/** The address's query for filters and a page. What is the default is left out, so that addresses stay short. */
export function writeQuery(filters: Filters, place: Place = {}): string {
  const query = new URLSearchParams();
  if (filters.tab !== 'ALL') query.set('tab', filters.tab.toLowerCase());
  if (filters.statuses.length > 0) query.set('status', filters.statuses.join(',').toLowerCase());
  if (filters.types.length > 0) query.set('type', filters.types.join(',').toLowerCase());
  if (filters.range !== '24h') query.set('range', filters.range);
  if (filters.range === 'custom' && filters.first && filters.last) {
    query.set('from', filters.first);
    query.set('to', filters.last);
  }
  if (filters.entity) query.set('entity', filters.entity);
  if (filters.entityType) query.set('entity_type', filters.entityType);
  if (filters.rule) query.set('rule', filters.rule);
  if (filters.actor) query.set('actor', filters.actor);
  if (place.after) query.set('after', place.after);
  if (place.before) query.set('before', place.before);
  const text = query.toString();
  return text ? `?${text}` : '';
}

/** The API's filter, for one tab and an interval. */
export function apiFilter(filters: Filters, tab: Tab, interval: Interval): ActivityFilter {
  const filter: ActivityFilter = { ...interval };
  if (tab !== 'ALL') filter.categories = [tab];
  if (filters.types.length > 0) filter.types = filters.types;
  if (filters.statuses.length > 0) filter.statuses = apiStatuses(filters.statuses);
  if (filters.entity) filter.entityId = filters.entity;
  if (filters.entityType) filter.entityTypes = [filters.entityType];
  if (filters.rule) filter.ruleId = filters.rule;
  if (filters.actor) filter.actorIds = [filters.actor];
  return filter;
}

/**
 * The filter of the live stream: all that does not change during an entry's life. Its status does, so entries that
 * leave the wanted statuses must still be told of.
 */
export function liveFilter(filters: Filters): ActivityFilter {
  return apiFilter({ ...filters, statuses: [] }, filters.tab, {});
}

/** The API's statuses for those that a person tells apart. */
export function apiStatuses(shown: readonly ShownStatus[]): ActivityStatus[] {
  return shown.flatMap((status): ActivityStatus[] =>
    status === 'PENDING' ? ['PENDING', 'IN_PROGRESS'] : [status],
  );
}

/** True where nothing narrows the list but the default range. */
export function isWide(filters: Filters): boolean {
  return filters.tab === 'ALL' && filters.range === '24h' && !isNarrowed(filters);
}

/** True where a filter holds that can be cleared, the tab and the range aside. */
export function isNarrowed(filters: Filters): boolean {
  return (
    filters.statuses.length > 0 ||
    filters.types.length > 0 ||
    [filters.entity, filters.entityType, filters.rule, filters.actor].some((value) => value !== undefined)
  );
}

/** The filters with all that can be cleared cleared; the tab and the range stay. */
export function cleared(filters: Filters): Filters {
  return {
    tab: filters.tab,
    statuses: [],
    types: [],
    range: filters.range,
    first: filters.first,
    last: filters.last,
  };
}

/** A tab's name. */
export function tabName(tab: Tab): string {
  return tab === 'ALL' ? 'All' : categories[tab];
}

function one<Value extends string>(text: string | null | undefined, of: readonly Value[]): Value | undefined {
  return of.find((value) => value === text);
}

function some<Value extends string>(text: string | null, of: readonly Value[]): Value[] {
  const wanted = new Set((text ?? '').toUpperCase().split(','));
  return of.filter((value) => wanted.has(value));
}
