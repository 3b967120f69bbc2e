import { expect, it } from 'vitest';
import { pagesBefore } from './trail';

it('leads back through the pages that were walked', () => {
  expect(pagesBefore([null, 'c1'], 'c2')).toEqual([null, 'c1']);
});

it('forgets the pages that the browser’s way back has passed', () => {
  expect(pagesBefore([null, 'c1', 'c2'], 'c1')).toEqual([null]);
  expect(pagesBefore([null, 'c1'], null)).toEqual([]);
});
