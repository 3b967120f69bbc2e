import { expect, it } from 'vitest';
import { amount, size, standing } from './words';

it('says how much an export is, or how far it has come', () => {
  const told = (
    status: 'QUEUED' | 'RUNNING' | 'COMPLETED' | 'CANCELLED',
    rows: number,
    totalRows: number | null,
    bytes: number | null = null,
  ) => amount({ status, rows, totalRows, bytes });
  expect(told('QUEUED', 0, null)).toBe('To be counted');
  expect(told('QUEUED', 0, 1)).toBe('1 entry');
  expect(told('RUNNING', 1500, 20_000)).toBe('1,500 of 20,000 entries');
  expect(told('RUNNING', 1500, null)).toBe('1,500 entries so far');
  expect(told('CANCELLED', 0, 20_000)).toBe('No file');
  expect(told('COMPLETED', 2, 2, 340)).toBe('2 entries · 340 bytes');
});

it('calls ready what can be had at once', () => {
  expect(standing({ status: 'QUEUED', url: null }).name).toBe('Queued');
  expect(standing({ status: 'QUEUED', url: 'https://tagtrail.example.com/exports/1' }).name).toBe('Ready');
  expect(standing({ status: 'FAILED', url: null }).name).toBe('Failed');
});

it('says sizes in words', () => {
  expect([1, 999, 1000, 2_340_000].map(size)).toEqual(['1 byte', '999 bytes', '1 kB', '2.3 MB']);
});
