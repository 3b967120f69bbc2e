import { describe, expect, it } from 'vitest';
import { insert, isComplete, quoted, reach, suggest, timeless, tokens } from './search';

const known = { actors: ['Riley Park', 'Shopify'], rules: ['VIP customers', 'International'] };
const labels = (text: string, caret = text.length) =>
  suggest(text, caret, known).list.map(({ label }) => label);

describe('the words of a search', () => {
  it('are parted by space, but not within quotes', () => {
    expect(tokens('vip  tag:"Big spender" order:#1042').map(({ key, value }) => [key, value])).toEqual([
      [undefined, 'vip'],
      ['tag', 'Big spender'],
      ['order', '#1042'],
    ]);
  });

  it('know where they stand and whether their quote is open', () => {
    expect(tokens('a tag:"b c')).toMatchObject([
      { from: 0, to: 1, open: false },
      { from: 2, to: 10, key: 'tag', value: 'b c', open: true },
    ]);
    expect(tokens('"say \\"hi\\""')).toMatchObject([{ value: 'say "hi"', open: false }]);
  });

  it('are no qualifiers in addresses', () => {
    expect(tokens('https://example.com')).toMatchObject([{ key: undefined, value: 'https://example.com' }]);
  });
});

describe('what can follow', () => {
  it('is every qualifier where nothing stands yet, and those that begin so where something does', () => {
    expect(labels('')).toContain('status:');
    expect(labels('st')).toEqual(['status:']);
    expect(labels('vip ')).toContain('rule:');
    expect(labels('vip')).toEqual([]);
  });

  it('is the qualifier’s values, by their code and by their name', () => {
    expect(labels('status:')).toEqual(['Pending', 'Success', 'Warning', 'Failed']);
    expect(labels('type:background')).toEqual(['Background job']);
    expect(labels('actor:ril')).toEqual(['Riley Park']);
    expect(labels('order:#1')).toEqual([]);
  });

  it('is nothing where the value stands in full', () => {
    expect(labels('status:failed')).toEqual([]);
  });

  it('looks at the word under the caret, not at the last one', () => {
    expect(labels('status: vip', 7)).toHaveLength(4);
  });

  it('is put in quoted where it has spaces, with the caret after it', () => {
    const at = suggest('vip actor:ril order:#1', 13, known);
    const [first] = at.list;
    if (!first) throw new Error('nothing was suggested');
    expect(insert('vip actor:ril order:#1', at, first)).toEqual({
      text: 'vip actor:"Riley Park" order:#1',
      caret: 23,
    });
  });

  it('leaves the caret at a qualifier’s value', () => {
    const at = suggest('sta', 3, known);
    expect(insert('sta', at, at.list[0] ?? { text: '', label: '' })).toEqual({ text: 'status:', caret: 7 });
  });
});

it('quotes what would fall apart, and marks in it', () => {
  expect(quoted('VIP')).toBe('VIP');
  expect(quoted('Big spender')).toBe('"Big spender"');
  expect(quoted('12" pan')).toBe('"12\\" pan"');
});

it('reads back what it quoted', () => {
  for (const value of ['VIP', 'Big spender', '12" pan', 'a:b', 'back\\slash "q"']) {
    expect(tokens(`tag:${quoted(value)}`)).toMatchObject([{ key: 'tag', value, open: false }]);
  }
});

it('waits for the rest of what is still being typed', () => {
  for (const whole of ['', 'vip', 'status:failed', 'tag:"a b"', 'status:failed vip']) {
    expect([whole, isComplete(whole)]).toEqual([whole, true]);
  }
  for (const half of ['vi', 'status:', 'tag:"a b', 'vip status:', 'vip o']) {
    expect([half, isComplete(half)]).toEqual([half, false]);
  }
});

describe('the range that a search gives itself', () => {
  const hour = 3_600_000;

  it('is none where it says nothing about time', () => {
    expect(reach('vip status:failed')).toBeNull();
    expect(reach('tag:since:7d')).toBeNull();
  });

  it('is as long as it says', () => {
    expect(reach('vip since:24h')).toBe(24 * hour);
    expect(reach('since:30m')).toBe(hour / 2);
    expect(reach('since:2w')).toBe(14 * 24 * hour);
    expect(reach('since:yesterday')).toBe(48 * hour);
  });

  it('is everything for one entry and for an open end', () => {
    const id = '0198c0de-0000-7000-8000-000000000001';
    for (const text of [`id:${id}`, id, 'until:yesterday', 'since:2026-01-01']) {
      expect([text, reach(text)]).toEqual([text, Number.POSITIVE_INFINITY]);
    }
  });

  it('can be taken out', () => {
    expect(timeless('vip since:7d tag:"a b" until:today')).toBe('vip tag:"a b"');
  });
});
