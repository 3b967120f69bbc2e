import { expect, it } from 'vitest';
import {
  type Draft,
  emptyDraft,
  inputOf,
  openStep,
  previewKey,
  readIds,
  serverProblems,
  stepOf,
  whatProblems,
  whichProblems,
} from './draft';

const draft = (more: Partial<Draft> = {}): Draft => ({
  ...emptyDraft(),
  tags: ['Sale'],
  search: 'vendor:Kumeu',
  ...more,
});

it('begins with what the address asks for, where that exists', () => {
  const of = (query: string) => emptyDraft(new URLSearchParams(query));
  expect(of('kind=tag_remove&resource=order')).toMatchObject({ kind: 'TAG_REMOVE', resource: 'ORDER' });
  expect(of('kind=revert&resource=variant')).toMatchObject({ kind: 'TAG_ADD', resource: 'PRODUCT' });
});

it('asks for tags and keeps their length to the record’s limit', () => {
  expect(whatProblems(draft({ tags: [] })).get('tags')).toMatch(/at least one/);
  const long = 'x'.repeat(41);
  expect(whatProblems(draft({ tags: [long], resource: 'ORDER' })).get('tags')).toMatch(/41 characters.*40/);
  expect(whatProblems(draft({ tags: [long], resource: 'PRODUCT' })).size).toBe(0);
  // What is to be taken off may be longer than what may be put on.
  expect(whatProblems(draft({ kind: 'TAG_REMOVE', tags: [long], resource: 'ORDER' })).size).toBe(0);
});

it('asks for the tag that comes', () => {
  expect(whatProblems(draft({ kind: 'TAG_REPLACE' })).get('replaceWith')).toMatch(/in their place/);
  expect(whatProblems(draft({ kind: 'TAG_REPLACE', replaceWith: 'a,b' })).get('replaceWith')).toMatch(
    /comma/,
  );
  expect(whatProblems(draft({ kind: 'TAG_REPLACE', replaceWith: ' VIP ' })).size).toBe(0);
  expect(whatProblems(draft({ kind: 'DATA_CLEANUP', tags: [] })).size).toBe(0);
});

it('reads ids, numbers and addresses of the admin, each once', () => {
  const text = `gid://shopify/Product/1, 1
    https://admin.shopify.com/store/x/products/2?tab=1 3;3`;
  expect(readIds(text, 'PRODUCT')).toEqual({
    ids: ['gid://shopify/Product/1', 'gid://shopify/Product/2', 'gid://shopify/Product/3'],
    wrong: [],
  });
  expect(readIds('gid://shopify/Order/1 Barolo', 'PRODUCT').wrong).toEqual([
    'gid://shopify/Order/1',
    'Barolo',
  ]);
});

it('never takes an empty search for everything', () => {
  expect(whichProblems(draft({ search: '  ' })).get('selection.query')).toMatch(/Everything/);
  expect(whichProblems(draft({ how: 'all' })).has('selection.all')).toBe(true);
  expect(whichProblems(draft({ how: 'all', sure: true })).size).toBe(0);
  expect(inputOf(draft({ how: 'all' })).selection).toEqual({ all: true });
});

it('sends what the kind is about and nothing else', () => {
  expect(inputOf(draft({ replaceWith: 'left over', note: ' why ' }))).toEqual({
    kind: 'TAG_ADD',
    resource: 'PRODUCT',
    selection: { query: 'vendor:Kumeu' },
    tags: ['Sale'],
    note: 'why',
  });
  expect(inputOf(draft({ kind: 'DATA_CLEANUP' }))).not.toHaveProperty('tags');
});

it('keeps a preview while only the note changes', () => {
  expect(previewKey(draft({ note: 'a' }))).toBe(previewKey(draft({ note: 'b' })));
  expect(previewKey(draft())).not.toBe(previewKey(draft({ search: 'vendor:Other' })));
});

it('puts what the server says to the field and the step that it is about', () => {
  const found = serverProblems([
    { field: ['input', 'selection', 'query'], message: 'Shopify knows no field colour.', code: 'INVALID' },
    { field: ['tags', '0'], message: 'Too long.', code: 'INVALID' },
    { field: null, message: 'Something.', code: 'INVALID' },
  ]);
  expect([...found.keys()]).toEqual(['selection.query', 'tags', '']);
  expect([...found.keys()].map(stepOf)).toEqual(['which', 'what', 'confirm']);
});

it('opens no step before those in front of it are filled in', () => {
  expect(openStep('confirm', emptyDraft(), false)).toBe('what');
  expect(openStep('confirm', draft({ search: '' }), false)).toBe('which');
  expect(openStep('confirm', draft(), false)).toBe('which');
  expect(openStep('confirm', draft(), true)).toBe('confirm');
  expect(openStep('nonsense', draft(), true)).toBe('what');
});
