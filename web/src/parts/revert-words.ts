// What a revert would do, in words. Pure, so that it is tested.
import type { ResourceType, RevertMode, RevertPreviewQuery } from '../generated/graphql';
import { noun, records } from '../words/operations';
import { number, plural } from '../words/words';

export type RevertPreview = RevertPreviewQuery['revertPreview'];

/** The two ways to take something back. */
export const modes: readonly { value: RevertMode; label: string; details: string }[] = [
  {
    value: 'KEEP_LATER_EDITS',
    label: 'Keep later edits (recommended)',
    details: 'Takes back only what was changed here. Whatever others have changed since stays.',
  },
  {
    value: 'RESTORE_SNAPSHOT',
    label: 'Restore the snapshot, whatever happened since',
    details: 'Puts the tags back exactly as they were. What others have changed since is lost.',
  },
];

/** So many records of a kind, where the kind is known. */
function some(count: number, of: ResourceType | undefined): string {
  return of ? records(count, of) : plural(count, 'record');
}

/** Each thing that the preview says, as a sentence. */
export function previewSentences(
  preview: RevertPreview,
  of: ResourceType | undefined,
  mode: RevertMode,
): string[] {
  const said: string[] = [];
  const { wouldRestore, alreadyRestored, drifted, gone } = preview;
  if (wouldRestore > 0)
    said.push(`${some(wouldRestore, of)} ${wouldRestore === 1 ? 'gets its' : 'get their'} tags back.`);
  if (alreadyRestored > 0)
    said.push(`${some(alreadyRestored, of)} ${alreadyRestored === 1 ? 'is' : 'are'} as before already.`);
  if (drifted > 0) {
    const were = `${some(drifted, of)} ${drifted === 1 ? 'was' : 'were'} changed by others since`;
    said.push(
      mode === 'KEEP_LATER_EDITS' ? `${were}: their later edits stay.` : `${were}: those edits are lost.`,
    );
  }
  if (gone > 0) said.push(`${some(gone, of)} ${gone === 1 ? 'no longer exists' : 'no longer exist'}.`);
  if (said.length === 0) said.push('There is nothing to take back.');
  if (preview.looked < preview.total)
    said.push(
      `These counts are of the first ${number(preview.looked)} of ${number(preview.total)} ${of ? noun(of) : 'records'}.`,
    );
  return said;
}

/** How many records the button names: all of them where only some were looked at. */
export function toRevert(preview: RevertPreview): number {
  return preview.looked < preview.total ? preview.total : preview.wouldRestore;
}

/** What the button says. */
export function revertVerb(preview: RevertPreview | undefined, of: ResourceType | undefined): string {
  if (!preview) return 'Revert';
  return toRevert(preview) === 0 ? 'Nothing to revert' : `Revert ${some(toRevert(preview), of)}`;
}
