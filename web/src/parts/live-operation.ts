// An operation as it goes on.
import { useEffect, useEffectEvent, useState } from 'react';
import { listen } from '../api/live';
import { type OperationLiveFragment, OperationProgressDocument } from '../generated/graphql';
import { isRunning } from './operation-words';

/**
 * Listens to an operation while it runs, and gives its newest state; nothing before the first. onEnded is called when it
 * has ended: what was read of it before is old then.
 */
export function useLiveOperation(
  id: string | undefined,
  running: boolean,
  onEnded: () => void,
): OperationLiveFragment | undefined {
  const [told, setTold] = useState<OperationLiveFragment>();
  const ended = useEffectEvent(onEnded);
  useEffect(() => {
    if (id === undefined || !running) return;
    // What was told of an earlier run, before what failed is tried again, is old.
    setTold(undefined);
    return listenTo(id, setTold, () => ended());
  }, [id, running]);
  return told?.id === id ? told : undefined;
}

/** The newest states of several operations that run, by their ids. */
export function useLiveOperations(
  ids: readonly string[],
  onEnded: () => void,
): ReadonlyMap<string, OperationLiveFragment> {
  const [told, setTold] = useState<ReadonlyMap<string, OperationLiveFragment>>(new Map());
  const ended = useEffectEvent(onEnded);
  const key = ids.join();
  useEffect(() => {
    const stops = key
      .split(',')
      .filter((id) => id !== '')
      .map((id) =>
        listenTo(
          id,
          (one) => setTold((before) => new Map(before).set(id, one)),
          () => ended(),
        ),
      );
    return () => {
      for (const stop of stops) stop();
    };
  }, [key]);
  return told;
}

/** The server ends the stream when the operation has ended: it must not be taken up again then. */
function listenTo(
  id: string,
  onTold: (operation: OperationLiveFragment) => void,
  onEnded: () => void,
): () => void {
  const stop = listen(
    OperationProgressDocument,
    { id },
    {
      next: ({ operationProgress }) => {
        onTold(operationProgress);
        if (isRunning(operationProgress.status)) return;
        stop();
        onEnded();
      },
      connected: () => {},
    },
  );
  return stop;
}
