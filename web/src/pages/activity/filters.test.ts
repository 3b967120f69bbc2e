import { expect, it } from 'vitest';
import {
  apiFilter,
  cleared,
  isNarrowed,
  isWide,
  liveFilter,
  readFilters,
  readPlace,
  writeQuery,
} from './filters';

const read = (text: string) => readFilters(new URLSearchParams(text));

it('reads what it wrote', () => {
  const address =
    '?tab=tags&status=warning%2Cfailed&type=webhook&range=custom&from=2026-11-01&to=2026-11-03&entity=gid%3A%2F%2Fshopify%2FOrder%2F1&rule=7';
  expect(writeQuery(read(address))).toBe(address);
});

it('leaves the defaults out of the address', () => {
  expect(writeQuery(read(''))).toBe('');
  expect(isWide(read(''))).toBe(true);
});

it('takes no notice of what is spelled wrong', () => {
  expect(read('tab=nope&status=failed,nope&range=year')).toMatchObject({
    tab: 'ALL',
    statuses: ['FAILED'],
    range: '24h',
  });
  expect(read('range=custom&from=2026-11-09&to=2026-11-01').range).toBe('24h');
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
