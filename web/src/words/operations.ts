// The words for operations: what they do, how far they are, what became of each record.
import type {
  ItemOutcome,
  OperationKind,
  OperationStatus,
  ResourceType,
  TagFindingKind,
} from '../generated/graphql';
import { number, plural, sentence } from './words';

export const kinds: Record<OperationKind, string> = {
  TAG_ADD: 'Add tags',
  TAG_REMOVE: 'Remove tags',
  TAG_REPLACE: 'Find and replace',
  TAG_MERGE: 'Merge tags',
  TAG_CLEANUP: 'Tag clean-up',
  DATA_CLEANUP: 'Data clean-up',
  TAG_SCAN: 'Tag scan',
  REVERT: 'Revert',
};

/** What each kind does, in a sentence, where one chooses among them. */
export const kindsExplained: Partial<Record<OperationKind, string>> = {
  TAG_ADD: 'Puts tags on. A record that has a tag already keeps it as it is.',
  TAG_REMOVE: 'Takes tags off wherever they are.',
  TAG_REPLACE: 'Finds tags and puts another in their place, only where one of them is found.',
  TAG_MERGE: 'Brings several tags together into one.',
  DATA_CLEANUP:
    'Mends tags with stray white space, leftovers of HTML or separators that should have split them.',
};

export const operationStatuses: Record<OperationStatus, string> = {
  QUEUED: 'Queued',
  COLLECTING: 'Reading records',
  RUNNING: 'Running',
  CANCELLING: 'Stopping',
  COMPLETED: 'Completed',
  COMPLETED_WITH_WARNINGS: 'Completed with warnings',
  CANCELLED: 'Cancelled',
  FAILED: 'Failed',
};

export const outcomes: Record<ItemOutcome, string> = {
  PENDING: 'To do',
  SUCCEEDED: 'Changed',
  UNCHANGED: 'Unchanged',
  FAILED: 'Failed',
  SKIPPED: 'Not tried',
  CONFLICT: 'In conflict',
};

export const findings: Record<TagFindingKind, { name: string; about: string }> = {
  SPELLINGS: { name: 'Several spellings', about: 'The same tag, written in more than one way.' },
  TOO_LONG: { name: 'Too long', about: 'Longer than Shopify lets a tag be.' },
  WHITE_SPACE: {
    name: 'Stray white space',
    about: 'White space at the ends, or more than one space in a row.',
  },
  MALFORMED: {
    name: 'Malformed',
    about: 'Nothing but punctuation, separators that should have split it, or leftovers of HTML.',
  },
  ORPHANED: {
    name: 'On one record only',
    about: 'Often a slip of the keyboard. Look at the record before you take such a tag off.',
  },
};

/** How a record stands towards a revert. */
export const revertStates: Record<string, string> = {
  RESTORE: 'Would be restored',
  RESTORED: 'Already as before',
  DRIFTED: 'Changed since',
  GONE: 'No longer exists',
};

const causes: Record<string, string> = {
  RATE_LIMIT: 'Shopify’s rate limit',
  INVALID_DATA: 'Refused by Shopify',
  RULE_ERROR: 'A rule that could not be used',
  NETWORK: 'Shopify could not be reached',
  SHOPIFY_UNREACHABLE: 'Shopify could not be reached',
  PERMISSION_MISSING: 'A permission is missing',
  SHOP_FROZEN: 'The shop is frozen',
  RESOURCE_DELETED: 'The record was deleted',
  OPERATION_CANCELLED: 'Not tried',
  OPERATION_INCOMPLETE: 'Not everything worked',
  EDITED_MEANWHILE: 'Changed by somebody else at the same time',
  BULK_FAILED: 'Shopify’s bulk operation failed',
  RULE_FIGHT: 'Rules that undo each other',
};

/** A cause of failures by its name for people. */
export function cause(code: string): string {
  return causes[code] ?? sentence(code);
}

const nouns: Record<ResourceType, string> = {
  ORDER: 'order',
  CUSTOMER: 'customer',
  PRODUCT: 'product',
  VARIANT: 'variant',
};

/** The noun of a kind of record, in the number asked for: order, orders. */
export function noun(of: ResourceType, value = 2): string {
  return value === 1 ? nouns[of] : `${nouns[of]}s`;
}

/** So many records, such as 1 order or 2,000 products. */
export function records(value: number, of: ResourceType): string {
  return plural(value, nouns[of]);
}

/** A span of seconds as one waits for it: under a minute, about 3 minutes. */
export function wait(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.round((seconds % 3600) / 60);
  return minutes === 0 ? `${hours} hr` : `${hours} hr ${minutes} min`;
}

/** A speed, such as 52 a second or 30 a minute. */
export function speed(perSecond: number): string {
  return perSecond >= 1
    ? `${number(Math.round(perSecond))} a second`
    : `${number(Math.round(perSecond * 60))} a minute`;
}

/** The most characters that Shopify lets a tag of a kind of record have. */
export function longestTag(of: ResourceType): number {
  return of === 'ORDER' ? 40 : 255;
}
