import { expect, it } from 'vitest';
import {
  cleanInput,
  type Finding,
  grouped,
  keyOf,
  noChoice,
  selectionOf,
  wanted,
  withChosen,
  withTyped,
  wrongWith,
} from './choice';

const finding = (kind: Finding['kind'], tags: string[], suggestion: string | null): Finding => ({
  kind,
  suggestion,
  tags: tags.map((tag, at) => ({ tag, records: at + 1, resourceId: 'gid://shopify/Product/1' })),
});

const spellings = finding('SPELLINGS', ['Sale', 'SALE', 'sale'], 'Sale');
const orphan = finding('ORPHANED', ['slae'], null);

it('cleans what is chosen, to what was suggested, and leaves the spelling that stays alone', () => {
  const choice = withChosen(noChoice, [spellings, orphan], true);
  expect(cleanInput('PRODUCT', [spellings, orphan], choice).clean).toEqual([
    { tags: ['SALE', 'sale'], replaceWith: 'Sale' },
    { tags: ['slae'], replaceWith: null },
  ]);
});

it('cleans to what was typed, and chooses what is typed in', () => {
  const choice = withTyped(noChoice, orphan, ' Sale ');
  expect(choice.chosen.has(keyOf(orphan))).toBe(true);
  expect(wanted(orphan, choice)).toBe(' Sale ');
  expect(cleanInput('PRODUCT', [spellings, orphan], choice).clean).toEqual([
    { tags: ['slae'], replaceWith: 'Sale' },
  ]);
});

it('does not clean a tag twice', () => {
  const long = finding('TOO_LONG', ['sale'], 'sal');
  const choice = withChosen(noChoice, [spellings, long], true);
  expect(cleanInput('PRODUCT', [spellings, long], choice).clean).toEqual([
    { tags: ['SALE', 'sale'], replaceWith: 'Sale' },
  ]);
});

it('searches for plain tags and looks at every record for others', () => {
  expect(selectionOf(['sale', 'two words'])).toEqual({ query: 'tag:sale OR tag:"two words"' });
  expect(selectionOf(['two  spaces'])).toEqual({ all: true });
  expect(selectionOf(['a;b'])).toEqual({ all: true });
  expect(selectionOf(['or'])).toEqual({ query: 'tag:"or"' });
  expect(selectionOf(Array.from({ length: 21 }, (_, at) => `tag${at}`))).toEqual({ all: true });
});

it('says what is wrong with a tag that is to stay', () => {
  expect(wrongWith('a,b', 'PRODUCT')).toMatch(/comma/);
  expect(wrongWith('x'.repeat(41), 'ORDER')).toMatch(/41 characters.*40/);
  expect(wrongWith('x'.repeat(41), 'PRODUCT')).toBeUndefined();
  expect(wrongWith('', 'PRODUCT')).toBeUndefined();
});

it('groups findings by kind', () => {
  const groups = grouped([spellings, orphan, finding('SPELLINGS', ['a', 'A'], 'a')]);
  expect(groups.map(([kind, of]) => [kind, of.length])).toEqual([
    ['SPELLINGS', 2],
    ['ORPHANED', 1],
  ]);
});
