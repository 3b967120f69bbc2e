// The filters of the log as they stand in the address, and as the API takes them.
import type {
  ActivityCategory,
  ActivityFilter,
  ActivityInterval,
  ActivityStatus,
  ActivityType,
} from '../../generated/graphql';
import { type Day, type Interval, intervalOf, isDay, type Preset, presets } from '../../words/dates';
import { categories, types } from '../../words/words';
import { reach, timeless } from './search';

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

/** A range of one's own: days of the shop, both included, or instants, half-open. */
export type Span = { first: Day; last: Day } | { from: string; to: string };

export interface Filters {
  tab: Tab;
  statuses: ShownStatus[];
  types: ActivityType[];
  actions: string[];
  actors: string[];
  entityTypes: string[];
  entity?: string;
  rule?: string;
  operation?: string;
  /** Words and qualifiers. */
  search: string;
  range: Preset;
  /** Set where the range is custom. */
  span?: Span;
  /** The saved view that these came from. */
  view?: string;
}

/** A page of the list: after or before a cursor, or the first. */
export interface Place {
  after?: string;
  before?: string;
}

export const pageSize = 50;

/** What the page shows where the address asks for nothing. */
export const plain: Filters = {
  tab: 'ALL',
  statuses: [],
  types: [],
  actions: [],
  actors: [],
  entityTypes: [],
  search: '',
  range: '24h',
};

/** The filters that an address asks for. What it spells wrong is left out. */
export function readFilters(query: URLSearchParams): Filters {
  const span = spanOf(query.get('from'), query.get('to'));
  const range = one(query.get('range'), presets) ?? '24h';
  const filters: Filters = {
    tab: one(query.get('tab')?.toUpperCase(), tabs) ?? 'ALL',
    statuses: some(query.get('status'), shownStatuses),
    types: some(query.get('type'), Object.keys(types) as ActivityType[]),
    actions: parts(query.get('action')?.toUpperCase()).filter((name) => /^[A-Z0-9_]{1,64}$/.test(name)),
    actors: parts(query.get('actor')),
    entityTypes: parts(query.get('entity_type')),
    search: query.get('q')?.trim() ?? '',
    range: range === 'custom' && !span ? '24h' : range,
  };
  if (filters.range === 'custom') filters.span = span;
  for (const name of ['entity', 'rule', 'operation', 'view'] as const) {
    const value = query.get(name);
    if (value) filters[name] = value;
  }
  return filters;
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
  const set = (name: string, value: string | undefined) => value && query.set(name, value);
  if (filters.tab !== 'ALL') query.set('tab', filters.tab.toLowerCase());
  set('status', filters.statuses.join().toLowerCase());
  set('type', filters.types.join().toLowerCase());
  set('action', filters.actions.join().toLowerCase());
  set('actor', filters.actors.join());
  set('entity_type', filters.entityTypes.join());
  set('entity', filters.entity);
  set('rule', filters.rule);
  set('operation', filters.operation);
  set('q', filters.search);
  if (filters.range !== '24h') query.set('range', filters.range);
  if (filters.range === 'custom' && filters.span) {
    const [from, to] = ends(filters.span);
    query.set('from', from);
    query.set('to', to);
  }
  set('view', filters.view);
  set('after', place.after);
  set('before', place.before);
  const text = query.toString();
  return text ? `?${text}` : '';
}

/** The interval that the filters mean at an instant; none where the search gives its own. */
export function intervalIn(filters: Filters, now: Date, zone: string): Interval {
  if (reach(filters.search) !== null) return {};
  const { span } = filters;
  if (span && 'from' in span) return span;
  return intervalOf(filters.range, now, zone, span?.first, span?.last);
}

/** How long a bar of the chart is: hours where the range is two days or less, with the day when the clocks go back. */
export function stepOf(filters: Filters, interval: Interval, now: Date): ActivityInterval {
  const own = reach(filters.search);
  if (own !== null) return own <= 2 * day ? 'HOUR' : 'DAY';
  if (!interval.from) return 'DAY';
  const to = interval.to ? Date.parse(interval.to) : now.getTime();
  return to - Date.parse(interval.from) <= 2 * day + 2 * hour ? 'HOUR' : 'DAY';
}

