// An entry's metadata made readable: what is known by name in words, the rest as it is. Pure, so that it is tested.
import { span } from '../../words/dates';
import { number, plural, sentence } from '../../words/words';

/** A fact of the metadata: a line of text, an instant, or a value that only JSON can show. */
export type Fact =
  | { name: string; kind: 'text'; text: string }
  | { name: string; kind: 'time'; at: string }
  | { name: string; kind: 'json'; text: string };

type Read = (value: unknown) => Omit<Fact, 'name'> | undefined;

const text: Read = (value) =>
  typeof value === 'string' || typeof value === 'number'
    ? ({ kind: 'text', text: String(value) } as const)
    : undefined;
const amount: Read = (value) =>
  typeof value === 'number' ? ({ kind: 'text', text: number(value) } as const) : undefined;
const counted =
  (one: string, many?: string): Read =>
  (value) =>
    typeof value === 'number' ? ({ kind: 'text', text: plural(value, one, many) } as const) : undefined;
const milliseconds: Read = (value) =>
  typeof value === 'number' ? ({ kind: 'text', text: span(value) } as const) : undefined;
const time: Read = (value) =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value))
    ? ({ kind: 'time', at: value } as const)
    : undefined;
const size: Read = (value) =>
  typeof value === 'number' ? ({ kind: 'text', text: bytes(value) } as const) : undefined;
const said =
  (words: string): Read =>
  (value) =>
    value === true ? ({ kind: 'text', text: words } as const) : undefined;

/** What each known name means, in the order in which it is shown. A value of another kind is shown as it is. */
const known: readonly [names: readonly string[], name: string, read: Read][] = [
  [['durationMs', 'duration_ms'], 'Duration', milliseconds],
  [['waitMs', 'waitedMs', 'wait_ms'], 'Waited', milliseconds],
  [['cost', 'apiCost', 'api_cost'], 'API cost', counted('point')],
  [['attempts'], 'Attempts', amount],
  [['total', 'records', 'recordsProcessed', 'records_processed'], 'Records', amount],
  [['done'], 'Done', amount],
  [['failed'], 'Failed', amount],
  [['echo'], 'Echo', said('Shopify telling us of our own change')],
  [['overtaken'], 'Overtaken', said('A newer webhook had come already')],
  [['duplicatesSuppressed'], 'Sent again', counted('time')],
  [['triggeredAt'], 'Happened at the sender', time],
  [['topic'], 'Webhook topic', text],
  [['apiVersion'], 'API version', text],
  [['bodyBytes'], 'Body', size],
  [['webhookId'], 'Webhook ID', text],
  [['eventId'], 'Event ID', text],
  [['snapshotId'], 'Snapshot', text],
  [['idempotencyKey'], 'Idempotency key', text],
];

/** The facts of an entry's metadata: known ones first, by their names for people, then the others. */
export function facts(metadata: unknown): Fact[] {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return [];
  const rest = new Map(Object.entries(metadata).filter(([, value]) => value !== null && value !== ''));
  const found: Fact[] = [];
  for (const [names, name, read] of known) {
    const key = names.find((one) => rest.has(one));
    const fact = key === undefined ? undefined : read(rest.get(key));
    if (key === undefined || !fact) continue;
    rest.delete(key);
    found.push({ name, ...fact } as Fact);
  }
  for (const [key, value] of rest) found.push(other(key, value));
  return found;
}

const measures = ['Duration', 'Waited', 'API cost', 'Attempts'];

/** True for what tells how much work it was; it stands beside the entry. */
export function isMeasure(fact: Fact): fact is Fact & { kind: 'text' } {
  return fact.kind === 'text' && measures.includes(fact.name);
}

const delivered = ['Happened at the sender', 'Webhook topic', 'Webhook ID', 'Sent again'];

/** True for what the webhook's own section says. */
export function isDelivered(fact: Fact): boolean {
  return delivered.includes(fact.name);
}

function other(key: string, value: unknown): Fact {
  const name = spaced(key);
  if (typeof value === 'boolean') return { name, kind: 'text', text: value ? 'Yes' : 'No' };
  if (typeof value === 'string' && value.length <= 300) return { name, kind: 'text', text: value };
  if (typeof value === 'number') return { name, kind: 'text', text: String(value) };
  if (typeof value === 'string') return { name, kind: 'json', text: value };
  return { name, kind: 'json', text: JSON.stringify(value, null, 2) };
}

/** A name such as recordedBy or recorded_by as words: Recorded by. */
export function spaced(key: string): string {
  return sentence(key.replace(/([a-z0-9])([A-Z])/g, '$1_$2'));
}

/** A size in words, such as 12.4 kB. */
export function bytes(count: number): string {
  if (count < 1000) return plural(count, 'byte');
  if (count < 1_000_000) return `${(count / 1000).toFixed(1)} kB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}
