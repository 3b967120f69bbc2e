// How entries that are told live join the list that was read. Pure, so that every case is a test.
import type { ActivityRowFragment } from '../../generated/graphql';

type Row = ActivityRowFragment;

/** A list with what came live since it was read. */
export interface Live {
  /** Entries that changed or are new, as last told, and when that was. */
  told: ReadonlyMap<string, { row: Row; at: number }>;
  /** Ids of new entries that are shown at the top. */
  shown: ReadonlySet<string>;
  /** Ids of new entries that wait behind the button. */
  held: ReadonlySet<string>;
}

export const quiet: Live = { told: new Map(), shown: new Set(), held: new Set() };

/** What an entry must be to belong to the list. */
export interface Wanted {
  statuses: readonly Row['status'][];
  from?: string;
  to?: string;
}

function belongs(row: Row, wanted: Wanted): boolean {
  const at = Date.parse(row.occurredAt);
  if (wanted.from && at < Date.parse(wanted.from)) return false;
  if (wanted.to && at >= Date.parse(wanted.to)) return false;
  return wanted.statuses.length === 0 || wanted.statuses.includes(row.status);
}

/**
 * Takes in an entry that was told at a time. hold says whether a new one waits instead of being shown; limit is the
 * size of a page.
 */
export function tell(
  live: Live,
  rows: readonly Row[],
  row: Row,
  how: { at: number; hold: boolean; limit: number },
): Live {
  const told = new Map(live.told).set(row.id, { row, at: how.at });
  const known = rows.some((other) => other.id === row.id) || live.shown.has(row.id) || live.held.has(row.id);
  if (known) return { ...live, told };
  // An old entry that changed is on a later page, not new at the top.
  const last = rows.at(-1);
  if (last && rows.length >= how.limit && compare(row, last) > 0) return live;
  if (how.hold) return { ...live, told, held: new Set(live.held).add(row.id) };
  return { ...live, told, shown: new Set(live.shown).add(row.id) };
}

/**
 * What is still to be told on top of rows that were read anew. The reading began at a time; what was told before it is
 * in the rows already, what was told since may not be.
 */
export function settle(live: Live, began: number): Live {
  const told = new Map([...live.told].filter(([, { at }]) => at >= began));
  const still = (ids: ReadonlySet<string>) => new Set([...ids].filter((id) => told.has(id)));
  return { told, shown: still(live.shown), held: still(live.held) };
}

/** Shows what was held. */
export function release(live: Live): Live {
  return { ...live, shown: new Set([...live.shown, ...live.held]), held: new Set() };
}

/** The rows as they stand: the read ones as last told, the shown new ones above them, newest first. */
export function merged(rows: readonly Row[], live: Live, wanted: Wanted, limit: number): Row[] {
  const all = new Map(rows.map((row) => [row.id, live.told.get(row.id)?.row ?? row]));
  for (const id of live.shown) {
    const row = live.told.get(id)?.row;
    if (row) all.set(id, row);
  }
  return [...all.values()]
    .filter((row) => belongs(row, wanted))
    .sort(compare)
    .slice(0, limit);
}

/** How many of the held ones would be shown. */
export function heldCount(live: Live, wanted: Wanted): number {
  return [...live.held].filter((id) => {
    const row = live.told.get(id)?.row;
    return row !== undefined && belongs(row, wanted);
  }).length;
}

/** Newest first; of the same time, the later id first, as the API sorts. */
function compare(a: Row, b: Row): number {
  const difference = Date.parse(b.occurredAt) - Date.parse(a.occurredAt);
  if (difference !== 0) return difference;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
