import { expect, it } from 'vitest';
import { apiFilter, readFilters, writeQuery } from './filters';

const read = (query: string) => readFilters(new URLSearchParams(query));

it('reads the filters of an address and leaves out what it spells wrong', () => {
  expect(read('status=failed&kind=tag_add')).toEqual({ status: 'failed', kind: 'TAG_ADD' });
  expect(read('status=done&kind=constructor')).toEqual({});
});

it('writes the address that it reads', () => {
  const filters = read('status=running&kind=revert');
  expect(read(writeQuery(filters))).toEqual(filters);
  expect(writeQuery(filters, 'c1')).toBe('?status=running&kind=revert&after=c1');
  expect(writeQuery({})).toBe('');
});

it('asks for every status in which work goes on where Running is chosen', () => {
  expect(apiFilter(read('status=running'))).toEqual({
    statuses: ['QUEUED', 'COLLECTING', 'RUNNING', 'CANCELLING'],
  });
  expect(apiFilter({})).toEqual({});
});
