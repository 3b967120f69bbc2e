// A second story: what happened is understood, what did not happen is explained, what failed is done again.
import { randomBytes } from 'node:crypto';
import { check, must, open, patience, picture } from './browser.mjs';
import { admin, api, app, createOrder, fault, noFaults, visit } from './demo.mjs';

export async function why(shop) {
  const tag = `e2e-${randomBytes(3).toString('hex')}`;
  const { page, complaints, close } = await open(1280, 900);
  try {
    await understand(page, shop);
    await explain(page, shop, tag);
    await recordByKey(page, shop, tag);
    await retry(page, shop, tag);
    await check('nothing of it was complained about on the console', () =>
      must(complaints.length === 0, complaints.join('\n')),
    );
  } finally {
    await noFaults();
    await close();
  }
}

async function understand(page, shop) {
  await check('a webhook’s entry shows what was sent', async () => {
    const frame = await visit(page, shop, '/?type=webhook&range=30d');
    await frame.locator('a.tt-row-link').filter({ hasText: 'Order' }).first().click();
    await frame.getByText('Request', { exact: true }).click();
    await frame.getByLabel('Body of the request').getByText('"id":').first().waitFor();
    await frame.getByText('Response 200').waitFor();
  });
  await check('its id and its link are copied', async () => {
    const frame = await app(page);
    await frame.getByRole('button', { name: 'Copy ID' }).first().click();
    await page.getByText('ID copied').waitFor();
    await frame.getByRole('button', { name: 'Copy link' }).click();
    await page.getByText('Link copied').waitFor();
  });
  await check('it leads to all that happened to its record', async () => {
    const frame = await app(page);
    await frame.locator('s-link[href^="/record?id="]').first().click();
    await frame.getByRole('heading', { name: /^Order #/ }).waitFor();
    await frame.locator('a.tt-row-link').first().waitFor();
    await frame.getByText('Why didn’t a rule fire?').waitFor();
    await picture(page, 'why-record');
  });
}

async function explain(page, shop, tag) {
  const name = `Never ${tag}`;
  let rule = '';
  await check('a rule that did not fire says which condition did not hold', async () => {
    rule = await createRule(shop, name, tag, '100000');
    const order = await createOrder(shop);
    await entryOf(shop, order.id);
    const frame = await visit(page, shop, `/rules/${rule}`);
    await frame.getByText('Why didn’t it fire?').click();
    await frame.getByLabel('Find a record').fill(order.name);
    await frame.locator('a.tt-pick').filter({ hasText: order.name }).first().click();
    await frame.getByText('Conditions not met').waitFor();
    await frame.getByText('Total price is greater than 100000').waitFor();
    await frame
      .getByText(/^actual 42(\.00)?$/)
      .first()
      .waitFor();
    await picture(page, 'why-not-matched');
  });
  await check('it says so where Shopify never told of the record', async () => {
    await fault({ name: 'webhook_lost', shop });
    const order = await createOrder(shop);
    const frame = await visit(page, shop, `/explain?rule=${rule}`);
    await frame.getByLabel('Find a record').fill(order.id.split('/').at(-1));
    await frame.locator('a.tt-pick').first().click();
    await frame.getByText('Nothing arrived').waitFor();
    await picture(page, 'why-nothing');
  });
  await noFaults();
}

async function recordByKey(page, shop, tag) {
  let key = '';
  const made = await check('an API key is made and shown this once', async () => {
    const frame = await visit(page, shop, '/settings');
    await frame.getByText('Create key', { exact: true }).first().click();
    await visible(frame.getByLabel('Name', { exact: true })).fill(`Script ${tag}`);
    await frame.getByText('Create key', { exact: true }).last().click();
    key = await frame.getByLabel('The key', { exact: true }).locator('code').innerText();
    await frame.getByText('I have copied it').click();
    await frame.getByText(`Script ${tag}`).first().waitFor();
    must(!(await frame.locator('body').innerText()).includes(key), 'the key is still on the page');
    await picture(page, 'why-settings');
  });
  if (!made) return;
  await check('what is recorded with it appears in the log at once', async () => {
    const connected = page.waitForResponse((answer) =>
      (answer.headers()['content-type'] ?? '').startsWith('text/event-stream'),
    );
    const frame = await visit(page, shop, '/');
    await connected;
    await api(
      { key },
      `mutation Record($input: ActivityRecordInput!) {
        activityRecord(input: $input) { activity { id } userErrors { message } }
      }`,
      { input: { type: 'USER_ACTION', action: 'RELEASE_CREATED', summary: `Release ${tag} created` } },
    );
    await frame
      .locator('a.tt-row-link')
      .filter({ hasText: `Release ${tag} created` })
      .click();
    await frame.getByText(`API key: Script ${tag}`).waitFor();
  });
}

async function retry(page, shop, tag) {
  let order;
  const failed = await check('what Shopify refused stands under failures, by its cause', async () => {
    await createRule(shop, `Always ${tag}`, `${tag}-retry`, '0');
    await fault({ name: 'user_error', shop, operation: 'tagsAdd', times: 50 });
    order = await createOrder(shop);
    await entryOf(shop, order.id, 'FAILED');
    await noFaults();
    const frame = await visit(page, shop, '/failures');
    await frame
      .getByText(/^Retry all/)
      .first()
      .waitFor();
    await picture(page, 'why-failures');
  });
  if (!failed) return;
  await check('all of it is tried again in one go, and works', async () => {
    const frame = await app(page);
    await frame
      .getByText(/^Retry all/)
      .first()
      .click();
    await visible(frame.getByText(/^Retry [\d,]+ entr/)).click();
    await frame
      .getByText(/worked this time/)
      .first()
      .waitFor({ timeout: 3 * patience });
    await picture(page, 'why-retried');
    const { order: after } = await admin(shop, 'query Tags($id: ID!) { order(id: $id) { tags } }', {
      id: order.id,
    });
    must(after.tags.includes(`${tag}-retry`), `the order has the tags ${after.tags.join(', ')}`);
  });
}

/** Of what has the same name, that which can be seen: a closed dialog is in the page too. */
const visible = (locator) => locator.filter({ visible: true }).first();

/** Saves a rule for orders of more than an amount, and gives its id. */
async function createRule(shop, name, tag, amount) {
  const data = await api(
    { shop },
    `mutation Create($input: RuleInput!) {
      ruleCreate(input: $input) { rule { id } userErrors { message } }
    }`,
    {
      input: {
        name,
        resource: 'ORDER',
        triggers: ['CREATED'],
        when: { conditions: [{ field: 'total_price', operator: 'GREATER', values: [amount] }] },
        addTags: [tag],
      },
    },
  );
  const { rule, userErrors } = data.ruleCreate;
  if (!rule) throw new Error(`ruleCreate: ${userErrors[0]?.message}`);
  return rule.id;
}

/** Waits until an entry about a record, of a status, is in the log. */
async function entryOf(shop, record, status = 'SUCCESS') {
  const until = Date.now() + patience;
  for (;;) {
    const { activities } = await api(
      { shop },
      `query Entries($filter: ActivityFilter) { activities(first: 1, filter: $filter) { nodes { id } } }`,
      { filter: { entityId: record, statuses: [status] } },
    );
    if (activities.nodes.length > 0) return;
    if (Date.now() > until) throw new Error(`The log has no ${status} entry about ${record}.`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
