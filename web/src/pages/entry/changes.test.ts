import { expect, it } from 'vitest';
import { asText, fact, isList, tagChanges } from './changes';

it('tells kept, added and removed tags apart', () => {
  expect(tagChanges(['wholesale', 'new'], ['VIP', 'wholesale'])).toEqual([
    { tag: 'wholesale', kind: 'kept' },
    { tag: 'VIP', kind: 'added' },
    { tag: 'new', kind: 'removed' },
  ]);
});

it('takes a tag in another case for the same tag', () => {
  expect(tagChanges(['vip'], ['VIP'])).toEqual([{ tag: 'VIP', kind: 'kept' }]);
});

it('takes a missing side for no tags', () => {
  expect(isList(null, ['a'])).toBe(true);
  expect(isList(['a'], null)).toBe(true);
  expect(isList('a', 'b')).toBe(false);
  expect(tagChanges(null, ['a'])).toEqual([{ tag: 'a', kind: 'added' }]);
});

it('shows plain values plainly and the rest as JSON', () => {
  expect(asText(null)).toBe('—');
  expect(asText(true)).toBe('Yes');
  expect(asText(12.5)).toBe('12.5');
  expect(asText({ a: 1 })).toBe('{\n  "a": 1\n}');
});

it('finds a fact under the names it goes by', () => {
  expect(fact({ api_cost: 12 }, 'apiCost', 'api_cost')).toBe(12);
  expect(fact({ topic: '' }, 'topic')).toBeUndefined();
  expect(fact(null, 'topic')).toBeUndefined();
});
