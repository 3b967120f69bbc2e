import { expect, it } from 'vitest';
import { bytes, otherProblem, problemAt } from './words';

const problems = [
  { field: ['input', 'name'], message: 'Give it a name.' },
  { field: null, message: 'There are too many keys.' },
  { field: ['input', 'toleranceSeconds'], message: 'Between 30 and 3600.' },
];

it('puts each problem beside its field', () => {
  expect(problemAt(problems, 'name')).toBe('Give it a name.');
  expect(problemAt(problems, 'secret')).toBeUndefined();
});

it('loses no problem that has no field on the page', () => {
  expect(otherProblem(problems, ['name', 'toleranceSeconds'])).toBe('There are too many keys.');
  expect(otherProblem(problems, ['name', ''])).toBe('Between 30 and 3600.');
});

it('says sizes as people read them', () => {
  expect([0, 999, 1000, 14_300, 2_450_000].map(bytes)).toEqual(['0 bytes', '999 bytes', '1.0 kB', '14 kB', '2.5 MB']);
});
