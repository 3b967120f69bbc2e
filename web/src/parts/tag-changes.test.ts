import { expect, it } from 'vitest';
import { shownTags } from './tag-changes';

const many = Array.from({ length: 250 }, (_, at) => `tag-${at}`);

it('shows what changed before what stays, and of 250 tags only some', () => {
  const { chips, more } = shownTags(many, [...many, 'VIP'], false);
  expect(chips[0]).toEqual({ tag: 'VIP', kind: 'added' });
  expect(chips).toHaveLength(9);
  expect(more).toBe(242);
  expect(shownTags(many, [...many, 'VIP'], true)).toMatchObject({ more: 0 });
});

it('shows another spelling as a change', () => {
  expect(shownTags(['sale', 'a'], ['Sale', 'a'], false).chips).toEqual([
    { tag: 'Sale', kind: 'added' },
    { tag: 'sale', kind: 'removed' },
    { tag: 'a', kind: 'kept' },
  ]);
});

it('shows nothing where there are no tags', () => {
  expect(shownTags([], [], false)).toEqual({ chips: [], more: 0 });
  expect(shownTags(null, null, false)).toEqual({ chips: [], more: 0 });
});
