// What scopes and senders are called, and what a person must do at the sender's. Pure, so that it is tested.
import type { ApiScope, SourceKind } from '../../generated/graphql';

/** What a key may do: in a list, and as a choice. */
export const scopes: Record<ApiScope, { name: string; label: string }> = {
  RECORD: { name: 'Records entries', label: 'Record entries' },
  READ: { name: 'reads the log', label: 'Read the log' },
};

/** How a sender is called, what it calls its secret, and what a person does there with our address. */
export const kinds: Record<SourceKind, { name: string; secret: string; steps: readonly string[] }> = {
  STRIPE: {
    name: 'Stripe',
    secret: 'Signing secret',
    steps: [
      'In Stripe, open Webhooks and add an endpoint with this address.',
      'Choose the events that are to be in the log, such as payment_intent.succeeded and charge.refunded.',
      'Reveal the endpoint’s signing secret and paste it here.',
    ],
  },
  SQUARE: {
    name: 'Square',
    secret: 'Signature key',
    steps: [
      'In Square’s Developer Console, open your application, then its webhook subscriptions, and add one with this address.',
      'Choose the events that are to be in the log, such as payment.updated and inventory.count.updated.',
      'Show the subscription’s signature key and paste it here.',
    ],
  },
  STANDARD: {
    name: 'Standard Webhooks',
    secret: 'Signing secret',
    steps: [
      'At the sender, which must sign by the Standard Webhooks scheme, add a webhook endpoint with this address.',
      'Choose the events that are to be in the log.',
      'Copy the endpoint’s secret, which begins with whsec_, and paste it here.',
    ],
  },
};

/** What is wrong with one field, or, for '', with what belongs to no field that is shown. */
export function problemAt(
  problems: readonly { field: readonly string[] | null; message: string }[],
  field: string,
): string | undefined {
  return problems.find((one) => (one.field?.at(-1) ?? '') === field)?.message;
}

/** What is wrong beyond the fields that are shown beside their own messages. */
export function otherProblem(
  problems: readonly { field: readonly string[] | null; message: string }[],
  shown: readonly string[],
): string | undefined {
  return problems.find((one) => !shown.includes(one.field?.at(-1) ?? ''))?.message;
}

/** What is kept of a shop, by the name that the API has for it. */
export const kept: Record<string, string> = {
  entries: 'Entries of the log',
  webhookBodies: 'What webhooks carried',
  snapshots: 'The state before changes',
  operations: 'Operations',
  archiveFiles: 'Files of the archive',
};

/** A size as people read it: 1.4 MB. */
export function bytes(size: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let left = size;
  while (left >= 1000 && unit < units.length - 1) {
    left /= 1000;
    unit++;
  }
  return `${left >= 10 || unit === 0 ? Math.round(left) : left.toFixed(1)} ${units[unit]}`;
}
