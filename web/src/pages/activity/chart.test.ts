import { describe, expect, it } from 'vitest';
import type { ActivityStatus } from '../../generated/graphql';
import {
  axisNames,
  barAt,
  barName,
  barsOf,
  barWords,
  ceiling,
  heights,
  joined,
  moved,
  spanOf,
} from './chart';

const zone = 'America/New_York';
const point = (at: string, counts: Partial<Record<ActivityStatus, number>> = {}) => ({
  at,
  counts: Object.entries(counts).map(([status, count]) => ({ status: status as ActivityStatus, count })),
});
const hours = Array.from({ length: 6 }, (_, at) =>
  point(`2026-11-21T1${at}:00:00Z`, { SUCCESS: at, PENDING: 1, IN_PROGRESS: 1, FAILED: at === 2 ? 1 : 0 }),
);

describe('bars', () => {
  it('call waiting and running work pending', () => {
    const [first] = barsOf(hours, 'HOUR', zone, 100);
    expect(first).toMatchObject({ counts: { PENDING: 2, SUCCESS: 0, WARNING: 0, FAILED: 0 }, total: 2 });
  });

  it('lose nothing where neighbours stand together', () => {
    const bars = barsOf(hours, 'HOUR', zone, 4);
    expect(bars.map((bar) => [bar.from, bar.to, bar.total])).toEqual([
      ['2026-11-21T10:00:00Z', '2026-11-21T12:00:00Z', 5],
      ['2026-11-21T12:00:00Z', '2026-11-21T14:00:00Z', 10],
      ['2026-11-21T14:00:00Z', '2026-11-21T16:00:00.000Z', 13],
    ]);
  });

  it('end with the day where the clocks change', () => {
    // On 2026-11-01 New York goes from UTC-4 to UTC-5: the day has 25 hours.
    const [bar] = barsOf([point('2026-11-01T04:00:00Z')], 'DAY', zone, 10);
    expect(bar?.to).toBe('2026-11-02T05:00:00.000Z');
  });

  it('say what they hold', () => {
    const bars = barsOf(hours, 'HOUR', zone, 100);
    expect(bars.map(barWords)[2]).toBe('5 entries: 2 success, 2 pending, 1 failed');
    expect(
      barWords({ from: '', to: '', total: 0, counts: { PENDING: 0, SUCCESS: 0, WARNING: 0, FAILED: 0 } }),
    ).toBe('No entries');
    expect(joined(bars, 3, 1)).toMatchObject({
      from: '2026-11-21T11:00:00Z',
      to: '2026-11-21T14:00:00Z',
      counts: { SUCCESS: 6, PENDING: 6, FAILED: 1 },
      total: 13,
    });
  });

  it('are named in the shop’s zone', () => {
    const plain = (text: string) => text.replaceAll(/\s/g, ' ');
    const [hour] = barsOf(hours, 'HOUR', zone, 100);
    const [day] = barsOf([point('2026-11-21T05:00:00Z')], 'DAY', zone, 100);
    if (!hour || !day) throw new Error('there are no bars');
    expect(plain(barName(hour, 'HOUR', zone))).toBe('Nov 21, 5:00 – 6:00 AM');
    expect(plain(barName(day, 'DAY', zone))).toBe('Sat, Nov 21');
    expect(axisNames(barsOf(hours, 'HOUR', zone, 100), 'HOUR', zone)).toHaveLength(3);
    expect(axisNames([day], 'DAY', zone)).toEqual(['Nov 21']);
    expect(axisNames([], 'DAY', zone)).toEqual([]);
  });
});

describe('a choice of bars', () => {
  const bars = barsOf(hours, 'HOUR', zone, 100);

  it('is the same range from either side, its last bar included', () => {
    const span = { from: '2026-11-21T11:00:00.000Z', to: '2026-11-21T14:00:00.000Z' };
    expect(spanOf(bars, 1, 3, 'HOUR', zone)).toEqual(span);
    expect(spanOf(bars, 3, 1, 'HOUR', zone)).toEqual(span);
  });

  it('is whole days of the shop where bars are days', () => {
    const days = barsOf(
      ['2026-10-31T04:00:00Z', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'].map((at) => point(at)),
      'DAY',
      zone,
      10,
    );
    expect(spanOf(days, 0, 1, 'DAY', zone)).toEqual({ first: '2026-10-31', last: '2026-11-01' });
    expect(spanOf(days, 2, 2, 'DAY', zone)).toEqual({ first: '2026-11-02', last: '2026-11-02' });
  });

  it('is none where there are no bars', () => {
    expect(spanOf([], 0, 0, 'HOUR', zone)).toBeNull();
  });

  it('moves with the arrows, grows with shift and stays within', () => {
    expect(moved({ anchor: 2, at: 2 }, 'ArrowRight', false, 6)).toEqual({ anchor: 3, at: 3 });
    expect(moved({ anchor: 2, at: 2 }, 'ArrowLeft', true, 6)).toEqual({ anchor: 2, at: 1 });
    expect(moved({ anchor: 2, at: 5 }, 'ArrowRight', true, 6)).toEqual({ anchor: 2, at: 5 });
    expect(moved({ anchor: 2, at: 2 }, 'End', true, 6)).toEqual({ anchor: 2, at: 5 });
    expect(moved({ anchor: 2, at: 2 }, 'x', false, 6)).toBeNull();
  });

  it('takes the nearest bar for a pointer that left the plot', () => {
    expect([-5, 0, 99, 100, 599, 700].map((x) => barAt(x, 600, 6))).toEqual([0, 0, 0, 1, 5, 5]);
    expect(barAt(10, 0, 6)).toBe(0);
  });
});

describe('heights', () => {
  it('are in proportion', () => {
    expect(heights([50, 0, 25], 100, 64)).toEqual([32, 0, 16]);
  });

  it('show one failure among thousands without growing past the plot', () => {
    const parts = heights([9999, 0, 0, 1], 10_000, 64);
    expect(parts[3]).toBe(2);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(64);
  });

  it('end at a round number', () => {
    expect([0, 1, 7, 51, 100, 101, 2500].map(ceiling)).toEqual([1, 1, 8, 60, 100, 200, 3000]);
  });
});
