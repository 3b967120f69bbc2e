// What changed, made ready to be shown. Pure, so that it is tested.

/** A tag of a record: as it was, put on, or taken off. */
export interface TagChange {
  tag: string;
  kind: 'kept' | 'added' | 'removed';
}

/** True where a change is one of a list of texts, such as tags. */
export function isList(before: unknown, after: unknown): boolean {
  const texts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string');
  return (texts(before) && (texts(after) || after == null)) || (texts(after) && before == null);
}

/** The tags of before and after, each once: kept ones first, then added, then removed. Case does not tell tags apart. */
export function tagChanges(before: unknown, after: unknown): TagChange[] {
  const was = (before ?? []) as string[];
  const is = (after ?? []) as string[];
  const key = (tag: string) => tag.trim().toLowerCase();
  const wasKeys = new Set(was.map(key));
  const isKeys = new Set(is.map(key));
  return [
    ...is.filter((tag) => wasKeys.has(key(tag))).map((tag): TagChange => ({ tag, kind: 'kept' })),
    ...is.filter((tag) => !wasKeys.has(key(tag))).map((tag): TagChange => ({ tag, kind: 'added' })),
    ...was.filter((tag) => !isKeys.has(key(tag))).map((tag): TagChange => ({ tag, kind: 'removed' })),
  ];
}

/** Texts that are longer together than this are folded. */
const longest = 160;

/** How a change of one value is shown: in a line, or folded with both sides in full. */
export interface ValueChange {
  folded: boolean;
  before: string;
  after: string;
}

/** A change of one value made ready: in a line where both sides fit into one, in full where they do not. */
export function valueChange(before: unknown, after: unknown): ValueChange {
  const line = { before: asLine(before), after: asLine(after) };
  const folded =
    line.before.length + line.after.length > longest || /\n/.test(line.before) || /\n/.test(line.after);
  return folded ? { folded, before: inFull(before), after: inFull(after) } : { folded, ...line };
}

/** What happened to a value, in a word. */
export function deed(before: unknown, after: unknown): string {
  if (isMissing(before)) return 'Set';
  return isMissing(after) ? 'Removed' : 'Changed';
}

function isMissing(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

/** A value in a line: as it is where it is plain, as JSON where it is not. */
export function asLine(value: unknown): string {
  if (isMissing(value)) return '—';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return JSON.stringify(value);
}

function inFull(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : asLine(value);
}
