import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import { listen } from '../../api/live';
import {
  ActivityChangedDocument,
  type ActivityFilter,
  type ActivityRowFragment,
} from '../../generated/graphql';
import { type Live, quiet, release, settle, tell } from './merge';
import { isRowFocused } from './rows';

/** Scrolled further than this, one reads, and what is read must not move. */
const still = 8;

/** How long counts may be old while entries pour in, in milliseconds. */
const patience = 3000;

/**
 * Listens for entries while the list is shown. New ones are held back on later pages, while the page is scrolled and while
 * a row has the focus.
 * refresh is called, at most every few seconds, when counts have changed; reread when entries may have been missed.
 */
export function useLive(options: {
  filter: ActivityFilter;
  rows: readonly ActivityRowFragment[];
  limit: number;
  firstPage: boolean;
  refresh: () => void;
  reread: () => void;
}): { live: Live; release: () => void } {
  const [live, setLive] = useState<Live>(quiet);
  const key = JSON.stringify(options.filter);

  const readBegan = useRef(0);
  const rowsNow = useRef(options.rows);

  useEffect(() => {
    if (rowsNow.current === options.rows) return;
    rowsNow.current = options.rows;
    setLive((before) => settle(before, readBegan.current));
  }, [options.rows]);

  const onEntry = useEffectEvent((entry: ActivityRowFragment) => {
    const hold = !options.firstPage || window.scrollY > still || isRowFocused();
    const how = { at: performance.now(), hold, limit: options.limit };
    setLive((before) => tell(before, options.rows, entry, how));
  });
  const refresh = useEffectEvent(() => options.refresh());
  const reread = useEffectEvent(() => {
    readBegan.current = performance.now();
    options.reread();
  });

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Another filter is another list: what was told for the last one says nothing about it.
    readBegan.current = performance.now();
    setLive(quiet);
    const stop = listen(
      ActivityChangedDocument,
      { filter: JSON.parse(key) as ActivityFilter },
      {
        next: (data) => {
          onEntry(data.activityChanged);
          timer ??= setTimeout(() => {
            timer = undefined;
            refresh();
          }, patience);
        },
        connected: () => reread(),
      },
    );
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [key]);

  return { live, release: useCallback(() => setLive(release), []) };
}
