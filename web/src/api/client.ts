// The way to the server: queries and mutations by POST at /graphql. Live data comes by live.ts.
import { Client, type CombinedError, cacheExchange, fetchExchange } from 'urql';
import { fetchWithToken } from '../shopify/session';

/** Where GraphQL is, for queries and subscriptions alike. */
export const address = '/graphql';

/** The client of the whole page. */
export const client = new Client({
  url: address,
  fetch: fetchWithToken,
  preferGetMethod: false,
  // The server takes a request for a subscription when Accept begins with text/event-stream; these are none.
  fetchOptions: { headers: { accept: 'application/json' } },
  exchanges: [cacheExchange, fetchExchange],
});

/** True where the server said that this shop has nothing with the id that was asked for. */
export function isNotFound(error: CombinedError | undefined): boolean {
  return error?.graphQLErrors.some((one) => one.extensions.code === 'NOT_FOUND') ?? false;
}
