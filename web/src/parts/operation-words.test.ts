import { expect, it } from 'vitest';
import type { CountsFragment } from '../generated/graphql';
import { wait } from '../words/operations';
import { countWords, isRunning, progressWords, refusal } from './operation-words';

const counts = (more: Partial<CountsFragment> = {}): CountsFragment => ({
  total: 2000,
  pending: 760,
  succeeded: 1200,
  unchanged: 38,
  failed: 2,
  skipped: 0,
  conflicts: 0,
  perSecond: 52.4,
  secondsLeft: 15,
  waitingFor: null,
  ...more,
});

it('says how far an operation is, how fast, and how long it still takes', () => {
  expect(progressWords('RUNNING', counts())).toBe('1,240 of 2,000 · 52 a second · 15 s left');
  expect(progressWords('RUNNING', counts({ perSecond: 0.5, secondsLeft: null }))).toBe(
    '1,240 of 2,000 · 30 a minute',
  );
});

it('names no speed while it waits', () => {
  expect(progressWords('RUNNING', counts({ waitingFor: 'Shopify’s rate limit' }))).toBe('1,240 of 2,000');
});

it('counts up while records are read', () => {
  expect(progressWords('COLLECTING', counts({ total: 750 }))).toBe('750 records read so far');
  expect(progressWords('QUEUED', counts({ total: 0 }))).toBe('About to begin');
});

it('says what became of the records and leaves out what is none', () => {
  expect(countWords(counts())).toBe('1,200 changed · 38 unchanged · 2 failed');
  expect(countWords(counts({ succeeded: 0, unchanged: 0, failed: 0 }))).toBe('Nothing changed');
});

it('knows when an operation goes on', () => {
  expect(isRunning('CANCELLING')).toBe(true);
  expect(isRunning('COMPLETED_WITH_WARNINGS')).toBe(false);
});

it('tells a refusal from an answer that never came', () => {
  expect(refusal([{ message: 'It has ended.' }], undefined)).toBe('It has ended.');
  expect(refusal(undefined, new Error('x'))).toMatch(/could not be reached/);
  expect(refusal([], undefined)).toBeUndefined();
});

it('says a wait in words', () => {
  expect([0.2, 42, 90, 3600, 7300].map(wait)).toEqual(['1 s', '42 s', '2 min', '1 hr', '2 hr 2 min']);
});
