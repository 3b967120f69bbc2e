import { expect, it } from 'vitest';
import type { ActivityRowFragment } from '../../generated/graphql';
import { heldCount, type Live, merged, quiet, release, settle, tell as take } from './merge';

const any = { statuses: [] };

function row(
  id: string,
  second: number,
  status: ActivityRowFragment['status'] = 'SUCCESS',
): ActivityRowFragment {
  return {
    id,
    occurredAt: new Date(Date.UTC(2026, 10, 21, 12, 0, second)).toISOString(),
    type: 'WEBHOOK',
    action: 'WEBHOOK_RECEIVED',
    categories: ['SYSTEM'],
    status,
    summary: id,
    actor: { type: 'EXTERNAL', id: null, name: 'Shopify' },
    entity: null,
    revertible: false,
  };
}

/** Tells at second one, on a list that may still grow. */
function tell(
  live: Live,
  rows: ActivityRowFragment[],
  entry: ActivityRowFragment,
  hold: boolean,
  limit = 50,
): Live {
  return take(live, rows, entry, { at: 1, hold, limit });
}

const ids = (rows: ActivityRowFragment[]) => rows.map((one) => one.id);
const read = [row('b', 2), row('a', 1)];

it('puts a new entry at the top', () => {
  const live = tell(quiet, read, row('c', 3), false);
  expect(ids(merged(read, live, any, 50))).toEqual(['c', 'b', 'a']);
});

it('sorts entries that arrive out of order by their time', () => {
  const live = tell(tell(quiet, read, row('d', 4), false), read, row('c', 3), false);
  expect(ids(merged(read, live, any, 50))).toEqual(['d', 'c', 'b', 'a']);
});

it('changes an entry in its place', () => {
  const live = tell(quiet, read, row('a', 1, 'FAILED'), false);
  expect(merged(read, live, any, 50).map((one) => one.status)).toEqual(['SUCCESS', 'FAILED']);
});

it('holds new entries while one reads, and shows them when asked', () => {
  const live = tell(quiet, read, row('c', 3), true);
  expect(ids(merged(read, live, any, 50))).toEqual(['b', 'a']);
  expect(heldCount(live, any)).toBe(1);
  expect(ids(merged(read, release(live), any, 50))).toEqual(['c', 'b', 'a']);
  expect(heldCount(release(live), any)).toBe(0);
});

it('shows an entry once however often it is told', () => {
  const once = tell(quiet, read, row('c', 3, 'PENDING'), false);
  const twice = tell(once, read, row('c', 3, 'SUCCESS'), true);
  expect(merged(read, twice, any, 50).map((one) => [one.id, one.status])[0]).toEqual(['c', 'SUCCESS']);
  expect(heldCount(twice, any)).toBe(0);
});

it('drops an entry that leaves the wanted statuses', () => {
  const live = tell(quiet, read, row('b', 2, 'FAILED'), false);
  expect(ids(merged(read, live, { statuses: ['SUCCESS'] }, 50))).toEqual(['a']);
});

it('keeps what is outside of the dates out', () => {
  const live = tell(quiet, read, row('c', 3), false);
  const to = new Date(Date.UTC(2026, 10, 21, 12, 0, 3)).toISOString();
  expect(ids(merged(read, live, { statuses: [], to }, 50))).toEqual(['b', 'a']);
});

it('does not take an old entry of a later page for a new one', () => {
  const live = tell(quiet, read, row('old', 0), false, 2);
  expect(ids(merged(read, live, any, 50))).toEqual(['b', 'a']);
});

it('keeps to the size of a page', () => {
  const live = tell(quiet, read, row('c', 3), false);
  expect(ids(merged(read, live, any, 2))).toEqual(['c', 'b']);
});

it('keeps what was told while the list was being read', () => {
  const early = take(quiet, read, row('c', 3), { at: 1, hold: false, limit: 50 });
  const late = take(early, read, row('d', 4), { at: 5, hold: true, limit: 50 });
  const live = settle(late, 3);
  expect(ids(merged(read, live, any, 50))).toEqual(['b', 'a']);
  expect(heldCount(live, any)).toBe(1);
  expect(ids(merged(read, release(live), any, 50))).toEqual(['d', 'b', 'a']);
});
