import { expect, it } from 'vitest';
import { nameOf, type Resource, subjectOf, typeName } from './words';

const order = 'gid://shopify/Order/42';
const resource: Resource = {
  id: order,
  type: 'Order',
  title: '#1042',
  url: null,
  changedAt: '2026-11-21T10:00:00Z',
  deletedAt: '2026-11-22T10:00:00Z',
  tags: [],
};

it('takes what the log knows of the record over what its entries say', () => {
  const rows = [{ entity: { type: 'Order', id: order, title: '#1', url: 'https://shop/orders/42' } }];
  const subject = subjectOf(order, resource, rows);
  expect(subject.title).toBe('Order #1042');
  expect(subject.url).toBeNull(); // it is deleted, so there is nothing to open
  expect(subject.ruled).toBe(true);
});

it('knows a record that others told of from its entries', () => {
  const rows = [{ entity: { type: 'Release', id: 'rel_7', title: 'Spring 2027', url: 'https://club/7' } }];
  expect(subjectOf('rel_7', null, rows)).toMatchObject({
    title: 'Spring 2027',
    type: 'Release',
    url: 'https://club/7',
    shopify: false,
    ruled: false,
  });
});

it('names a record that nothing told the title of by its id', () => {
  expect(nameOf('gid://shopify/ProductVariant/9')).toBe('Product variant 9');
  expect(nameOf('rel_7')).toBe('rel_7');
  expect(typeName('GiftCard')).toBe('Gift card');
});
