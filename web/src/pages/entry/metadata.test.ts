import { expect, it } from 'vitest';
import { bytes, facts, spaced } from './metadata';

it('names what is known and puts it first', () => {
  expect(facts({ zebra: 'x', cost: 12, durationMs: 1234, attempts: 2 })).toEqual([
    { name: 'Duration', kind: 'text', text: '1.2 s' },
    { name: 'API cost', kind: 'text', text: '12 points' },
    { name: 'Attempts', kind: 'text', text: '2' },
    { name: 'Zebra', kind: 'text', text: 'x' },
  ]);
});

it('shows a known name with a value of another kind as it is', () => {
  expect(facts({ cost: { query: 3 } })).toEqual([{ name: 'Cost', kind: 'json', text: '{\n  "query": 3\n}' }]);
});

it('keeps unknown values whole: nested ones as JSON, long texts folded', () => {
  const long = 'a'.repeat(301);
  expect(facts({ trackingNumber: '1Z', parcels: [{ kg: 2 }], note: long, gift: false })).toEqual([
    { name: 'Tracking number', kind: 'text', text: '1Z' },
    { name: 'Parcels', kind: 'json', text: '[\n  {\n    "kg": 2\n  }\n]' },
    { name: 'Note', kind: 'json', text: long },
    { name: 'Gift', kind: 'text', text: 'No' },
  ]);
});

it('loses no key of an object, whatever it holds', () => {
  const metadata = { done: 'three', apiCost: 1, cost: 2, echo: false, triggeredAt: 'soon', topic: 7 };
  expect(facts(metadata)).toHaveLength(Object.keys(metadata).length);
});

it('finds nothing where there is no object', () => {
  for (const value of [null, undefined, 'text', 3, [1]]) expect(facts(value)).toEqual([]);
});

it('spells names and sizes for people', () => {
  expect(spaced('recordedBy')).toBe('Recorded by');
  expect(spaced('tracking_number')).toBe('Tracking number');
  expect(bytes(1)).toBe('1 byte');
  expect(bytes(12_400)).toBe('12.4 kB');
  expect(bytes(3_500_000)).toBe('3.5 MB');
});
