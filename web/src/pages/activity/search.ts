// What the search box knows of the grammar: enough to suggest what can follow, never enough to refuse. The server
// reads the search and says what is wrong with it.
import { actions, categories, statuses, types } from '../../words/words';

/** A word of a search with where it stands. */
export interface Token {
  from: number;
  to: number;
  /** The qualifier's name, in lower case, where it has one. */
  key?: string;
  /** The word, or the qualifier's value, without its quotes. */
  value: string;
  /** A quote in it was not closed. */
  open: boolean;
}

/** What the qualifiers are, and what to type after them. */
export const qualifiers: Record<string, string> = {
  status: 'pending, success, warning or failed',
  type: 'kind of event',
  action: 'such as smart_tag_applied',
  actor: 'who did it, by name',
  rule: 'a rule, by name',
  order: 'by number, such as #1042',
  customer: 'by name',
  product: 'by title',
  tag: 'a tag that was added or removed',
  since: 'such as 7d, 24h, yesterday or 2026-11-01',
  until: 'such as yesterday or 2026-11-01, that day included',
  before: 'such as 2026-11-01, that day not included',
  category: 'a tab',
  entity: 'kind of record, or its id',
  error: 'the code of a failure, such as network',
  operation: 'an operation, by its id',
  id: 'one entry, by its id',
};

/** What is known of the shop, to be suggested. */
export interface Known {
  actors: readonly string[];
  rules: readonly string[];
}

/** Something that can be put into the search. */
export interface Suggestion {
  /** The text as it will stand in the search. */
  text: string;
  label: string;
  details?: string;
}

/** What can follow at the caret: the part of the text that would be replaced, and with what. */
export interface Suggestions {
  from: number;
  to: number;
  list: Suggestion[];
}

/** The words of a search. A quote holds a value with spaces together. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  const words = /(?:"(?:[^"\\]|\\.)*"?|[^\s"])+/g;
  for (const match of text.matchAll(words)) {
    const word = match[0];
    // An address such as https://example.com is a word, not a qualifier.
    const parts = /^([a-z_]+):(?!\/\/)(.*)$/is.exec(word);
    const raw = parts?.[2] ?? word;
    const marks = word.replaceAll(/\\./g, '').split('"').length - 1;
    found.push({
      from: match.index,
      to: match.index + word.length,
      key: parts?.[1]?.toLowerCase(),
      value: raw.replaceAll(/\\(.)|"/g, '$1'),
      open: marks % 2 === 1,
    });
  }
  return found;
}

/** What can follow at the caret. */
export function suggest(text: string, caret: number, known: Known): Suggestions {
  const at = tokens(text).find((token) => token.from < caret && caret <= token.to);
  if (!at) return { from: caret, to: caret, list: qualifiersLike('') };
  const { from, to } = at;
  if (at.key === undefined) return { from, to, list: at.open ? [] : qualifiersLike(at.value.toLowerCase()) };
  const typed = at.value.toLowerCase();
  const list = valuesOf(at.key, known)
    .filter(({ value, label }) => `${value} ${label}`.toLowerCase().includes(typed))
    .slice(0, 8)
    .map(({ value, label }) => ({ text: `${at.key}:${quoted(value)} `, label }));
  // What is typed in full needs no suggestion.
  return { from, to, list: list.length === 1 && list[0]?.text === `${text.slice(from, to)} ` ? [] : list };
}

/** The text with a suggestion put in, and where the caret stands after it. */
export function insert(text: string, into: Suggestions, chosen: Suggestion): { text: string; caret: number } {
  const before = text.slice(0, into.from);
  const after = text.slice(into.to);
  const rest = chosen.text.endsWith(' ') ? after.trimStart() : after;
  return { text: before + chosen.text + rest, caret: before.length + chosen.text.length };
}

/**
 * Whether a search that is still being typed is worth asking the server: not in the middle of a quote, with a value
 * after its last qualifier, and with a last word that is long enough to be looked for.
 */
export function isComplete(text: string): boolean {
  const last = tokens(text).at(-1);
  if (!last || last.open) return !last;
  return last.key === undefined ? last.value.length > 2 : last.value !== '';
}

const hour = 3_600_000;
const units: Record<string, number> = { m: 60_000, h: hour, d: 24 * hour, w: 7 * 24 * hour };

/**
 * How far back a search looks by itself, in milliseconds; null where it says nothing about time and the page's own
 * range holds. A search for one entry looks everywhere.
 */
export function reach(text: string): number | null {
  const found = tokens(text);
  const since = found.find(({ key }) => key === 'since');
  if (since) {
    const span = /^(\d+)([mhdw])$/i.exec(since.value);
    const unit = units[span?.[2]?.toLowerCase() ?? ''];
    if (span && unit) return Number(span[1]) * unit;
    return { today: 24 * hour, yesterday: 48 * hour }[since.value.toLowerCase()] ?? Number.POSITIVE_INFINITY;
  }
  const own = found.some(({ key, value }) => (key ? everywhere.has(key) : isId(value)));
  return own ? Number.POSITIVE_INFINITY : null;
}

const everywhere = new Set(['id', 'until', 'before']);

/** The search without what it says about time, for a range that is chosen otherwise. */
export function timeless(text: string): string {
  const rest = tokens(text).filter(({ key }) => key !== 'since' && key !== 'until' && key !== 'before');
  return rest.map(({ from, to }) => text.slice(from, to)).join(' ');
}

function isId(word: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(word);
}

/** A value as the search takes it: quoted where it would fall apart. */
export function quoted(value: string): string {
  return /[\s":]/.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : value;
}

function qualifiersLike(typed: string): Suggestion[] {
  return Object.entries(qualifiers)
    .filter(([name]) => name.startsWith(typed))
    .map(([name, details]) => ({ text: `${name}:`, label: `${name}:`, details }));
}

interface Value {
  value: string;
  label: string;
}

function valuesOf(key: string, known: Known): Value[] {
  const named = (names: Record<string, string>) =>
    Object.entries(names).map(([value, label]) => ({ value: value.toLowerCase(), label }));
  const plainly = (values: readonly string[]) => values.map((value) => ({ value, label: value }));
  switch (key) {
    case 'status':
      return named(statuses).filter(({ value }) => value !== 'in_progress');
    case 'type':
      return named(types);
    case 'category':
      return named(categories);
    case 'action':
      return named(actions);
    case 'actor':
      return plainly(known.actors);
    case 'rule':
      return plainly(known.rules);
    case 'entity':
      return plainly(['Order', 'Customer', 'Product', 'Variant', 'Rule', 'Shop']);
    case 'since':
      return plainly(['today', 'yesterday', '24h', '7d', '30d']);
    case 'until':
    case 'before':
      return plainly(['today', 'yesterday']);
    default:
      return [];
  }
}
