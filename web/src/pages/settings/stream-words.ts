// How a stream stands, in words, and what it may send. Pure, so that it is tested.
import type { ActivityFilter, StreamRowFragment } from '../../generated/graphql';
import type { BadgeTone } from '../../ui';
import { number, plural } from '../../words/words';

/** How it stands, as a badge. */
export function standing(of: Pick<StreamRowFragment, 'enabled' | 'failing' | 'replaying'>): {
  name: string;
  tone: BadgeTone;
} {
  if (!of.enabled) return { name: 'Disabled', tone: 'critical' };
  if (of.failing) return { name: 'Failing', tone: 'warning' };
  if (of.replaying) return { name: 'Replaying', tone: 'info' };
  return { name: 'Sending', tone: 'success' };
}

/** How much waits. */
export function waitingWords(waiting: { count: number; capped: boolean }): string {
  if (waiting.count === 0) return 'nothing waits';
  const some = waiting.capped ? `more than ${number(waiting.count)} events` : plural(waiting.count, 'event');
  return waiting.count === 1 ? `${some} waits` : `${some} wait`;
}

const dates = /(^|\s)(since|until):("(\\.|[^"\\])*"|\S*)/gi;

/** A saved filter without its dates: a stream goes on from now. */
export function withoutDates(saved: ActivityFilter): ActivityFilter {
  const { from: _from, to: _to, search, ...filter } = saved;
  const words = search?.replace(dates, ' ').replace(/\s+/g, ' ').trim();
  return words ? { ...filter, search: words } : filter;
}

/** Whether two filters say the same. */
export function sameFilter(one: unknown, other: unknown): boolean {
  const sorted = (filter: unknown) => JSON.stringify(Object.entries(filter ?? {}).sort());
  return sorted(one) === sorted(other);
}

/** From when on a stream may be replayed, in hours. */
export const reaches = {
  '1': 'The last hour',
  '24': 'The last 24 hours',
  '168': 'The last 7 days',
  '720': 'The last 30 days',
} as const;

export type Reach = keyof typeof reaches;
