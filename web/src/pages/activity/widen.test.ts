import { expect, it } from 'vitest';
import { readFilters, writeQuery } from './filters';
import { widen } from './widen';

const names = { actors: [{ id: '1', name: 'Riley Park' }], rules: [{ id: '7', name: 'VIP' }] };
const ways = (text: string) =>
  widen(readFilters(new URLSearchParams(text)), names, new Date('2026-11-21T12:00:00Z'), 'UTC').map(
    ({ name, filters }) => [name, writeQuery(filters)],
  );

it('offers more time, and each filter dropped alone', () => {
  expect(ways('rule=7')).toEqual([
    ['Look at the last 30 days', '?rule=7&range=30d'],
    ['Without the rule VIP', ''],
  ]);
});

it('offers at most four, the last without any filter', () => {
  expect(ways('tab=tags&status=failed&actor=1&q=vip')).toEqual([
    ['Look at the last 30 days', '?tab=tags&status=failed&actor=1&q=vip&range=30d'],
    ['Look beyond Tags', '?status=failed&actor=1&q=vip'],
    ['Without the search', '?tab=tags&status=failed&actor=1'],
    ['Without any filter', ''],
  ]);
});

it('does not offer time where the search looks everywhere', () => {
  expect(ways('q=id:7')).toEqual([['Without the search', '']]);
});

it('takes the search’s own time out when it offers more', () => {
  expect(ways('q=vip+since:1h')[0]).toEqual(['Look at the last 30 days', '?q=vip&range=30d']);
});

it('has nothing to offer at its widest', () => {
  expect(ways('range=30d')).toEqual([]);
});

it('counts each way by the same filter that it would show', () => {
  const [way] = widen(
    readFilters(new URLSearchParams('rule=7')),
    names,
    new Date('2026-11-21T12:00:00Z'),
    'UTC',
  );
  expect(way?.filter).toEqual({ ruleId: '7', from: '2026-10-23T00:00:00.000Z' });
});
