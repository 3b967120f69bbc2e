import { expect, it } from 'vitest';
import { progressOf, progressWords } from './words';

it('reads the counts of a job, also before all are there', () => {
  expect(progressOf({ total: 12, done: 3, failed: 1 })).toEqual({ total: 12, done: 3, failed: 1 });
  expect(progressOf({ total: 12 })).toEqual({ total: 12, done: 0, failed: 0 });
  expect(progressOf({ done: 3 })).toBeUndefined();
  expect(progressOf(null)).toBeUndefined();
});

it('says how far a job has come', () => {
  expect(progressWords('PENDING', undefined)).toBe('Starting');
  expect(progressWords('IN_PROGRESS', { total: 0, done: 0, failed: 0 })).toBe('Starting');
  expect(progressWords('IN_PROGRESS', { total: 1200, done: 30, failed: 2 })).toBe(
    '30 of 1,200 tried again, 2 failed again',
  );
  expect(progressWords('SUCCESS', { total: 1, done: 1, failed: 0 })).toBe('1 entry worked this time');
  expect(progressWords('WARNING', { total: 5, done: 5, failed: 2 })).toBe(
    '3 of 5 worked this time, 2 failed again',
  );
});
