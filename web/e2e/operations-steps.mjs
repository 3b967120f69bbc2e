// What the stories of operations have in common.
import { must, patience } from './browser.mjs';
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

/** So many products with their tags; those that have a tag where one is named. */
export async function productTags(shop, first, tag) {
  const data = await admin(
    shop,
    'query P($first: Int!, $query: String) { products(first: $first, query: $query) { nodes { id title tags } } }',
    { first, query: tag ? `tag:"${tag}"` : null },
  );
  must(data.products.nodes.length === first, `there are only ${data.products.nodes.length} such products`);
  return data.products.nodes;
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

/** Asks something of an operation until it is so, and gives it. */
export async function until(shop, id, fields, isSo, within = patience) {
  const end = Date.now() + within;
  for (;;) {
    const { operation } = await api({ shop }, `query One($id: ID!) { operation(id: $id) { ${fields} } }`, {
      id,
    });
    if (isSo(operation)) return operation;
    if (Date.now() > end) throw new Error(`It never came about: ${JSON.stringify(operation)}`);
  }
}
