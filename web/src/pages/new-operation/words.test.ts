import { expect, it } from 'vitest';
import { type Draft, emptyDraft } from './draft';
import { deed, promise } from './words';

const draft = (more: Partial<Draft>): Draft => ({ ...emptyDraft(), tags: ['Sale'], ...more });
const counts = {
  total: 2000,
  exact: true,
  looked: 2000,
  wouldChange: 1950,
  refused: 0,
  secondsEstimated: 40,
};

it('says what will happen in a sentence', () => {
  expect(deed(draft({}), counts)).toBe('Put the tag Sale on 1,950 products.');
  expect(deed(draft({ kind: 'TAG_REMOVE', tags: ['a', 'b'] }), { ...counts, wouldChange: 1 })).toBe(
    'Take the tags a and b off 1 product.',
  );
  expect(deed(draft({ kind: 'TAG_MERGE', tags: ['vip', 'Vips'], replaceWith: 'VIP' }), counts)).toBe(
    'Merge the tags vip and Vips into VIP on 1,950 products.',
  );
});

it('says which records stay, and does not claim counts of what was not looked at', () => {
  expect(deed(draft({}), { ...counts, refused: 3 })).toMatch(
    /; 3 that Shopify would refuse stay as they are\.$/,
  );
  expect(deed(draft({}), { ...counts, looked: 250, wouldChange: 200 })).toBe(
    'Put the tag Sale on those of 2,000 products that are not so yet.',
  );
});

it('promises a way back only where the plan has one', () => {
  expect(promise('PRO', 90)).toMatch(/can be taken back for 90 days/);
  expect(promise('FREE', 30)).toMatch(/Pro plan/);
});
