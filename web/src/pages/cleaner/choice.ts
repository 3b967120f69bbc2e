// Which findings of a scan are to be cleaned, and to what. Pure, so that it is tested.
import type {
  OperationInput,
  ResourceType,
  SelectionInput,
  TagFindingKind,
  TagScanQuery,
} from '../../generated/graphql';
import { longestTag } from '../../words/operations';
import { quoted } from '../../words/search';

export type Finding = NonNullable<TagScanQuery['tagScan']>['findings'][number];

/** What becomes of the findings, by their keys: those that are chosen, and what was typed in place of a suggestion. */
export interface Choice {
  chosen: ReadonlySet<string>;
  typed: ReadonlyMap<string, string>;
}

export const noChoice: Choice = { chosen: new Set(), typed: new Map() };

/** Tells findings apart: no tag is twice in one kind of finding. */
export function keyOf(finding: Finding): string {
  return JSON.stringify([finding.kind, ...finding.tags.map((one) => one.tag)]);
}

/** The tag that stays, as it was suggested or typed; empty takes the tags off. */
export function wanted(finding: Finding, choice: Choice): string {
  return choice.typed.get(keyOf(finding)) ?? finding.suggestion ?? '';
}

/** What is wrong with the tag that is to stay. */
export function wrongWith(tag: string, resource: ResourceType): string | undefined {
  const length = [...tag.trim()].length;
  if (tag.includes(',')) return 'A tag cannot hold a comma.';
  if (length > longestTag(resource))
    return `It has ${length} characters; Shopify takes at most ${longestTag(resource)} here.`;
  return undefined;
}

/** The findings of each kind, in the order in which the kinds come up. */
export function grouped(findings: readonly Finding[]): [TagFindingKind, Finding[]][] {
  const groups = new Map<TagFindingKind, Finding[]>();
  for (const finding of findings) groups.set(finding.kind, [...(groups.get(finding.kind) ?? []), finding]);
  return [...groups];
}

/** How many records a finding is about at most: one may have several of the spellings. */
export function recordsOf(finding: Finding): number {
  return finding.tags.reduce((sum, one) => sum + one.records, 0);
}

export function withChosen(choice: Choice, findings: readonly Finding[], on: boolean): Choice {
  const chosen = new Set(choice.chosen);
  for (const finding of findings) {
    if (on) chosen.add(keyOf(finding));
    else chosen.delete(keyOf(finding));
  }
  return { ...choice, chosen };
}

/** The choice with another tag that is to stay. What is typed is meant, so it is chosen too. */
export function withTyped(choice: Choice, finding: Finding, tag: string): Choice {
  const key = keyOf(finding);
  return { chosen: new Set(choice.chosen).add(key), typed: new Map(choice.typed).set(key, tag) };
}

/** What cleans the chosen findings. A tag of two findings goes the way of the first. */
export function cleanInput(
  resource: ResourceType,
  findings: readonly Finding[],
  choice: Choice,
): OperationInput {
  const seen = new Set<string>();
  const clean = findings
    .filter((finding) => choice.chosen.has(keyOf(finding)))
    .map((finding) => {
      const to = wanted(finding, choice).trim();
      // The spelling that stays needs no cleaning.
      const tags = finding.tags.map((one) => one.tag).filter((tag) => tag !== to && !seen.has(tag));
      for (const tag of tags) seen.add(tag);
      return { tags, replaceWith: to === '' ? null : to };
    })
    .filter((one) => one.tags.length > 0);
  return {
    kind: 'TAG_CLEANUP',
    resource,
    selection: selectionOf(clean.flatMap((one) => one.tags)),
    clean,
  };
}

/** More tags than this would make a search longer than Shopify reads. */
const mostSearched = 20;

/**
 * The records that have the tags: found by a search where every tag is one that Shopify's search finds as it stands,
 * else all of them, which takes longer and misses none.
 */
export function selectionOf(tags: readonly string[]): SelectionInput {
  const plain = tags.every((tag) => tag.length <= 60 && /^[\p{L}\p{N}_-]+( [\p{L}\p{N}_-]+)*$/u.test(tag));
  if (!plain || tags.length === 0 || tags.length > mostSearched) return { all: true };
  return { query: tags.map((tag) => `tag:${quoted(tag)}`).join(' OR ') };
}
