import { describe, expect, it } from 'vitest';
import {
  addDays,
  ago,
  dayOf,
  dayRange,
  intervalOf,
  isDay,
  preciseTime,
  shopTime,
  span,
  startOfDay,
} from './dates';

const at = (text: string) => new Date(text);

describe('days in the shop’s time zone', () => {
  it('begin at the shop’s midnight, not at UTC’s', () => {
    expect(startOfDay('2026-11-21', 'America/New_York').toISOString()).toBe('2026-11-21T05:00:00.000Z');
    expect(startOfDay('2026-11-21', 'Asia/Kolkata').toISOString()).toBe('2026-11-20T18:30:00.000Z');
    expect(startOfDay('2026-11-21', 'Pacific/Kiritimati').toISOString()).toBe('2026-11-20T10:00:00.000Z');
    expect(startOfDay('2026-11-21', 'Pacific/Pago_Pago').toISOString()).toBe('2026-11-21T11:00:00.000Z');
  });

  it('are the shop’s even when UTC has another date', () => {
    expect(dayOf(at('2026-11-22T02:00:00Z'), 'America/New_York')).toBe('2026-11-21');
    expect(dayOf(at('2026-11-20T20:00:00Z'), 'Asia/Kolkata')).toBe('2026-11-21');
  });

  it('last 23 hours when the clocks go forward and 25 when they go back', () => {
    const hours = (of: string, zone: string) =>
      (startOfDay(addDays(of, 1), zone).getTime() - startOfDay(of, zone).getTime()) / 3_600_000;
    expect(hours('2026-03-08', 'America/New_York')).toBe(23);
    expect(hours('2026-11-01', 'America/New_York')).toBe(25);
    expect(hours('2026-03-29', 'Europe/Berlin')).toBe(23);
    expect(hours('2026-10-25', 'Europe/Berlin')).toBe(25);
    expect(hours('2026-11-21', 'Europe/Berlin')).toBe(24);
  });

  it('begin after the gap where the clocks skip midnight', () => {
    // Cairo goes from 00:00 to 01:00 on the last Friday of April.
    expect(startOfDay('2026-04-24', 'Africa/Cairo').toISOString()).toBe('2026-04-23T22:00:00.000Z');
    expect(dayOf(at('2026-04-23T21:59:59Z'), 'Africa/Cairo')).toBe('2026-04-23');
  });

  it('begin at the first midnight where the clocks pass it twice', () => {
    // Havana goes from 01:00 back to 00:00 on the first Sunday of November.
    expect(startOfDay('2026-11-01', 'America/Havana').toISOString()).toBe('2026-11-01T04:00:00.000Z');
  });

  it('meet without a gap or an overlap through a whole year', () => {
    for (const zone of ['America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'America/Havana']) {
      for (let of = '2026-01-01'; of < '2027-01-01'; of = addDays(of, 1)) {
        const start = startOfDay(of, zone);
        expect(dayOf(start, zone)).toBe(of);
        expect(dayOf(new Date(start.getTime() - 1), zone)).toBe(addDays(of, -1));
      }
    }
  });

  it('cross the ends of months and leap days', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2028-03-01', -1)).toBe('2028-02-29');
  });
});

describe('a date range', () => {
  const now = at('2026-11-22T02:30:00Z'); // the evening of the 21st in New York
  const zone = 'America/New_York';

  it('of today begins at the shop’s midnight', () => {
    expect(intervalOf('today', now, zone)).toEqual({ from: '2026-11-21T05:00:00.000Z' });
  });

  it('of 24 hours is 24 hours, whatever the clocks do', () => {
    expect(intervalOf('24h', at('2026-11-01T12:00:00Z'), zone)).toEqual({ from: '2026-10-31T12:00:00.000Z' });
  });

  it('of 7 and 30 days counts today as one of them', () => {
    expect(intervalOf('7d', now, zone)).toEqual({ from: '2026-11-15T05:00:00.000Z' });
    // October 23rd is before the clocks went back: four hours behind UTC.
    expect(intervalOf('30d', now, zone)).toEqual({ from: '2026-10-23T04:00:00.000Z' });
  });

  it('of one’s own is half-open and holds its last day', () => {
    expect(intervalOf('custom', now, zone, '2026-11-01', '2026-11-01')).toEqual({
      from: '2026-11-01T04:00:00.000Z',
      to: '2026-11-02T05:00:00.000Z',
    });
  });

  it('takes only days that exist', () => {
    expect(isDay('2026-02-28')).toBe(true);
    expect(isDay('2026-02-30')).toBe(false);
    expect(isDay('2026-2-3')).toBe(false);
    expect(isDay(null)).toBe(false);
  });
});

describe('times in words', () => {
  it('say how long ago', () => {
    const now = Date.parse('2026-11-21T12:00:00Z');
    const before = (seconds: number) => ago(new Date(now - seconds * 1000).toISOString(), now);
    expect(before(3)).toBe('Just now');
    expect(before(120)).toBe('2 min ago');
    expect(before(3700)).toBe('1 hr ago');
    expect(before(3 * 3600)).toBe('3 hrs ago');
    expect(before(26 * 3600)).toBe('1 day ago');
    expect(before(-5)).toBe('Just now');
  });

  it('are the shop’s', () => {
    expect(shopTime('2026-11-21T20:04:01.120Z', 'America/New_York')).toBe('Nov 21, 2026 at 3:04 pm');
    expect(preciseTime('2026-11-21T20:04:01.120Z', 'America/New_York')).toBe('3:04:01.120 pm');
    expect(preciseTime('2026-11-21T05:00:00.007Z', 'America/New_York')).toBe('12:00:00.007 am');
  });

  it('name a range of days', () => {
    expect(dayRange('2026-11-10', '2026-11-21').replaceAll(/\s/g, ' ')).toBe('Nov 10 – 21, 2026');
    expect(dayRange('2026-11-10', '2026-11-10')).toBe('Nov 10, 2026');
  });

  it('give spans in the unit that suits them', () => {
    expect(span(392)).toBe('392 ms');
    expect(span(1240)).toBe('1.2 s');
    expect(span(42_000)).toBe('42 s');
    expect(span(125_000)).toBe('2 min 5 s');
  });
});
