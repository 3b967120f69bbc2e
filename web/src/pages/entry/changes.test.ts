import { expect, it } from 'vitest';
import { asLine, deed, isList, tagChanges, valueChange } from './changes';

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
  expect(asLine(null)).toBe('—');
  expect(asLine(true)).toBe('Yes');
  expect(asLine(12.5)).toBe('12.5');
  expect(asLine({ a: 1 })).toBe('{"a":1}');
});

it('keeps short values in a line and folds long ones with both sides in full', () => {
  expect(valueChange('draft', 'active')).toEqual({ folded: false, before: 'draft', after: 'active' });
  expect(valueChange(null, { a: 1 })).toEqual({ folded: false, before: '—', after: '{"a":1}' });
  const address = { street: 'x'.repeat(200) };
  expect(valueChange(null, address)).toEqual({
    folded: true,
    before: '—',
    after: JSON.stringify(address, null, 2),
  });
  expect(valueChange('one\ntwo', 'one').folded).toBe(true);
});

it('says what happened to a value', () => {
  expect(deed(null, 'a')).toBe('Set');
  expect(deed('a', '')).toBe('Removed');
  expect(deed(0, 1)).toBe('Changed');
});
