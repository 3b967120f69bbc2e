// Going back through pages whose cursors only lead on.
import { useState } from 'react';

/** The cursors of the pages before one, as they were walked; a null is the first page. */
export function pagesBefore(trail: readonly (string | null)[], after: string | null): (string | null)[] {
  // The browser's own way back may have led to a page that the trail has passed already.
  const at = trail.indexOf(after);
  return at < 0 ? [...trail] : trail.slice(0, at);
}

/** What the buttons of a list need to turn its pages. turn is given the cursor of the page to show. */
export function useTrail(after: string | null, turn: (after: string | null) => void) {
  const [trail, setTrail] = useState<readonly (string | null)[]>([]);
  const before = pagesBefore(trail, after);
  return {
    onNext: (endCursor: string | null | undefined) => {
      if (!endCursor) return;
      setTrail([...before, after]);
      turn(endCursor);
    },
    onPrevious: () => {
      setTrail(before.slice(0, -1));
      turn(before.at(-1) ?? null);
    },
  };
}
