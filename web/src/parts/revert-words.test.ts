import { expect, it } from 'vitest';
import { previewSentences, type RevertPreview, revertVerb } from './revert-words';

const preview = (more: Partial<RevertPreview> = {}): RevertPreview => ({
  total: 2000,
  looked: 2000,
  wouldRestore: 1988,
  alreadyRestored: 0,
  drifted: 10,
  gone: 2,
  sample: [],
  userErrors: [],
  ...more,
});

it('says what a revert would do', () => {
  expect(previewSentences(preview(), 'PRODUCT', 'KEEP_LATER_EDITS').join(' ')).toBe(
    '1,988 products get their tags back. 10 products were changed by others since: their later edits stay. 2 products no longer exist.',
  );
});

it('says that later edits are lost where the snapshot is restored', () => {
  expect(previewSentences(preview(), 'PRODUCT', 'RESTORE_SNAPSHOT').join(' ')).toMatch(
    /those edits are lost/,
  );
});

it('says of how many the counts are, and reverts all', () => {
  const some = preview({ total: 50_000, looked: 1000, wouldRestore: 990 });
  expect(previewSentences(some, 'ORDER', 'KEEP_LATER_EDITS').at(-1)).toBe(
    'These counts are of the first 1,000 of 50,000 orders.',
  );
  expect(revertVerb(some, 'ORDER')).toBe('Revert 50,000 orders');
});

it('has no button where there is nothing to take back', () => {
  const none = preview({ total: 1, looked: 1, wouldRestore: 0, drifted: 0, gone: 0, alreadyRestored: 1 });
  expect(revertVerb(none, 'ORDER')).toBe('Nothing to revert');
  expect(previewSentences(none, 'ORDER', 'KEEP_LATER_EDITS')).toEqual(['1 order is as before already.']);
});
