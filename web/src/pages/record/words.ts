// What a record is called and what can be done with it. Pure, so that it is tested.
import type { ActivityRowFragment, RecordQuery } from '../../generated/graphql';
import { sentence } from '../../words/words';

export type Resource = NonNullable<RecordQuery['resource']>;

/** The record that a page is about, put together from what the log knows of it. */
export interface Subject {
  id: string;
  type: string;
  title: string;
  url: string | null;
  /** True for a record of Shopify's. */
  shopify: boolean;
  /** True for a record that rules are about. */
  ruled: boolean;
  changedAt: string | null;
  deletedAt: string | null;
}

const ruled = /^gid:\/\/shopify\/(Order|Customer|Product|ProductVariant)\/\d+$/;

/** The subject of a page. Records that others told of stand only in the entries about them. */
export function subjectOf(
  id: string,
  resource: Resource | null,
  rows: readonly Pick<ActivityRowFragment, 'entity'>[],
): Subject {
  const entity = rows.find((row) => row.entity?.id === id)?.entity;
  const type = resource?.type ?? entity?.type ?? typeOf(id);
  return {
    id,
    type,
    title: titled(type, resource?.title || entity?.title) ?? nameOf(id),
    url: resource ? resource.url : (entity?.url ?? null),
    shopify: id.startsWith('gid://shopify/'),
    ruled: ruled.test(id),
    changedAt: resource?.changedAt ?? null,
    deletedAt: resource?.deletedAt ?? null,
  };
}

/** A record's type in words: Order, Product variant. */
export function typeName(type: string): string {
  return sentence(type.replace(/([a-z])([A-Z])/g, '$1 $2'));
}

/** A title that tells what it is of: an order's is only its number. */
export function titled(type: string, title: string | undefined): string | undefined {
  return title?.startsWith('#') ? `${typeName(type)} ${title}` : title || undefined;
}

function typeOf(id: string): string {
  return /^gid:\/\/shopify\/(\w+)\//.exec(id)?.[1] ?? 'Record';
}

/** A record by its id alone, where nothing told its title: Order 123. */
export function nameOf(id: string): string {
  const parts = /^gid:\/\/shopify\/(\w+)\/(\w+)$/.exec(id);
  return parts ? `${typeName(parts[1] ?? '')} ${parts[2]}` : id;
}
