import { expect, it } from 'vitest';
import { headers, messageAbout, redactionNote } from './delivery-words';

it('says nothing where nothing was left out', () => {
  expect(redactionNote({ redacted: [] })).toBeUndefined();
});

it('names what was left out, and counts what is too much to name', () => {
  expect(redactionNote({ redacted: ['email'] })).toMatch(/^The value of email was left out/);
  expect(redactionNote({ redacted: ['email', 'customer.phone'] })).toMatch(
    /^The values of email and customer.phone were left out/,
  );
  const many = Array.from({ length: 9 }, (_, index) => `f${index}`);
  expect(redactionNote({ redacted: many })).toMatch(/f5, and 3 more were left out/);
  // One more than fits is named rather than counted.
  expect(redactionNote({ redacted: many.slice(0, 7) })).toMatch(/f5, and f6 were left out/);
});

it('lists headers by name, several values in a line', () => {
  expect(headers({ 'x-b': 'two', 'x-a': ['one', 'more'], 'x-c': null })).toEqual([
    { name: 'x-a', value: 'one, more' },
    { name: 'x-b', value: 'two' },
    { name: 'x-c', value: '' },
  ]);
  expect(headers('nonsense')).toEqual([]);
});

it('says how large a body is and how much of it is missing', () => {
  expect(messageAbout({ bytes: 0, redacted: [] }, '0 bytes')).toBe('empty');
  expect(messageAbout({ bytes: 9, redacted: [] }, '9 bytes')).toBe('9 bytes');
  expect(messageAbout({ bytes: 9, redacted: ['a', 'b'] }, '9 bytes')).toBe('9 bytes · 2 values left out');
});
