// What Shopify asks for on behalf of people: a customer’s data are given out and erased, and so is a shop that left.
import { randomBytes } from 'node:crypto';
import { check, must, open, patience, picture } from './browser.mjs';
import { admin, api, deliver, recorder, shops, traffic, uninstall, visit } from './demo.mjs';

export async function privacy(shop) {
  const name = `Ottilie Q${randomBytes(3).toString('hex')}`;
  const { page, complaints, close } = await open(1280, 900);
  await traffic(false);
  try {
    const id = await customer(shop, name);
    await known(page, shop, name);
    await handOver(page, shop, id, name);
    await erase(page, shop, id, name);
    await leave(page);
    await check('privacy complained about nothing on the console', () =>
      must(complaints.length === 0, complaints.join('\n')),
    );
  } finally {
    await traffic(true);
    await close();
  }
}

const mailOf = (name) => `${name.toLowerCase().replace(' ', '.')}@example.org`;
const entries = (frame) => frame.locator('a.tt-row-link');

/** Has somebody become a customer, and something else be told of them. */
async function customer(shop, name) {
  const [firstName, lastName] = name.split(' ');
  const { customerCreate } = await admin(
    shop,
    `mutation Create($input: CustomerInput!) {
      customerCreate(input: $input) { customer { id } userErrors { message } }
    }`,
    { input: { firstName, lastName, email: mailOf(name) } },
  );
  must(customerCreate.customer, `customerCreate: ${customerCreate.userErrors[0]?.message}`);
  const write = await recorder(shop, 'Refunds');
  await write([{ summary: `Refund for ${name} <${mailOf(name)}>`, action: 'REFUNDED' }]);
  return customerCreate.customer.id;
}

async function known(page, shop, name) {
  await check('a customer is known by name in the log', async () => {
    const frame = await visit(page, shop, '/');
    await entries(frame)
      .filter({ hasText: `Refund for ${name}` })
      .waitFor();
    await entries(frame)
      .filter({ hasText: `Customer ${name} created` })
      .first()
      .waitFor();
  });
}

/** Has Shopify ask for something about the customer. */
async function ask(shop, topic, id, name) {
  const statuses = await deliver({
    shop,
    topic,
    payload: { shop_domain: shop, customer: { id: Number(id.split('/').at(-1)), email: mailOf(name) } },
  });
  must(statuses.join() === '200', `${topic} is answered ${statuses}`);
}

async function handOver(page, shop, id, name) {
  await check('a customer’s data are gathered in a file, which stands under Exports', async () => {
    await ask(shop, 'customers/data_request', id, name);
    const log = await visit(page, shop, '/');
    const entry = entries(log)
      .filter({ hasText: /Customer data gathered: / })
      .first();
    await entry.waitFor();
    must(!(await entry.innerText()).includes(name), 'the entry names the customer');
    await entry.click();
    await log
      .getByText(/Give them the file under Exports/)
      .first()
      .waitFor();
    await log.getByText('Something is left for you to do').waitFor();
    await picture(page, 'privacy-request');
    const frame = await visit(page, shop, '/exports');
    const row = frame
      .locator('s-table-row')
      .filter({ hasText: /customer/i })
      .first();
    const link = row.getByRole('link', { name: 'Download' });
    await link.waitFor();
    await picture(page, 'privacy-exports');
    const text = await (await fetch(await link.evaluate((one) => one.href))).text();
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    must(lines[0].kind === 'request', `the file begins with ${lines[0].kind}`);
    must(text.includes(`Refund for ${name}`), 'the file has not what is known');
  });
}

async function erase(page, shop, id, name) {
  const done = await check('a customer is erased on request, as its entry says', async () => {
    await ask(shop, 'customers/redact', id, name);
    const frame = await visit(page, shop, '/');
    const entry = entries(frame)
      .filter({ hasText: /Customer data erased: / })
      .first();
    await entry.waitFor();
    await entry.click();
    await frame.getByRole('button', { name: 'Copy ID' }).first().waitFor();
    await picture(page, 'privacy-erased');
  });
  if (!done) return;
  await check('their name is nowhere on the page', async () => {
    const [, last] = name.split(' ');
    const log = await visit(page, shop, '/');
    await entries(log).filter({ hasText: 'Refund for [erased] <[erased]>' }).waitFor();
    await picture(page, 'privacy-log');
    await nowhere(log, last);
    const record = await visit(page, shop, `/record?id=${encodeURIComponent(id)}`);
    await entries(record).first().waitFor();
    await nowhere(record, last);
    const gone = await visit(page, shop, '/exports');
    await gone.getByText('Ended', { exact: true }).first().waitFor();
    await picture(page, 'privacy-files');
    await nowhere(gone, last);
    const searched = await visit(page, shop, `/?range=30d&q=${last}`);
    await searched.getByText('Nothing matches').waitFor();
  });
}

async function nowhere(frame, text) {
  const page = await frame.locator('html').innerHTML();
  must(!page.includes(text), `the page still has ${text}`);
}

async function leave(page) {
  const { shop } = (await shops()).at(-1);
  await check('a shop that left is erased, and begins anew when it comes back', async () => {
    const { exportStart } = await api(
      { shop },
      'mutation { exportStart(input: {}) { export { url } userErrors { message } } }',
      {},
    );
    must((await fetch(exportStart.export.url)).ok, 'the shop has no file to begin with');
    await uninstall(shop);
    await until('its file is refused', async () => (await fetch(exportStart.export.url)).status === 410);
    const request = {
      shop,
      topic: 'shop/redact',
      payload: { shop_domain: shop },
      webhookId: randomBytes(8).toString('hex'),
    };
    await until('it is gone', async () => !(await deliver(request)).includes(200));
    const frame = await visit(page, shop, '/rules');
    await frame.getByText('Start from an example').first().waitFor();
    await picture(page, 'privacy-anew');
  });
}

async function until(what, so) {
  for (const end = Date.now() + 2 * patience; !(await so()); ) {
    must(Date.now() < end, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
