// Which of a record's tags are shown as chips, and how many are left out. Pure, so that it is tested.
import { isList, type TagChange, tagChanges } from '../pages/entry/changes';

/** Chips to be shown, what changed first, and how many more there are. */
export interface ShownTags {
  chips: TagChange[];
  more: number;
}

/** How many tags that stay as they are are shown beside those that change. */
const mostKept = 8;
const mostChanged = 24;

/** The tags of before and after: all that changed, up to a limit, and a few of those that stay. */
export function shownTags(before: unknown, after: unknown, all: boolean): ShownTags {
  const changes = isList(before, after) ? spelled(before, after) : [];
  const changed = changes.filter((one) => one.kind !== 'kept');
  const kept = changes.filter((one) => one.kind === 'kept');
  const chips = all ? [...changed, ...kept] : [...changed.slice(0, mostChanged), ...kept.slice(0, mostKept)];
  return { chips, more: changes.length - chips.length };
}

/**
 * The changes with those of spelling alone: Shopify takes them for the same tag, but a clean-up is about nothing else.
 */
function spelled(before: unknown, after: unknown): TagChange[] {
  const was = new Set((before ?? []) as string[]);
  const is = new Set((after ?? []) as string[]);
  const gone = [...was].filter((tag) => !is.has(tag)).map((tag): TagChange => ({ tag, kind: 'removed' }));
  const come = [...is].filter((tag) => !was.has(tag)).map((tag): TagChange => ({ tag, kind: 'added' }));
  const kept = tagChanges(before, after).filter((one) => one.kind === 'kept' && was.has(one.tag));
  return [...come, ...gone, ...kept];
}