const hour = 3_600_000;
const day = 24 * hour;

/** The API's filter, for one tab and an interval. */
export function apiFilter(filters: Filters, tab: Tab, interval: Interval): ActivityFilter {
  const filter: ActivityFilter = { ...interval };
  if (tab !== 'ALL') filter.categories = [tab];
  if (filters.types.length > 0) filter.types = filters.types;
  if (filters.statuses.length > 0) filter.statuses = apiStatuses(filters.statuses);
  if (filters.actions.length > 0) filter.actions = filters.actions;
  if (filters.actors.length > 0) filter.actorIds = filters.actors;
  if (filters.entityTypes.length > 0) filter.entityTypes = filters.entityTypes;
  if (filters.entity) filter.entityId = filters.entity;
  if (filters.rule) filter.ruleId = filters.rule;
  if (filters.operation) filter.operationId = filters.operation;
  if (filters.search) filter.search = filters.search;
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

/** The status that a person reads for the API's. */
export function shownStatus(status: ActivityStatus): ShownStatus {
  return status === 'IN_PROGRESS' ? 'PENDING' : status;
}

/** True where a filter holds that can be cleared, the tab and the range aside. */
export function isNarrowed(filters: Filters): boolean {
  return axes(filters).length > 0;
}

/** The filters with all that can be cleared cleared; the tab and the range stay. */
export function cleared(filters: Filters): Filters {
  return { ...plain, tab: filters.tab, range: filters.range, span: filters.span };
}

/** The ways in which the list can be narrowed, the tab and the range aside. */
export type Axis =
  | 'statuses'
  | 'types'
  | 'actions'
  | 'actors'
  | 'entityTypes'
  | 'entity'
  | 'rule'
  | 'operation'
  | 'search';

/** Those of them that hold. */
export function axes(filters: Filters): Axis[] {
  const all: Axis[] = [
    'search',
    'statuses',
    'types',
    'actions',
    'actors',
    'entityTypes',
    'entity',
    'rule',
    'operation',
  ];
  return all.filter((axis) => (filters[axis]?.length ?? 0) > 0);
}

/** The filters without one way of narrowing. */
export function without(filters: Filters, axis: Axis): Filters {
  return { ...filters, [axis]: plain[axis] };
}

/** The filters with another range. What the search says about time gives way to it. */
export function ranged(filters: Filters, range: Preset | Span): Filters {
  const to =
    typeof range === 'string' ? { range, span: undefined } : { range: 'custom' as const, span: range };
  return { ...filters, ...to, search: timeless(filters.search) };
}

/** A list with a value added, or taken out where it was in it. */
export function toggled<Value>(list: readonly Value[], value: Value): Value[] {
  return list.includes(value) ? list.filter((other) => other !== value) : [...list, value];
}

/** True where the same statuses are asked for, in whatever order. */
export function sameStatuses(a: readonly ShownStatus[], b: readonly ShownStatus[]): boolean {
  return a.length === b.length && a.every((status) => b.includes(status));
}

/** A tab's name. */
export function tabName(tab: Tab): string {
  return tab === 'ALL' ? 'All' : categories[tab];
}

/** The two ends of a range, as the address writes them. */
export function ends(span: Span): [string, string] {
  return 'first' in span ? [span.first, span.last] : [span.from, span.to];
}

function spanOf(from: string | null, to: string | null): Span | undefined {
  if (isDay(from) && isDay(to)) return from <= to ? { first: from, last: to } : undefined;
  const [start, end] = [instant(from), instant(to)];
  return start && end && start < end ? { from: start, to: end } : undefined;
}

/** An instant as the API writes it; undefined for any other text. */
function instant(text: string | null): string | undefined {
  if (!text || !/^\d{4}-\d\d-\d\dT/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

function one<Value extends string>(text: string | null | undefined, of: readonly Value[]): Value | undefined {
  return of.find((value) => value === text);
}

function some<Value extends string>(text: string | null, of: readonly Value[]): Value[] {
  const wanted = new Set((text ?? '').toUpperCase().split(','));
  return of.filter((value) => wanted.has(value));
}

function parts(text: string | null | undefined): string[] {
  return [...new Set((text ?? '').split(',').map((part) => part.trim()))].filter((part) => part !== '');
}
