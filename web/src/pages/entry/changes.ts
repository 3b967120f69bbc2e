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

/** A value as text: as it is where it is plain, as JSON where it is not. */
export function asText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '—';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'number') return String(value);
  return JSON.stringify(value, null, 2);
}

/** Text longer than this is folded. */
export const longText = 160;

/** A known fact from an entry's metadata, under any of the names it goes by. */
export function fact(metadata: unknown, ...names: string[]): string | number | undefined {
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const facts = metadata as Record<string, unknown>;
  for (const name of names) {
    const value = facts[name];
    if (typeof value === 'number' || (typeof value === 'string' && value !== '')) return value;
  }
  return undefined;
}
