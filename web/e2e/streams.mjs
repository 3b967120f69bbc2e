// A stream from the page to a receiver: added, tested, replayed and ended, each message verified by its secret.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { check, must, open, patience, picture } from './browser.mjs';
import { visit } from './demo.mjs';

const visible = (locator) => locator.filter({ visible: true }).first();

/** A receiver that keeps every message with its headers. */
async function receiver() {
  const messages = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      messages.push({ headers: request.headers, body });
      response.end('thank you');
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { messages, url: `http://127.0.0.1:${server.address().port}/tagtrail`, close: () => server.close() };
}

/** Whether the message was signed with the secret, as the scheme says. */
function signed({ headers, body }, secret) {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const signature = `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
  return headers['webhook-signature'].split(' ').includes(signature);
}

async function until(what, so) {
  const end = Date.now() + patience;
  while (!so()) {
    must(Date.now() < end, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Adds a stream, and gives its secret. */
async function add(page, shop, name, url) {
  const frame = await visit(page, shop, '/settings');
  await frame.getByText('Add stream', { exact: true }).first().click();
  await visible(frame.getByLabel('Name', { exact: true })).fill(name);
  await visible(frame.getByLabel('Address', { exact: true })).fill(url);
  await frame.getByText('Add stream', { exact: true }).last().click();
  const secret = await frame.getByLabel(`The secret of ${name}`, { exact: true }).locator('code').innerText();
  await picture(page, 'streams-secret');
  await frame.getByText('I have copied it').click();
  await frame.getByText(url).first().waitFor();
  must(!(await frame.locator('body').innerText()).includes(secret), 'the secret is still on the page');
  return secret;
}

/** Opens what there is more to do with the stream, and chooses one of it. */
async function choose(frame, name, what) {
  await frame.getByLabel(`More for ${name}`, { exact: true }).first().click();
  await visible(frame.getByText(what, { exact: true })).click();
}

async function goThrough(page, shop, to, name) {
  const frame = await visit(page, shop, '/settings');
  await frame.getByText(name, { exact: true }).first().scrollIntoViewIfNeeded();
  await picture(page, 'streams-list');
  await check('a test of a stream reaches its receiver', async () => {
    await visible(frame.getByText('Test', { exact: true })).click();
    await until('the test', () => to.messages.some((one) => JSON.parse(one.body).type === 'stream.test'));
  });
  await check('a replay sends what was written before', async () => {
    await choose(frame, name, 'Replay');
    await frame.getByText('What was written in that time').waitFor();
    await picture(page, 'streams-replay');
    await visible(frame.locator('s-modal, dialog').getByText('Replay', { exact: true }).last()).click();
    await until('the replay', () => to.messages.some((one) => one.body.includes('"activity.replayed"')));
  });
  await check('a stream is disabled and deleted', async () => {
    await choose(frame, name, 'Disable');
    await frame.getByText('Riley Park disabled it').first().waitFor();
    await picture(page, 'streams-disabled');
    await choose(frame, name, 'Delete');
    await frame.getByText('Delete stream', { exact: true }).last().click();
    await frame.getByText(to.url).first().waitFor({ state: 'detached' });
  });
}

export async function streams(shop) {
  const to = await receiver();
  const { page, complaints, close } = await open(1280, 1400);
  const name = `Warehouse ${Date.now() % 10_000}`;
  try {
    const added = await check('a stream is added, and what happens arrives signed', async () => {
      const secret = await add(page, shop, name, to.url);
      await until('an event', () => to.messages.some((one) => one.body.includes('"activity.recorded"')));
      must(
        to.messages.every((one) => signed(one, secret)),
        'a signature is wrong',
      );
    });
    if (added) await goThrough(page, shop, to, name);
    await check('the page of streams is quiet', async () =>
      must(complaints.length === 0, complaints.join('\n')),
    );
  } finally {
    await close();
    to.close();
  }
}
