// How records are searched for, by examples. Pure.
import type { ResourceType } from '../../generated/graphql';
import { quoted } from '../../words/search';

/** A search to start from. */
export interface Example {
  text: string;
  about: string;
}

const examples: Record<ResourceType, readonly Example[]> = {
  PRODUCT: [
    { text: 'vendor:"Kumeu River"', about: 'of one vendor' },
    { text: 'product_type:Wine AND status:active', about: 'of a type, and on sale' },
    { text: 'created_at:>2026-01-01', about: 'made since a day' },
    { text: 'inventory_total:<5', about: 'that run low' },
  ],
  CUSTOMER: [
    { text: 'country:Germany', about: 'in one country' },
    { text: 'orders_count:>5', about: 'who ordered more than five times' },
    { text: 'email:*@example.com', about: 'with addresses of one company' },
    { text: 'total_spent:>500', about: 'who spent more than 500' },
  ],
  ORDER: [
    { text: 'financial_status:paid', about: 'that are paid' },
    { text: 'created_at:>2026-11-01', about: 'since a day' },
    { text: 'fulfillment_status:unshipped', about: 'still to be sent' },
    { text: 'name:#1042', about: 'one of them' },
  ],
  VARIANT: [],
};

/** Searches to start from: those with the first tag come first, where there is one that goes. */
export function examplesOf(resource: ResourceType, tag?: string): readonly Example[] {
  const own = tag ? [{ text: `tag:${quoted(tag)}`, about: 'with this tag' }] : [];
  return [...own, ...examples[resource]];
}
