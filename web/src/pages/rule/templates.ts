// Rules to start from. Each fills in the form; nothing runs until it is saved.
import { condition, type Draft, emptyDraft, group } from './draft';

export interface Template {
  id: string;
  title: string;
  about: string;
  draft: () => Draft;
}

export const templates: readonly Template[] = [
  {
    id: 'large-orders',
    title: 'Tag orders over 500 as VIP',
    about: 'When an order of more than 500 is created.',
    draft: () => ({
      ...emptyDraft(),
      name: 'VIP orders',
      when: group('ALL', [condition('total_price', 'GREATER', ['500'])]),
      addTags: ['VIP'],
    }),
  },
  {
    id: 'country',
    title: 'Tag orders by shipping country',
    about: 'Adds a tag such as country-CA, read from the order itself.',
    draft: () => ({
      ...emptyDraft(),
      name: 'Shipping country',
      when: group('ALL', [condition('shipping_country', 'IS_NOT_EMPTY')]),
      addTags: ['country-{{shipping_country}}'],
    }),
  },
  {
    id: 'loyal-customers',
    title: 'Tag loyal customers',
    about: 'Five orders or more; the tag goes when that no longer holds.',
    draft: () => ({
      ...emptyDraft(),
      name: 'Loyal customers',
      resource: 'CUSTOMER',
      triggers: ['CREATED', 'UPDATED'],
      when: group('ALL', [condition('order_count', 'GREATER', ['4'])]),
      addTags: ['loyal'],
      resetOnMismatch: true,
    }),
  },
  {
    id: 'low-stock',
    title: 'Tag products that run low',
    about: 'Fewer than five left; the tag goes when stock is back.',
    draft: () => ({
      ...emptyDraft(),
      name: 'Low stock',
      resource: 'PRODUCT',
      triggers: ['CREATED', 'UPDATED'],
      when: group('ALL', [condition('inventory.total', 'LESS', ['5'])]),
      addTags: ['low-stock'],
      resetOnMismatch: true,
    }),
  },
];

/** The draft that an address asks for; the empty one where it names no template. */
export function draftFrom(id: string | null): Draft {
  return templates.find((template) => template.id === id)?.draft() ?? emptyDraft();
}
