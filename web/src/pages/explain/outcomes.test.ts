import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { inOrder, outcomeOf } from './outcomes';

const schema = readFileSync(new URL('../../../../graph/explain.graphqls', import.meta.url), 'utf8');
const promised = /Outcome is one of ([A-Z_, ]+)\./.exec(schema)?.[1]?.split(', ') ?? [];

it('has words for every outcome that the API names', () => {
  expect(promised.length).toBeGreaterThan(10);
  for (const code of promised) expect(outcomeOf(code).icon, code).not.toBe('info');
});

it('puts every promised outcome before one that it does not know', () => {
  const answers = ['LATER_ADDED', ...promised].map((outcome) => ({ outcome }));
  expect(inOrder(answers).at(-1)?.outcome).toBe('LATER_ADDED');
});

it('shows what went wrong first and keeps the order of equals', () => {
  const answers = [
    { outcome: 'NOT_MATCHED', name: 'a' },
    { outcome: 'REFUSED', name: 'b' },
    { outcome: 'NOT_MATCHED', name: 'c' },
  ];
  expect(inOrder(answers).map(({ name }) => name)).toEqual(['b', 'a', 'c']);
});
