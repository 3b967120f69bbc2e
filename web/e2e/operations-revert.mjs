// Taking back chosen records, one entry of the log and what a rule did; and that the free plan cannot.
import { check, demo, must, patience, picture } from './browser.mjs';
import { admin, api, app, createOrder, visit } from './demo.mjs';
import { figure, finish, press, productTags, shown, start } from './operations-steps.mjs';

export async function reverts(page, shop, tag) {
  await chosen(page, shop, `${tag}-chosen`);
  await ruled(page, shop, `${tag}-rule`);
}

async function chosen(page, shop, tag) {
  await check('chosen records of an operation are taken back, the others stay', async () => {
    const products = await productTags(shop, 3);
    const ids = products.map((one) => one.id);
    const id = await start(shop, { kind: 'TAG_ADD', resource: 'PRODUCT', tags: [tag], selection: { ids } });
    const frame = await visit(page, shop, `/operations/${id}`);
    await finish(frame, 'Completed');
    await frame
      .getByRole('checkbox', { name: /^Choose / })
      .first()
      .check();
    await press(frame, 'Revert 1 product');
    await picture(page, 'operations-chosen');
    await shown(frame.locator('s-modal').getByRole('button', { name: 'Revert 1 product' })).click();
    await frame.getByText('Takes back', { exact: true }).waitFor();
    await finish(frame, 'Completed');
    must((await figure(frame, 'Changed')) === '1', 'not one was taken back');
    const { nodes } = await admin(
      shop,
      'query N($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { tags } } }',
      {
        ids,
      },
    );
    const left = nodes.filter((one) => one.tags.includes(tag)).length;
    must(left === 2, `${left} products have the tag`);
  });
}

/** A rule tags two orders: one entry is taken back from the log, the other by the rule's page. */
async function ruled(page, shop, tag) {
  const first = { id: '' };
  const rule = await createRule(shop, tag);
  await check('one entry of the log is taken back', async () => {
    first.id = (await createOrder(shop)).id;
    const entry = await tagEntry(shop, first.id, tag);
    const frame = await visit(page, shop, '/?tab=tags');
    await frame.locator(`s-button[href^="/activity/${entry}"]`).click();
    await shown(frame.getByText('Revert this change?')).waitFor();
    await shown(frame.getByRole('button', { name: 'Revert 1 order' })).click();
    await frame.getByText('Show its entry').waitFor();
    await finish(frame, 'Completed');
    must(!(await orderTags(shop, first.id)).includes(tag), 'the order still has the tag');
  });
  await check('what a rule did in a window of days is taken back', async () => {
    const order = await createOrder(shop);
    await tagEntry(shop, order.id, tag);
    const frame = await visit(page, shop, `/rules/${rule}`);
    await press(frame, 'Take back what it did');
    await shown(frame.getByText(/gets its tags back|get their tags back/)).waitFor();
    await picture(page, 'operations-rule');
    await shown(frame.getByRole('button', { name: /^Revert \d+ orders?$/ })).click();
    await frame.getByText('Show its entry').waitFor();
    await finish(frame, 'Completed');
    must(!(await orderTags(shop, order.id)).includes(tag), 'the order still has the tag');
  });
  await api({ shop }, 'mutation D($id: ID!) { ruleDelete(id: $id) { deletedId } }', { id: rule });
}

/** The free plan sees the button and why it cannot be used; the API refuses too. */
export async function free(page, tag) {
  await check('the free plan sees why nothing can be taken back, and the API refuses it', async () => {
    const shops = await (await fetch(`${demo}/__sim/shops`)).json();
    const shop = shops.find((one) => one.plan === 'FREE')?.shop;
    must(shop, 'the simulator has no shop on the free plan');
    const products = await productTags(shop, 2);
    const id = await start(shop, {
      kind: 'TAG_ADD',
      resource: 'PRODUCT',
      tags: [`${tag}-free`],
      selection: { ids: products.map((one) => one.id) },
    });
    const frame = await visit(page, shop, `/operations/${id}`);
    await finish(frame, 'Completed');
    const button = shown(frame.getByRole('button', { name: 'Revert (Pro)', exact: true }));
    must(await button.isDisabled(), 'the button can be pressed');
    await frame.locator('.tt-term', { hasText: 'Revert' }).getByText('Pro', { exact: true }).waitFor();
    await picture(page, 'operations-free');
    const { operationRevert } = await api(
      { shop },
      'mutation R($id: ID!) { operationRevert(input: { operationId: $id }) { operation { id } userErrors { code } } }',
      { id },
    );
    must(operationRevert.operation === null && operationRevert.userErrors.length > 0, 'the API took it back');
    await app(page);
  });
}

async function createRule(shop, tag) {
  const { ruleCreate } = await api(
    { shop },
    'mutation C($input: RuleInput!) { ruleCreate(input: $input) { rule { id } userErrors { message } } }',
    {
      input: {
        name: `Browser test ${tag}`,
        resource: 'ORDER',
        triggers: ['CREATED'],
        when: { conditions: [{ field: 'total_price', operator: 'GREATER', values: ['0'] }] },
        addTags: [tag],
      },
    },
  );
  if (!ruleCreate.rule) throw new Error(`ruleCreate: ${ruleCreate.userErrors[0]?.message}`);
  return ruleCreate.rule.id;
}

async function orderTags(shop, id) {
  return (await admin(shop, 'query O($id: ID!) { order(id: $id) { tags } }', { id })).order.tags;
}

/** The id of the entry that tells of a tag on an order, once the log has it. */
async function tagEntry(shop, order, tag) {
  const end = Date.now() + patience;
  for (;;) {
    const { activities } = await api(
      { shop },
      'query E($filter: ActivityFilter) { activities(first: 1, filter: $filter) { nodes { id } } }',
      { filter: { entityId: order, categories: ['TAGS'], statuses: ['SUCCESS'], search: `tag:${tag}` } },
    );
    if (activities.nodes.length > 0) return activities.nodes[0].id;
    if (Date.now() > end) throw new Error(`The log does not tell of ${tag} on ${order}.`);
  }
}
