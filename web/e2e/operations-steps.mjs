// What the stories of operations have in common.
import { must } from './browser.mjs';
import { admin, api } from './demo.mjs';

/** How long an operation on everything may take, in milliseconds: Shopify’s own speed bounds it. */
const longest = 400_000;

/** Of what has the same name, that which can be seen: a closed dialog is in the page too. */
export const shown = (locator) => locator.filter({ visible: true }).first();

export const press = (frame, name) => shown(frame.getByRole('button', { name, exact: true })).click();

/** Types a tag into a field of several. */
export async function choose(frame, label, tag) {
  const field = frame.getByLabel(label, { exact: true });
  await field.fill(tag);
  await field.press('Enter');
}

/** The number above a name. */
export function figure(frame, name) {
  return frame
    .locator('.tt-figure')
    .filter({ has: frame.locator('dt').getByText(name, { exact: true }) })
    .locator('dd')
    .first()
    .innerText();
}

/** Waits until the operation that is shown has ended in a status. */
export async function finish(frame, status) {
  const badge = frame.locator('.tt-lead s-badge').filter({
    hasText: /^\s*(Completed|Completed with warnings|Cancelled|Failed)\s*$/,
  });
  await badge.first().waitFor({ timeout: longest });
  const now = await badge.first().innerText();
  must(now === status, `it ended as ${now}, not as ${status}`);
}

/** So many products with their tags. */
export async function productTags(shop, first) {
  const data = await admin(
    shop,
    'query P($first: Int!) { products(first: $first) { nodes { id title tags } } }',
    { first },
  );
  must(data.products.nodes.length === first, `there are only ${data.products.nodes.length} products`);
  return data.products.nodes;
}

/** The first records of an operation with their tags as they are now. */
export async function itemTags(shop, operation, first) {
  const data = await api(
    { shop },
    `query I($id: ID!, $first: Int!) {
      operation(id: $id) { items(first: $first) { nodes { resourceId } } }
    }`,
    { id: operation, first },
  );
  const ids = data.operation.items.nodes.map((one) => one.resourceId);
  must(ids.length === first, `the operation has only ${ids.length} records`);
  const query = 'query N($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { id tags } } }';
  return (await admin(shop, query, { ids })).nodes;
}

/** Starts an operation by the API, and gives its id. */
export async function start(shop, input) {
  const data = await api(
    { shop },
    `mutation Start($input: OperationInput!) {
      operationStart(input: $input) { operation { id } userErrors { field message } }
    }`,
    { input },
  );
  const { operation, userErrors } = data.operationStart;
  if (!operation) throw new Error(`operationStart: ${userErrors[0]?.message}`);
  return operation.id;
}

/**
 * Switches rules on or off, and gives their ids: all that are on and look at products where none are named. What a rule
 * does to the products of an operation would be counted as somebody else's edit, and rightly so.
 */
export async function switchRules(shop, enabled, ids) {
  const wanted = ids ?? (await productRules(shop));
  for (const id of wanted) {
    await api(
      { shop },
      `mutation Switch($id: ID!, $enabled: Boolean!) {
        ruleSetEnabled(id: $id, enabled: $enabled) { userErrors { message } }
      }`,
      { id, enabled },
    );
  }
  return wanted;
}

async function productRules(shop) {
  const { rules } = await api({ shop }, '{ rules(first: 250) { nodes { id resource enabled } } }', {});
  return rules.nodes.filter((one) => one.enabled && one.resource === 'PRODUCT').map((one) => one.id);
}
