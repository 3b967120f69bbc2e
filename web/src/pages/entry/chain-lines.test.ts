import { expect, it } from 'vitest';
import { after, chainLines } from './chain-lines';

const row = (id: string, occurredAt: string) => ({ id, summary: id, status: 'SUCCESS' as const, occurredAt });

it('runs from the first cause to the effects, each with the time since what caused it', () => {
  const lines = chainLines({
    row: row('write', '2026-11-21T10:00:01.500Z'),
    causes: [row('release', '2026-11-21T10:00:00Z'), row('webhook', '2026-11-21T10:00:01Z')],
    effects: [row('late', '2026-11-21T10:02:01.500Z'), row('echo', '2026-11-21T10:00:02Z')],
  });
  expect(lines.map((line) => [line.row.id, line.depth, line.current, line.after])).toEqual([
    ['release', 0, false, undefined],
    ['webhook', 1, false, 'after 1.0 s'],
    ['write', 2, true, 'after 500 ms'],
    ['echo', 3, false, 'after 500 ms'],
    ['late', 3, false, 'after 2 min 0 s'],
  ]);
});

it('never says that an effect came before its cause', () => {
  expect(after('2026-11-21T10:00:01Z', '2026-11-21T10:00:00Z')).toBe('at once');
});
