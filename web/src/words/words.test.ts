import { expect, it } from 'vitest';
import { action, condition, count, operator, plural, sentence, shortId } from './words';

it('says a condition as a sentence', () => {
  expect(condition('Total price', 'GREATER', ['500'])).toBe('Total price is greater than 500');
  expect(condition('Total price', 'BETWEEN', ['5', '10'])).toBe('Total price is between 5 and 10');
  expect(condition('Created', 'WITHIN_LAST', ['1'])).toBe('Created is within the last 1 day');
  expect(condition('Note', 'IS_EMPTY', [])).toBe('Note is empty');
});

it('makes the verb agree with the field', () => {
  expect(condition('Customer tags', 'CONTAINS', ['wholesale'])).toBe('Customer tags contain wholesale');
  expect(condition('Financial status', 'EQUALS', ['paid'])).toBe('Financial status equals paid');
  expect(condition('Tags', 'NOT_CONTAINS', ['a'])).toBe('Tags do not contain a');
  expect(condition('Note', 'CONTAINS', ['a'])).toBe('Note contains a');
});

it('names operators by what they compare', () => {
  expect(operator('GREATER', 'DATE')).toBe('is after');
  expect(operator('GREATER', 'MONEY')).toBe('is greater than');
});

it('reads names that it does not know', () => {
  expect(action('PROCESS_RELEASE_PAYMENTS')).toBe('Process release payments');
  expect(action('SMART_TAG_APPLIED')).toBe('Smart tag applied');
  expect(sentence('line_items.sku')).toBe('Line items sku');
});

it('shows where a count stopped', () => {
  expect(count({ count: 1284, capped: false })).toBe('1,284');
  expect(count({ count: 10000, capped: true })).toBe('10,000+');
  expect(plural(1, 'attempt')).toBe('1 attempt');
  expect(plural(1200, 'point')).toBe('1,200 points');
});

it('cuts long ids in the middle', () => {
  expect(shortId('019ab3cc-1111-7000-8000-0000000007f2')).toBe('019ab3…7f2');
  expect(shortId('short')).toBe('short');
});
