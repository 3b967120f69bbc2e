import { expect, it } from 'vitest';
import {
  apiFilter,
  cleared,
  intervalIn,
  isNarrowed,
  liveFilter,
  ranged,
  readFilters,
  readPlace,
  stepOf,
  writeQuery,
} from './filters';

const read = (text: string) => readFilters(new URLSearchParams(text));

it('reads what it wrote', () => {
  const address =
    '?tab=tags&status=warning%2Cfailed&type=webhook&action=cogs_updated%2Crelease_created&actor=1%2C2&entity_type=Order&entity=gid%3A%2F%2Fshopify%2FOrder%2F1&rule=7&operation=9&q=vip+tag%3A%22a+b%22&range=custom&from=2026-11-01&to=2026-11-03&view=3';
  expect(writeQuery(read(address))).toBe(address);
});

it('leaves the defaults out of the address', () => {
  expect(writeQuery(read(''))).toBe('');
  expect(isNarrowed(read(''))).toBe(false);
});

it('takes no notice of what is spelled wrong', () => {
  expect(read('tab=nope&status=failed,nope&range=year')).toMatchObject({
    tab: 'ALL',
    statuses: ['FAILED'],
    range: '24h',
  });
  expect(read('range=custom&from=2026-11-09&to=2026-11-01').range).toBe('24h');
  expect(read('range=custom&from=2026-11-21T10:00Z&to=2026-11-20').range).toBe('24h');
  expect(read('action=a-b,,COGS_UPDATED').actions).toEqual(['COGS_UPDATED']);
});

it('asks for waiting and running work as pending', () => {
  expect(apiFilter(read('status=pending,failed'), 'ALL', {}).statuses).toEqual([
    'PENDING',
    'IN_PROGRESS',
    'FAILED',
  ]);
});

it('asks for the tab’s category and keeps the other filters', () => {
  const filter = apiFilter(read('tab=tags&type=webhook'), 'SYSTEM', { from: '2026-11-01T00:00:00Z' });
  expect(filter).toEqual({ categories: ['SYSTEM'], types: ['WEBHOOK'], from: '2026-11-01T00:00:00Z' });
});

it('listens to every status, because a status changes while one looks', () => {
  expect(liveFilter(read('tab=tags&status=failed'))).toEqual({ categories: ['TAGS'] });
});

it('clears what narrows and keeps the tab and the range', () => {
  const filters = read('tab=tags&status=failed&range=7d&entity=x');
  expect(isNarrowed(filters)).toBe(true);
  expect(writeQuery(cleared(filters))).toBe('?tab=tags&range=7d');
});

it('pages by one cursor at a time', () => {
  expect(readPlace(new URLSearchParams('after=a&before=b'))).toEqual({ after: 'a' });
  expect(readPlace(new URLSearchParams('before=b'))).toEqual({ before: 'b' });
  expect(readPlace(new URLSearchParams(''))).toEqual({});
});

it('takes a range of instants from the address', () => {
  const filters = read('range=custom&from=2026-11-21T10:00:00Z&to=2026-11-21T12:00:00Z');
  const now = new Date('2026-11-22T00:00:00Z');
  const interval = intervalIn(filters, now, 'America/New_York');
  expect(interval).toEqual({ from: '2026-11-21T10:00:00.000Z', to: '2026-11-21T12:00:00.000Z' });
  expect(stepOf(filters, interval, now)).toBe('HOUR');
});

it('counts by the hour up to two days and by the day beyond', () => {
  const now = new Date('2026-11-02T12:00:00Z');
  const step = (text: string) => {
    const filters = read(text);
    return stepOf(filters, intervalIn(filters, now, 'America/New_York'), now);
  };
  // The first two days of November have 49 hours in New York.
  expect(step('range=custom&from=2026-11-01&to=2026-11-02')).toBe('HOUR');
  expect(step('range=custom&from=2026-10-31&to=2026-11-02')).toBe('DAY');
  expect(step('')).toBe('HOUR');
  expect(step('range=7d')).toBe('DAY');
  expect(step('q=since:1h&range=30d')).toBe('HOUR');
  expect(step('q=since:2026-01-01')).toBe('DAY');
});

it('leaves the range to a search that has its own, until another is chosen', () => {
  const filters = read('q=vip+since:3d');
  expect(apiFilter(filters, 'ALL', intervalIn(filters, new Date(), 'UTC'))).toEqual({
    search: 'vip since:3d',
  });
  expect(writeQuery(ranged(filters, '7d'))).toBe('?q=vip&range=7d');
});
