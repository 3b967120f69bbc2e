// Exports as they go on.
import { useEffect, useEffectEvent, useState } from 'react';
import { listen } from '../api/live';
import { ExportProgressDocument, type ExportRowFragment } from '../generated/graphql';

/** The newest states of exports that are being written, by their ids. onEnded is called when one has ended. */
export function useLiveExports(
  ids: readonly string[],
  onEnded: () => void,
): ReadonlyMap<string, ExportRowFragment> {
  const [told, setTold] = useState<ReadonlyMap<string, ExportRowFragment>>(new Map());
  const ended = useEffectEvent(onEnded);
  const key = ids.join();
  useEffect(() => {
    const stops = key
      .split(',')
      .filter((id) => id !== '')
      .map((id) => {
        const stop = listen(
          ExportProgressDocument,
          { id },
          {
            next: ({ exportProgress }) => {
              setTold((before) => new Map(before).set(id, exportProgress));
              if (exportProgress.status === 'QUEUED' || exportProgress.status === 'RUNNING') return;
              stop(); // the server ends the stream, which must not be taken up again
              ended();
            },
            connected: () => {},
          },
        );
        return stop;
      });
    return () => {
      for (const stop of stops) stop();
    };
  }, [key]);
  return told;
}
