// The chart over time, as numbers: which bars there are, what each says, and what range a choice of bars means. Pure.
import type { ActivityInterval, LogStatsQuery } from '../../generated/graphql';
import { addDays, dayOf, startOfDay, timeRange } from '../../words/dates';
import { number, plural, statuses } from '../../words/words';
import { type ShownStatus, type Span, shownStatus, shownStatuses } from './filters';

type Point = LogStatsQuery['chart']['series'][number];

/** One bar: how many entries there are from one instant to another, by status. */
export interface Bar {
  from: string;
  to: string;
  counts: Record<ShownStatus, number>;
  total: number;
}

/** The order in which a bar is built, from the ground up: what went well carries what did not. */
export const stacked = ['SUCCESS', 'PENDING', 'WARNING', 'FAILED'] as const;

const none: Record<ShownStatus, number> = { PENDING: 0, SUCCESS: 0, WARNING: 0, FAILED: 0 };

/** Counts by the statuses that a person tells apart. */
export function countsOf(list: Point['counts']): Record<ShownStatus, number> {
  const counts = { ...none };
  for (const { status, count } of list) counts[shownStatus(status)] += count;
  return counts;
}

/** The bars of a series, at most so many: neighbours stand together where there are more. */
export function barsOf(series: readonly Point[], step: ActivityInterval, zone: string, most: number): Bar[] {
  const together = Math.max(1, Math.ceil(series.length / most));
  const bars: Bar[] = [];
  for (let at = 0; at < series.length; at += together) {
    const points = series.slice(at, at + together);
    const [first, last] = [points[0], points.at(-1)];
    if (!first || !last) continue;
    const counts = countsOf(points.flatMap((point) => point.counts));
    bars.push({
      from: first.at,
      to: series[at + together]?.at ?? endOf(last.at, step, zone),
      counts,
      total: shownStatuses.reduce((sum, status) => sum + counts[status], 0),
    });
  }
  return bars;
}

function endOf(at: string, step: ActivityInterval, zone: string): string {
  const start = new Date(at);
  if (step === 'HOUR') return new Date(start.getTime() + 3_600_000).toISOString();
  return startOfDay(addDays(dayOf(start, zone), 1), zone).toISOString();
}

/** The range that two bars and all between them make, whichever comes first. */
export function spanOf(
  bars: readonly Bar[],
  one: number,
  other: number,
  step: ActivityInterval,
  zone: string,
): Span | null {
  const first = bars[Math.min(one, other)];
  const last = bars[Math.max(one, other)];
  if (!first || !last) return null;
  if (step === 'HOUR') return { from: instant(first.from), to: instant(last.to) };
  return {
    first: dayOf(new Date(first.from), zone),
    last: dayOf(new Date(Date.parse(last.to) - 1), zone),
  };
}

function instant(text: string): string {
  return new Date(text).toISOString();
}

/** A number to put at the top of the chart: the next round one, such as 4, 60 or 3,000. */
export function ceiling(most: number): number {
  if (most <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= most) ?? most;
}

/**
 * The heights of a bar's parts in pixels. A part that is not nothing is seen: one failure among thousands must not
 * vanish, so small parts get a least height and the largest gives way.
 */
export function heights(values: readonly number[], top: number, plot: number, least = 2): number[] {
  const sizes = values.map((value) => (value > 0 ? Math.max(least, (value / top) * plot) : 0));
  const over = sizes.reduce((sum, size) => sum + size, 0) - plot;
  if (over <= 0) return sizes;
  const largest = sizes.indexOf(Math.max(...sizes));
  return sizes.map((size, at) => (at === largest ? Math.max(least, size - over) : size));
}

/** What a bar stands for, such as Nov 21, 2:00 – 3:00 PM. */
export function barName(bar: Bar, step: ActivityInterval, zone: string): string {
  if (step === 'HOUR') return timeRange(bar.from, bar.to, zone);
  const days = { timeZone: zone, weekday: 'short', month: 'short', day: 'numeric' } as const;
  const [first, last] = [new Date(bar.from), new Date(Date.parse(bar.to) - 1)];
  return new Intl.DateTimeFormat('en', days).formatRange(first, last);
}

/** Two bars and all between them as one. */
export function joined(bars: readonly Bar[], one: number, other: number): Bar | undefined {
  const within = bars.slice(Math.min(one, other), Math.max(one, other) + 1);
  const [first, last] = [within[0], within.at(-1)];
  if (!first || !last) return undefined;
  const counts = { ...none };
  for (const bar of within) for (const status of shownStatuses) counts[status] += bar.counts[status];
  return { from: first.from, to: last.to, counts, total: within.reduce((sum, bar) => sum + bar.total, 0) };
}

/** What a bar holds, in words: 12 entries: 10 success, 2 failed. */
export function barWords(bar: Bar): string {
  const parts = [...stacked]
    .filter((status) => bar.counts[status] > 0)
    .map((status) => `${number(bar.counts[status])} ${statuses[status].toLowerCase()}`);
  const total = plural(bar.total, 'entry', 'entries');
  return parts.length > 0 ? `${total}: ${parts.join(', ')}` : 'No entries';
}

/** What stands under the first, the middle and the last bar. */
export function axisNames(bars: readonly Bar[], step: ActivityInterval, zone: string): string[] {
  const at = [0, Math.floor((bars.length - 1) / 2), bars.length - 1];
  const format = new Intl.DateTimeFormat(
    'en',
    step === 'HOUR'
      ? { timeZone: zone, month: 'short', day: 'numeric', hour: 'numeric' }
      : { timeZone: zone, month: 'short', day: 'numeric' },
  );
  const places = bars.length > 4 ? at : [...new Set([0, bars.length - 1])];
  return places.flatMap((place) => bars[place]?.from ?? []).map((from) => format.format(new Date(from)));
}

/** A choice of bars that is being made by keyboard: where it began and where it stands. */
export interface Choice {
  anchor: number;
  at: number;
}

/** The choice after a key; null where the key means nothing here. With shift the choice grows, without it moves. */
export function moved(choice: Choice, key: string, shift: boolean, count: number): Choice | null {
  const to = { ArrowLeft: choice.at - 1, ArrowRight: choice.at + 1, Home: 0, End: count - 1 }[key];
  if (to === undefined || count === 0) return null;
  const at = Math.min(count - 1, Math.max(0, to));
  return { anchor: shift ? choice.anchor : at, at };
}

/** The bar under a place of the plot, for a pointer that may have left it. */
export function barAt(x: number, width: number, count: number): number {
  if (width <= 0 || count === 0) return 0;
  return Math.min(count - 1, Math.max(0, Math.floor((x / width) * count)));
}
