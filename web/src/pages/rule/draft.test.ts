import { expect, it } from 'vitest';
import {
  condition,
  emptyDraft,
  errorAt,
  errorsByPath,
  group,
  groupOf,
  inputOf,
  resourceId,
  same,
  withField,
  withOperator,
} from './draft';

it('goes to the API and comes back the same', () => {
  const when = group(
    'ANY',
    [condition('total_price', 'GREATER', ['500'])],
    [group('ALL', [condition('note', 'IS_EMPTY')])],
  );
  const input = inputOf({ ...emptyDraft(), when });
  expect(inputOf({ ...emptyDraft(), when: groupOf(input.when) })).toEqual(input);
});

it('sends no values for an operator that takes none', () => {
  const when = group('ALL', [condition('note', 'IS_EMPTY', ['left over'])]);
  expect(inputOf({ ...emptyDraft(), when }).when.conditions).toEqual([
    { field: 'note', operator: 'IS_EMPTY', values: [] },
  ]);
});

it('does not take keys for changes', () => {
  expect(same(emptyDraft(), emptyDraft())).toBe(true);
  expect(same(emptyDraft(), { ...emptyDraft(), name: 'VIP' })).toBe(false);
});

it('keeps what still fits when a condition changes', () => {
  const between = condition('total_price', 'BETWEEN', ['1', '2']);
  expect(withOperator(between, 'GREATER').values).toEqual(['1']);
  expect(withOperator(between, 'IS_EMPTY').values).toEqual([]);
  const text = { name: 'note', type: 'TEXT' as const, operators: ['EQUALS' as const, 'CONTAINS' as const] };
  expect(withField(between, text)).toMatchObject({ field: 'note', operator: 'EQUALS', values: [] });
});

it('puts each error beside the field that it names', () => {
  const errors = errorsByPath([
    { field: ['input', 'name'], message: 'Give it a name.' },
    { field: ['input', 'rule', 'when', 'conditions', '0', 'values', '1'], message: 'Not a number.' },
    { field: null, message: 'Too many rules.' },
  ]);
  expect(errorAt(errors, 'name')).toBe('Give it a name.');
  expect(errorAt(errors, 'when.conditions.0.values')).toBe('Not a number.');
  expect(errorAt(errors, 'when.conditions.1')).toBeUndefined();
  expect(errors.get('')).toBe('Too many rules.');
});

it('finds the record that a person means', () => {
  expect(resourceId('1042', 'ORDER')).toBe('gid://shopify/Order/1042');
  expect(resourceId(' gid://shopify/Product/7 ', 'PRODUCT')).toBe('gid://shopify/Product/7');
  expect(resourceId('https://admin.shopify.com/store/x/customers/55?tab=1', 'CUSTOMER')).toBe(
    'gid://shopify/Customer/55',
  );
  expect(resourceId('riley', 'CUSTOMER')).toBeUndefined();
});
