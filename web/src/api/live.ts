// Live data: a GraphQL subscription over server-sent events that is taken up again whenever it ends.
import { createClient } from 'graphql-sse';
import { stringifyDocument, type TypedDocumentNode } from 'urql';
import { fetchWithToken } from '../shopify/session';
import { address } from './client';

export interface Listener<Data> {
  /** Something was told. */
  next: (data: Data) => void;
  /** The stream is up, for the first time or again: what happened before that was not told and must be read. */
  connected: () => void;
}

const firstWait = 500;
const longestWait = 30_000;

/** How long to wait before the next try: growing, and different from page to page so that not all come at once. */
export function waitBefore(attempt: number, chance: number): number {
  return Math.min(longestWait, firstWait * 2 ** attempt) * (0.75 + chance / 2);
}

/** Listens until the returned function is called. */
export function listen<Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  listener: Listener<Data>,
): () => void {
  const request = { query: stringifyDocument(document), variables };
  // Tries are ours to make, not the library's: it gives up on answers that a restarting server gives.
  const stream = createClient({
    url: new URL(address, location.href).href,
    fetchFn: fetchWithToken,
    retryAttempts: 0,
  });
  let attempt = 0;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let close = () => {};

  const again = () => {
    if (stopped) return;
    timer = setTimeout(open, waitBefore(attempt, Math.random()));
    attempt += 1;
  };
  const open = () => {
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      again();
    };
    close = stream.subscribe<Data>(
      request,
      {
        next: (result) => {
          attempt = 0;
          if (result.data) listener.next(result.data as Data);
        },
        error: end,
        complete: end,
      },
      {
        connected: listener.connected,
      },
    );
  };
  open();

  return () => {
    stopped = true;
    clearTimeout(timer);
    close();
    stream.dispose();
  };
}
