// The demo as a person and as another app reach it: the admin frame, the page in it, the store's Admin API.
import { demo, patience } from './browser.mjs';

/** The shop that the tests play in: the first one of the simulator. */
export async function firstShop() {
  const answer = await fetch(`${demo}/__sim/shops`);
  if (!answer.ok) throw new Error(`The simulator answered ${answer.status} to /__sim/shops.`);
  const [shop] = await answer.json();
  if (!shop) throw new Error('The simulator has no shop.');
  return shop.shop;
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
