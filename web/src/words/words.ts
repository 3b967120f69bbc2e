// The words that the page uses for what the API names by codes. One place, so that a thing has one name everywhere.
import type {
  ActivityCategory,
  ActivityStatus,
  ActivityType,
  ActorType,
  ConditionOperator,
  ResourceType,
  RuleFieldType,
  RuleTrigger,
} from '../generated/graphql';

export const types: Record<ActivityType, string> = {
  USER_ACTION: 'User action',
  BACKGROUND_JOB: 'Background job',
  WEBHOOK: 'Webhook',
  SYSTEM_EVENT: 'System event',
};

/** What a person reads: work that waits and work that runs are both Pending. */
export const statuses: Record<ActivityStatus, string> = {
  PENDING: 'Pending',
  IN_PROGRESS: 'Pending',
  SUCCESS: 'Success',
  WARNING: 'Warning',
  FAILED: 'Failed',
};

/** What the history calls each status, where waiting and running must be told apart. */
export const steps: Record<ActivityStatus, string> = {
  PENDING: 'Queued',
  IN_PROGRESS: 'Started',
  SUCCESS: 'Success',
  WARNING: 'Warning',
  FAILED: 'Failed',
};

export const categories: Record<ActivityCategory, string> = {
  TAGS: 'Tags',
  BULK_OPERATIONS: 'Bulk operations',
  METAFIELDS: 'Metafields',
  DATA_CLEANING: 'Data cleaning',
  SYSTEM: 'System',
};

export const actions: Record<string, string> = {
  SMART_TAG_APPLIED: 'Smart tag applied',
  TAG_CLEANUP: 'Tag clean-up',
  BULK_TAG_UPDATE: 'Bulk tag update',
  BULK_OPERATION: 'Bulk operation',
  METAFIELD_UPDATED: 'Metafield updated',
  METAFIELD_CREATED: 'Metafield created',
  COGS_UPDATED: 'Unit cost updated',
  DATA_CLEANUP: 'Data clean-up',
  WEBHOOK_RECEIVED: 'Webhook received',
  JOB_QUEUED: 'Job queued',
  JOB_COMPLETED: 'Job completed',
};

/** An action in words; one that a recorder chose is read from its name. */
export function action(name: string): string {
  return actions[name] ?? sentence(name);
}

export const actors: Record<ActorType, string> = {
  STAFF: 'Staff',
  SYSTEM: 'System',
  EXTERNAL: 'External',
  RULE: 'Rule',
  API: 'API key',
};

export const resources: Record<ResourceType, string> = {
  ORDER: 'Order',
  CUSTOMER: 'Customer',
  PRODUCT: 'Product',
  VARIANT: 'Variant',
};

export const triggers: Record<RuleTrigger, string> = {
  CREATED: 'Created',
  UPDATED: 'Updated',
  SCHEDULED: 'On a schedule',
};

const operators: Record<ConditionOperator, string> = {
  EQUALS: 'equals',
  NOT_EQUALS: 'does not equal',
  CONTAINS: 'contains',
  NOT_CONTAINS: 'does not contain',
  STARTS_WITH: 'starts with',
  ENDS_WITH: 'ends with',
  GREATER: 'is greater than',
  LESS: 'is less than',
  BETWEEN: 'is between',
  IN: 'is one of',
  NOT_IN: 'is none of',
  IS_EMPTY: 'is empty',
  IS_NOT_EMPTY: 'is not empty',
  MATCHES: 'matches',
  OLDER_THAN: 'is older than',
  NEWER_THAN: 'is newer than',
  WITHIN_LAST: 'is within the last',
};

/** An operator in words; those that count on a date say so. */
export function operator(of: ConditionOperator, type?: RuleFieldType): string {
  if (type === 'DATE' && of === 'GREATER') return 'is after';
  if (type === 'DATE' && of === 'LESS') return 'is before';
  return operators[of];
}

/** True where the operator counts in days. */
export function inDays(of: ConditionOperator): boolean {
  return of === 'OLDER_THAN' || of === 'NEWER_THAN' || of === 'WITHIN_LAST';
}

/** A condition as a sentence, such as Total price is greater than 500. */
export function condition(
  label: string,
  of: ConditionOperator,
  expected: readonly string[],
  type?: RuleFieldType,
): string {
  const unit = inDays(of) ? (expected[0] === '1' ? ' day' : ' days') : '';
  const joined = of === 'BETWEEN' ? expected.join(' and ') : expected.join(', ');
  return `${label} ${agreeing(label, operator(of, type))}${joined ? ` ${joined}${unit}` : ''}`;
}

/** The operator's verb as the label asks for it: tags contain, a note contains. */
function agreeing(label: string, words: string): string {
  if (!/[^su]s$/.test(label)) return words;
  return words
    .replace(/^is /, 'are ')
    .replace(/^does /, 'do ')
    .replace(/^(contain|equal|start|end)s\b/, '$1')
    .replace(/^matches\b/, 'match');
}

/** What a rule's outcome means for the record, in a line. */
export function outcome(code: string): string {
  return outcomes[code] ?? sentence(code);
}

const outcomes: Record<string, string> = {
  MATCHED: 'Matched',
  NOT_MATCHED: 'Not matched',
  DISABLED: 'Disabled',
  OTHER_TRIGGER: 'Other trigger',
  OUTRANKED: 'Outranked',
  PAUSED: 'Paused',
  ERROR: 'Error',
};

/** Why a rule that was looked at did nothing, as a sentence. */
export const reasons: Record<string, string> = {
  NOT_MATCHED: 'The conditions did not hold, so this rule did nothing.',
  DISABLED: 'This rule was switched off at the time.',
  OTHER_TRIGGER: 'This rule listens to another trigger, so it did not run.',
  OUTRANKED: 'A rule with a higher priority had already decided about these tags.',
  PAUSED: 'This rule was paused at the time, so it did nothing.',
  ERROR: 'This rule could not be evaluated.',
};

/** A name such as line_items.sku or SYNC_STOCK as words: Line items sku, Sync stock. */
export function sentence(name: string): string {
  const words = name.replaceAll(/[._]+/g, ' ').trim().toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A number with separators. */
export function number(value: number): string {
  return new Intl.NumberFormat('en').format(value);
}

/** A count that stops at 10,000, such as 1,284 or 10,000+. */
export function count(total: { count: number; capped: boolean }): string {
  return number(total.count) + (total.capped ? '+' : '');
}

/** A number with its noun, such as 1 attempt or 2 attempts. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** A list in words, such as tags, note and email. */
export function list(items: readonly string[], last = 'and'): string {
  return new Intl.ListFormat('en', { type: last === 'or' ? 'disjunction' : 'conjunction' }).format(items);
}

/** An id cut in the middle, such as 019ab3…7f2. */
export function shortId(id: string): string {
  return id.length <= 14 ? id : `${id.slice(0, 6)}…${id.slice(-3)}`;
}
