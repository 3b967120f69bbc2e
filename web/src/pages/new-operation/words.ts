// What an operation that is about to start will do, in sentences. Pure, so that it is tested.
import type { Plan } from '../../generated/graphql';
import { noun, records, wait } from '../../words/operations';
import { list, number, plural } from '../../words/words';
import type { Draft } from './draft';
import type { Preview } from './use-preview';

type Counts = Pick<Preview, 'total' | 'exact' | 'looked' | 'wouldChange' | 'refused' | 'secondsEstimated'>;

/** How many tags are named in a sentence. */
const mostNamed = 5;

/** The sentence of what will happen, such as: Put the tag Sale on 1,950 products. */
export function deed(draft: Draft, preview: Counts): string {
  const what = whatOf(draft, whomOf(draft, preview));
  if (preview.refused === 0) return `${what}.`;
  return `${what}; ${number(preview.refused)} that Shopify would refuse ${preview.refused === 1 ? 'stays' : 'stay'} as ${preview.refused === 1 ? 'it is' : 'they are'}.`;
}

/** Those that would change where all were looked at; else all that were found. */
function whomOf(draft: Draft, preview: Counts): string {
  if (preview.looked >= preview.total) return records(preview.wouldChange, draft.resource);
  const all = `${number(preview.total)}${preview.exact ? '' : ' or more'} ${noun(draft.resource, preview.total)}`;
  return `those of ${all} that are not so yet`;
}

function whatOf(draft: Draft, whom: string): string {
  const tags = named(draft.tags);
  switch (draft.kind) {
    case 'TAG_ADD':
      return `Put ${tags} on ${whom}`;
    case 'TAG_REMOVE':
      return `Take ${tags} off ${whom}`;
    case 'TAG_REPLACE':
      return `Replace ${tags} by ${draft.replaceWith.trim()} on ${whom}`;
    case 'TAG_MERGE':
      return `Merge ${tags} into ${draft.replaceWith.trim()} on ${whom}`;
    default:
      return `Mend the tags of ${whom}`;
  }
}

function named(tags: readonly string[]): string {
  const shown = tags.slice(0, mostNamed);
  const more = tags.length - shown.length;
  const words = more > 0 ? [...shown, plural(more, 'more', 'more')] : shown;
  return `the ${tags.length === 1 ? 'tag' : 'tags'} ${list(words)}`;
}

/** What can be done about it afterwards, by the shop's plan. */
export function promise(plan: Plan | undefined, days: number | undefined): string {
  if (plan === 'FREE')
    return 'It is written down record by record. Taking it back belongs to the Pro plan; on Free it can be stopped, but not taken back.';
  const until = days === undefined ? '' : ` for ${plural(days, 'day')}`;
  return `It is written down record by record and can be taken back${until}, without harming what others change meanwhile.`;
}

/** How long it takes; empty where that cannot be told. */
export function estimate(preview: Counts): string {
  return preview.secondsEstimated === null ? '' : `It takes about ${wait(preview.secondsEstimated)}.`;
}
