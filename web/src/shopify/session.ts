// Who is asking: every request carries a fresh session token from App Bridge.

/** The header by which the server asks for one more try with a newer token. */
const retryHeader = 'X-Shopify-Retry-Invalid-Session-Request';

/** A session token; App Bridge keeps it fresh, it lives for a minute. */
export function idToken(): Promise<string> {
  return globalThis.shopify.idToken();
}

/** A fetch with the session token. One that the server finds too old is sent once more with a new one. */
export async function fetchWithToken(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const answer = await send(input, init);
  if (answer.status === 401 && answer.headers.has(retryHeader)) return send(input, init);
  return answer;
}

async function send(input: RequestInfo | URL, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('Authorization', `Bearer ${await idToken()}`);
  return fetch(input, { ...init, headers });
}
