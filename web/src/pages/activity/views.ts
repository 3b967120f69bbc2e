// A saved view holds a filter of the API. Ranges that move with time have no field there, so they stand in its search
// as since:7d, which the API reads the same way and the page turns back into its own range.
import type { ActivityFilter, ActivityStatus, ActivityType } from '../../generated/graphql';
import { addDays, dayOf, type Preset, startOfDay } from '../../words/dates';
import { types } from '../../words/words';
import {
  apiFilter,
  type Filters,
  plain,
  type Span,
  shownStatus,
  shownStatuses,
  tabs,
  writeQuery,
} from './filters';
import { reach } from './search';

const moving: Partial<Record<Preset, string>> = {
  today: 'since:today',
  '24h': 'since:24h',
  '7d': 'since:7d',
  '30d': 'since:30d',
};

/** The filter under which a view is saved. */
export function toView(filters: Filters, zone: string): ActivityFilter {
  const fixed = filters.span ? instantsOf(filters.span, zone) : {};
  const filter = apiFilter(filters, filters.tab, fixed);
  const since = reach(filters.search) === null ? moving[filters.range] : undefined;
  if (since) filter.search = [filters.search, since].filter(Boolean).join(' ');
  return filter;
}

/** The page's filters for a saved view. What this page does not know of is left out. */
export function fromView(view: { id: string; filter: unknown }, zone: string): Filters {
  const saved = fieldsOf(view.filter);
  const { search, range } = rangeOf(text(saved.search) ?? '');
  const statuses = new Set(texts(saved.statuses).map((status) => shownStatus(status as ActivityStatus)));
  const filters: Filters = {
    ...plain,
    tab: tabs.find((tab) => texts(saved.categories)[0] === tab) ?? 'ALL',
    statuses: shownStatuses.filter((status) => statuses.has(status)),
    types: texts(saved.types).filter((type): type is ActivityType => type in types),
    actions: texts(saved.actions),
    actors: texts(saved.actorIds),
    entityTypes: texts(saved.entityTypes),
    entity: text(saved.entityId),
    rule: text(saved.ruleId),
    operation: text(saved.operationId),
    search,
    range: range ?? '24h',
    view: view.id,
  };
  const [from, to] = [text(saved.from), text(saved.to)];
  return from && to ? { ...filters, range: 'custom', span: spanIn(from, to, zone) } : filters;
}

/** Whether the filters say something else than the view that they came from. */
export function isChanged(filters: Filters, view: { id: string; filter: unknown }, zone: string): boolean {
  return writeQuery(fromView(view, zone)) !== writeQuery({ ...filters, view: view.id });
}

function rangeOf(search: string): { search: string; range?: Preset } {
  for (const [range, since] of Object.entries(moving)) {
    if (search === since) return { search: '', range: range as Preset };
    if (search.endsWith(` ${since}`)) {
      return { search: search.slice(0, -since.length - 1), range: range as Preset };
    }
  }
  return { search };
}

function instantsOf(span: Span, zone: string): { from: string; to: string } {
  if ('from' in span) return span;
  return {
    from: startOfDay(span.first, zone).toISOString(),
    to: startOfDay(addDays(span.last, 1), zone).toISOString(),
  };
}

/** A range as whole days where it is that in the shop's zone, otherwise as the instants. */
function spanIn(from: string, to: string, zone: string): Span {
  const [start, end] = [new Date(from), new Date(to)];
  const [first, after] = [dayOf(start, zone), dayOf(end, zone)];
  const whole = [first, after].every(
    (day, at) => startOfDay(day, zone).getTime() === [start, end][at]?.getTime(),
  );
  return whole && first < after
    ? { first, last: addDays(after, -1) }
    : { from: start.toISOString(), to: end.toISOString() };
}

function fieldsOf(filter: unknown): Record<string, unknown> {
  return typeof filter === 'object' && filter !== null ? (filter as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
