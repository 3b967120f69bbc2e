// What is said of a webhook's request and response. Pure, so that it is tested.
import type { MessageFragment } from '../../generated/graphql';
import { list, number, plural } from '../../words/words';

/** A header with its value; a secret one's was left out by the server. */
export interface Header {
  name: string;
  value: string;
}

/** The headers of a message by name. */
export function headers(of: unknown): Header[] {
  if (typeof of !== 'object' || of === null) return [];
  return Object.entries(of)
    .map(([name, value]) => ({ name, value: Array.isArray(value) ? value.join(', ') : String(value ?? '') }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

const shownPaths = 6;

/** Says which fields' values were left out of a body, and why they may have been; nothing where none were. */
export function redactionNote(message: Pick<MessageFragment, 'redacted'>): string | undefined {
  const { redacted } = message;
  if (redacted.length === 0) return undefined;
  const more = redacted.length - shownPaths;
  const shown = redacted.slice(0, more > 1 ? shownPaths : redacted.length);
  const names = more > 1 ? [...shown, `${number(more)} more`] : shown;
  const values = redacted.length === 1 ? 'The value' : 'The values';
  return `${values} of ${list(names)} ${redacted.length === 1 ? 'was' : 'were'} left out: secrets are never shown, and customers’ personal data only to staff who may see customers in Shopify.`;
}

/** Says in a line what a message is: its size, and how many values are missing from it. */
export function messageAbout(message: Pick<MessageFragment, 'bytes' | 'redacted'>, size: string): string {
  if (message.bytes === 0) return 'empty';
  return message.redacted.length === 0
    ? size
    : `${size} · ${plural(message.redacted.length, 'value')} left out`;
}
