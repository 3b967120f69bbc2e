import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { fetchWithToken } from './session';

let tokens = 0;
const close: (() => void)[] = [];

Object.assign(globalThis, {
  shopify: {
    idToken: async () => {
      tokens += 1;
      return `token-${tokens}`;
    },
  },
});

afterEach(() => {
  for (const one of close.splice(0)) one();
});

/** A server that keeps each request's token; gives its address. */
async function serve(answer: (response: ServerResponse, count: number) => void) {
  const seen: (string | undefined)[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    seen.push(request.headers.authorization);
    answer(response, seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  close.push(() => server.close());
  return { seen, url: `http://localhost:${(server.address() as AddressInfo).port}/graphql` };
}

it('sends a fresh token with every request', async () => {
  const { seen, url } = await serve((response) => response.end('ok'));
  await fetchWithToken(url);
  await fetchWithToken(url);
  expect(new Set(seen).size).toBe(2);
  expect(seen[0]).toMatch(/^Bearer token-\d+$/);
});

it('tries once more with another token where the server asks for it', async () => {
  const { seen, url } = await serve((response, count) => {
    if (count > 1) return response.end('ok');
    response.writeHead(401, { 'X-Shopify-Retry-Invalid-Session-Request': '1' }).end();
  });
  expect((await fetchWithToken(url)).status).toBe(200);
  expect(seen).toHaveLength(2);
  expect(seen[0]).not.toBe(seen[1]);
});

it('tries no third time', async () => {
  const { seen, url } = await serve((response) => {
    response.writeHead(401, { 'X-Shopify-Retry-Invalid-Session-Request': '1' }).end();
  });
  expect((await fetchWithToken(url)).status).toBe(401);
  expect(seen).toHaveLength(2);
});

it('takes a plain 401 for an answer', async () => {
  const { seen, url } = await serve((response) => response.writeHead(401).end());
  expect((await fetchWithToken(url)).status).toBe(401);
  expect(seen).toHaveLength(1);
});
