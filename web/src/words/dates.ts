// Days, hours and relative times, in the shop's time zone and not the browser's.

/** A day of the calendar, as YYYY-MM-DD. */
export type Day = string;

/** The date presets of the page. */
export const presets = ['today', '24h', '7d', '30d', 'custom'] as const;
export type Preset = (typeof presets)[number];

/** An interval of time: from <= t < to. A missing end is open. */
export interface Interval {
  from?: string;
  to?: string;
}

const hour = 3_600_000;
const day = 24 * hour;

/** The calendar day of an instant in a time zone. */
export function dayOf(instant: Date, zone: string): Day {
  const part = parts(instant, zone);
  return `${part.year}-${part.month}-${part.day}`;
}

/** A calendar day moved by a number of days. */
export function addDays(of: Day, count: number): Day {
  const moved = new Date(`${of}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + count);
  return moved.toISOString().slice(0, 10);
}

/**
 * The first instant of a calendar day in a time zone. Where the clocks skip midnight, that is the first instant
 * after the gap; where they pass it twice, the first of the two.
 */
export function startOfDay(of: Day, zone: string): Date {
  const utc = Date.parse(`${of}T00:00:00Z`);
  // The zone's offset is at most 14 hours either way and changes at most once a day here, so the day's first instant
  // is at midnight under the offset of the evening before or under that of the day after.
  const candidates = [utc - day, utc + day]
    .map((near) => utc - offsetOf(new Date(near), zone))
    .sort((a, b) => a - b);
  for (const candidate of candidates) {
    if (startsDay(candidate, of, zone)) return new Date(candidate);
  }
  // Midnight does not exist: the day begins where the clocks jump, found by halving to the second.
  let before = (candidates[0] ?? utc) - 3 * hour;
  let inside = (candidates[1] ?? utc) + 3 * hour;
  while (inside - before > 1000) {
    const middle = Math.floor((before + inside) / 2000) * 1000;
    if (dayOf(new Date(middle), zone) < of) before = middle;
    else inside = middle;
  }
  return new Date(inside);
}

function startsDay(at: number, of: Day, zone: string): boolean {
  return dayOf(new Date(at), zone) === of && dayOf(new Date(at - 1), zone) < of;
}

/** How far a time zone is ahead of UTC at an instant, in milliseconds. */
export function offsetOf(instant: Date, zone: string): number {
  const part = parts(instant, zone);
  const local = Date.UTC(
    Number(part.year),
    Number(part.month) - 1,
    Number(part.day),
    Number(part.hour),
    Number(part.minute),
    Number(part.second),
  );
  return local - Math.floor(instant.getTime() / 1000) * 1000;
}

/** The interval that a preset means at an instant. first and last are days of a custom range, both included. */
export function intervalOf(preset: Preset, now: Date, zone: string, first?: Day, last?: Day): Interval {
  switch (preset) {
    case 'today':
      return { from: startOfDay(dayOf(now, zone), zone).toISOString() };
    case '24h':
      return { from: new Date(now.getTime() - day).toISOString() };
    case '7d':
      return { from: startOfDay(addDays(dayOf(now, zone), -6), zone).toISOString() };
    case '30d':
      return { from: startOfDay(addDays(dayOf(now, zone), -29), zone).toISOString() };
    case 'custom':
      return {
        from: first && startOfDay(first, zone).toISOString(),
        to: last && startOfDay(addDays(last, 1), zone).toISOString(),
      };
  }
}

/** True for a day that the calendar has, written YYYY-MM-DD. */
export function isDay(text: string | null | undefined): text is Day {
  if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text;
}

/** How long ago, in a few words. */
export function ago(instant: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(instant)) / 1000));
  if (seconds < 10) return 'Just now';
  if (seconds < 60) return `${seconds} sec ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return hours === 1 ? '1 hr ago' : `${hours} hrs ago`;
  const days = Math.floor(hours / 24);
  if (days < 30) return days === 1 ? '1 day ago' : `${days} days ago`;
  return new Intl.DateTimeFormat('en', { dateStyle: 'medium' }).format(Date.parse(instant));
}

/** The date and time in the shop's zone, such as Nov 21, 2026 at 3:04 pm. */
export function shopTime(instant: string, zone: string): string {
  const time = new Intl.DateTimeFormat('en', { timeZone: zone, timeStyle: 'short' }).format(
    Date.parse(instant),
  );
  return `${dateOf(instant, zone)} at ${time.replace(/\s?([AP])M$/, (_, half: string) => ` ${half.toLowerCase()}m`)}`;
}

/** The date in the shop's zone, such as Nov 21, 2026. */
export function dateOf(instant: string, zone: string): string {
  return new Intl.DateTimeFormat('en', { timeZone: zone, dateStyle: 'medium' }).format(Date.parse(instant));
}

/** The time of day in the shop's zone to the millisecond, such as 3:04:01.120 pm. */
export function preciseTime(instant: string, zone: string): string {
  const part = parts(new Date(instant), zone);
  const hours = Number(part.hour);
  const milliseconds = String(new Date(instant).getMilliseconds()).padStart(3, '0');
  return `${hours % 12 || 12}:${part.minute}:${part.second}.${milliseconds} ${hours < 12 ? 'am' : 'pm'}`;
}

/** A range of days, such as Nov 10 – 21, 2026. */
export function dayRange(first: Day, last: Day): string {
  const format = new Intl.DateTimeFormat('en', { timeZone: 'UTC', dateStyle: 'medium' });
  return format.formatRange(new Date(`${first}T00:00:00Z`), new Date(`${last}T00:00:00Z`));
}

/** A range of instants in the shop's zone, such as Nov 21, 2:00 – 5:00 PM. */
export function timeRange(from: string, to: string, zone: string): string {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
  });
  return format.formatRange(new Date(from), new Date(to));
}

/** The exact instant, for a hover: UTC and the shop's time. */
export function exactTime(instant: string, zone: string): string {
  return `${shopTime(instant, zone)} (${zone.replaceAll('_', ' ')})\n${new Date(instant).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

/** A span of time in words, such as 1.2 s. */
export function span(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
  return `${Math.floor(minutes / 60)} hr ${minutes % 60} min`;
}

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';
const formats = new Map<string, Intl.DateTimeFormat>();

function parts(instant: Date, zone: string): Record<Part, string> {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  const found = { year: '', month: '', day: '', hour: '', minute: '', second: '' };
  for (const part of format.formatToParts(instant)) {
    if (part.type in found) found[part.type as Part] = part.value;
  }
  return found;
}
