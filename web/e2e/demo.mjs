// The demo as a person and as another app reach it: the admin frame, the page in it, the store's Admin API.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { demo, must, patience } from './browser.mjs';

/** The shop that the tests play in: the first one of the simulator. */
export async function firstShop() {
  return (await shops())[0].shop;
}

/** The simulator's shops. */
export async function shops() {
  const answer = await fetch(`${demo}/__sim/shops`);
  if (!answer.ok) throw new Error(`The simulator answered ${answer.status} to /__sim/shops.`);
  const found = await answer.json();
  must(found.length > 0, 'The simulator has no shop.');
  return found;
}

/** Asks the store's Admin API, as another app of the shop would. */
export async function admin(shop, query, variables) {
  const answer = await fetch(`${demo}/${shop}/admin/api/2026-10/graphql.json`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Shopify-Access-Token': 'sim-admin' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors?.length) throw new Error(errors[0].message);
  return data;
}

/** Has another app create an order, and gives its id and its name. */
export async function createOrder(shop) {
  const { currencyCode } = (await admin(shop, '{ shop { currencyCode } }', {})).shop;
  const data = await admin(
    shop,
    `mutation Create($order: OrderCreateOrderInput!) {
      orderCreate(order: $order) { order { id name } userErrors { field message } }
    }`,
    {
      order: {
        currency: currencyCode,
        lineItems: [
          {
            title: 'Browser test wine',
            quantity: 2,
            priceSet: { shopMoney: { amount: '21.00', currencyCode } },
          },
        ],
      },
    },
  );
  const [error] = data.orderCreate.userErrors;
  if (error) throw new Error(`orderCreate: ${error.message}`);
  return data.orderCreate.order;
}

/** Asks our own API, as the first person of a shop's staff or with an API key. */
export async function api({ shop, key }, query, variables) {
  const token = key ?? (await control('POST', 'session_token', { shop })).token;
  const { appUrl } = await control('GET', 'config');
  const answer = await fetch(`${appUrl}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors?.length) throw new Error(errors[0].message);
  return data;
}

/** A file in the folder that the demo keeps all in. */
export function kept(...names) {
  must(process.env.DEMO_DATA, 'DEMO_DATA does not name the folder that the demo keeps all in');
  return join(process.env.DEMO_DATA, ...names);
}

/** Makes an API key that records, and gives what writes entries with it. */
export async function recorder(shop, name) {
  const { apiKeyCreate } = await api(
    { shop },
    'mutation Make($input: APIKeyInput!) { apiKeyCreate(input: $input) { key userErrors { message } } }',
    { input: { name, scopes: ['RECORD'] } },
  );
  must(apiKeyCreate.key, `apiKeyCreate: ${apiKeyCreate.userErrors[0]?.message}`);
  return async (inputs) => {
    const { activityRecordBatch } = await api(
      { key: apiKeyCreate.key },
      `mutation Record($inputs: [ActivityRecordInput!]!) {
        activityRecordBatch(inputs: $inputs) { userErrors { message } }
      }`,
      { inputs: inputs.map((one) => ({ type: 'USER_ACTION', action: 'NOTED', ...one })) },
    );
    const [error] = activityRecordBatch.userErrors;
    must(!error, `activityRecordBatch: ${error?.message}`);
  };
}

/** Runs a command of Tagtrail's beside the demo, as who runs a server does, and gives what it prints. */
export async function command(...words) {
  must(process.env.TAGTRAIL, 'TAGTRAIL does not name the program');
  const env = {
    ...process.env,
    DATABASE_URL: `sqlite:${kept('tagtrail.db')}`,
    FILES_URL: `file:${kept('files')}`,
    ENCRYPTION_KEYS: `demo:${readFileSync(kept('key'), 'utf8')}`,
  };
  return (await promisify(execFile)(process.env.TAGTRAIL, words, { env })).stdout;
}

/** Has Shopify send a webhook by hand, and gives the statuses that it got. */
export function deliver(webhook) {
  return control('POST', 'deliver', webhook);
}

/** Has a shop remove the app. */
export function uninstall(shop) {
  return control('POST', 'uninstall', { shop });
}

/** Lets things happen in the shops by themselves, or not. */
export function traffic(on) {
  return control('POST', 'traffic', { on });
}

/** Switches a mishap on. */
export function fault(one) {
  return control('POST', 'faults', one);
}

/** Switches all mishaps off. */
export function noFaults() {
  return control('DELETE', 'faults');
}

async function control(method, name, body) {
  const answer = await fetch(`${demo}/__sim/${name}`, { method, body: body && JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(`The simulator refused ${name}: ${said.error}`);
  return said;
}

/** The page inside the admin's frame, once it stands. */
export async function app(page) {
  const frame = page.locator('iframe').first().contentFrame();
  await frame.locator('s-page').first().waitFor({ timeout: patience });
  return frame;
}

/** Opens an address of the page through the admin. */
export async function visit(page, shop, path) {
  await page.goto(`${demo}/${shop}/admin/apps/tagtrail${path === '/' ? '' : path}`);
  return app(page);
}
