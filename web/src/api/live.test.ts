import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { ActivityChangedDocument } from '../generated/graphql';
import { listen, waitBefore } from './live';

it('waits longer with each try, and never more than half a minute and a quarter', () => {
  expect(waitBefore(0, 0.5)).toBe(500);
  expect(waitBefore(1, 0.5)).toBe(1000);
  expect(waitBefore(3, 0.5)).toBe(4000);
  expect(waitBefore(40, 1)).toBe(37_500);
});

it('comes back after the server ended the stream, and says so', async () => {
  const asked: IncomingMessage[] = [];
  const told = (id: string) => `event: next\ndata: {"data":{"activityChanged":{"id":"${id}"}}}\n\n`;
  const server = createServer((request, response: ServerResponse) => {
    asked.push(request);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(told(`entry-${asked.length}`));
    // The first stream ends, as when the server is restarted; the second stays.
    if (asked.length === 1) response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  Object.assign(globalThis, {
    shopify: { idToken: async () => 'token' },
    location: { href: `http://localhost:${(server.address() as AddressInfo).port}/` },
  });

  let connections = 0;
  const ids: string[] = [];
  let stop = () => {};
  await new Promise<void>((resolve) => {
    stop = listen(
      ActivityChangedDocument,
      { filter: {} },
      {
        connected: () => {
          connections += 1;
        },
        next: (data) => {
          ids.push(data.activityChanged.id);
          if (ids.length === 2) resolve();
        },
      },
    );
  });
  stop();
  server.closeAllConnections();
  server.close();
  expect(ids).toEqual(['entry-1', 'entry-2']);
  expect(connections).toBe(2);
  expect(asked[0]?.headers.accept).toMatch(/^text\/event-stream/);
  expect(asked[0]?.headers.authorization).toBe('Bearer token');
});
