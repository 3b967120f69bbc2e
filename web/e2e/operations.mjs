// Changing thousands and taking it back, as a merchant does: preview, start, watch, and revert after another app has
// edited some of them.
import { randomBytes } from 'node:crypto';
import { check, must, open, patience, picture } from './browser.mjs';
import { admin, app, traffic, visit } from './demo.mjs';
import { cleaning } from './operations-cleaner.mjs';
import { failing } from './operations-failing.mjs';
import { free, reverts } from './operations-revert.mjs';
import {
  choose,
  figure,
  finish,
  itemTags,
  press,
  productTags,
  shown,
  switchRules,
} from './operations-steps.mjs';

export async function operations(shop) {
  const tag = `e2e-${randomBytes(3).toString('hex')}`;
  const { page, complaints, close } = await open(1280, 900);
  await traffic(false);
  const rules = await switchRules(shop, false);
  try {
    await wizard(page, shop);
    await thousands(page, shop, tag);
    await failing(page, shop, tag);
    await reverts(page, shop, tag);
    await cleaning(page, shop, tag);
    await free(page, tag);
    await check('none of it was complained about on the console', () =>
      must(complaints.length === 0, complaints.join('\n')),
    );
  } finally {
    await close();
    await switchRules(shop, true, rules);
    await traffic(true);
  }
}

/** What the wizard refuses, and what it keeps. */
async function wizard(page, shop) {
  await check('an unknown search field shows Shopify’s warning and goes no further', async () => {
    const frame = await visit(page, shop, '/operations/new');
    await choose(frame, 'Tags to put on', 'Sale');
    await press(frame, 'Continue');
    await frame.getByLabel('Search', { exact: true }).fill('colour:red');
    await press(frame, 'See preview');
    await frame.getByText(/does not know .colour./).waitFor();
    must(await frame.getByRole('heading', { name: 'Which products?' }).isVisible(), 'the step was left');
    await picture(page, 'operations-misread');
  });
  await check('what was typed is there again after going back', async () => {
    const frame = await app(page);
    await press(frame, 'Back');
    await frame.locator('.tt-change', { hasText: 'Sale' }).waitFor();
    await page.goBack();
    must(
      (await frame.getByLabel('Search', { exact: true }).inputValue()) === 'colour:red',
      'the search is gone',
    );
  });
  await check('a CSV file shows its columns and its wrong lines', async () => {
    const frame = await app(page);
    const [{ id }] = await productTags(shop, 1);
    const csv = (text) => ({ name: 'products.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await frame.getByRole('radio', { name: 'Those in a CSV file' }).check();
    const file = frame.locator('s-drop-zone input[type=file]');
    await file.setInputFiles(csv(`Product ID,Title\n${id},Wine\nBarolo,Wine\n`));
    await frame.getByText('1 line is wrong').waitFor();
    await frame.getByRole('cell', { name: 'the id', exact: true }).waitFor();
    await frame.getByRole('row', { name: /^3 .*Barolo/ }).waitFor();
    await picture(page, 'operations-csv');
    await press(frame, 'See preview');
    await frame.getByRole('heading', { name: 'Which products?' }).waitFor();
    await press(frame, 'Choose another file');
    await file.setInputFiles(csv(`Product ID,Title\n${id},Wine\n`));
    await frame.getByText('It names 1 product.').waitFor();
    await press(frame, 'See preview');
    await frame.getByRole('heading', { name: 'What would change' }).waitFor();
    must((await figure(frame, 'Product')) === '1', 'the preview is not of one product');
  });
}

/** All products at once; another app edits ten of them; all of it is taken back but for what that app did. */
async function thousands(page, shop, tag) {
  const { count } = (await admin(shop, '{ productsCount(limit: null) { count } }', {})).productsCount;
  const many = new Intl.NumberFormat('en').format(count);
  const started = await check(`a tag is put on all ${many} products, after a preview`, async () => {
    const frame = await visit(page, shop, '/operations/new');
    await choose(frame, 'Tags to put on', tag);
    await press(frame, 'Continue');
    await frame.getByRole('radio', { name: 'Everything' }).check();
    await frame.getByRole('checkbox', { name: `Yes, all ${many} products` }).check();
    await press(frame, 'See preview');
    await frame.getByRole('heading', { name: 'What would change' }).waitFor();
    must((await figure(frame, 'Products')) === many, 'the preview is not of all products');
    await frame.locator('.tt-change-added', { hasText: tag }).first().waitFor();
    await picture(page, 'operations-preview');
    await press(frame, 'Continue');
    await frame.getByText(/can be taken back for/).waitFor();
    await frame.getByLabel('Note', { exact: true }).fill('Browser test');
    await picture(page, 'operations-confirm');
    await listen(frame);
    await press(frame, 'Start operation');
    await frame.getByText('Show its entry').waitFor();
  });
  if (!started) return;
  const id = await operationOf(page);
  await check('its progress is told live', () => progress(page, many));
  const done = await check('it ends with every product changed', async () => {
    const frame = await app(page);
    await finish(frame, 'Completed');
    must((await figure(frame, 'Changed')) === many, 'not every product was changed');
    await counted(shop, tag, count);
    await picture(page, 'operations-done');
  });
  if (done) await takeBack({ page, shop, tag, id, many });
}

/** Has the page remember what it says of how far an operation has come, however short it stands there. */
function listen(frame) {
  return frame.locator('body').evaluate((body) => {
    window.told = new Set();
    const look = () => {
      for (const text of body.querySelectorAll('s-text')) window.told.add(text.textContent.trim());
    };
    new MutationObserver(look).observe(body, { subtree: true, childList: true, characterData: true });
  });
}

/** A state between the start and the end is told, in the same document. */
async function progress(page, many) {
  const frame = await app(page);
  const between = new RegExp(`^[1-9][\\d,]* of ${many}`);
  const heard = () => frame.locator('body').evaluate(() => [...(window.told ?? [])]);
  const ended = frame.locator('.tt-lead s-badge').filter({ hasText: /^\s*Completed\s*$/ });
  for (const until = Date.now() + 60_000; Date.now() < until; ) {
    if ((await heard()).some((text) => between.test(text)) || (await ended.count()) > 0) break;
    await ended.waitFor({ timeout: 200 }).catch(() => {});
  }
  const said = await heard();
  must(
    said.some((text) => between.test(text)),
    `the page, which was not loaded anew, never said how far it was; it said: ${said.join(' | ')}`,
  );
  await picture(page, 'operations-running');
}

async function takeBack({ page, shop, tag, id, many }) {
  // The preview looks at the first thousand items, so the ten are among them.
  const before = await itemTags(shop, id, 10);
  const expected = new Map();
  await check('another app edits ten of the products', async () => {
    for (const [at, { id: product, tags }] of before.entries()) {
      const own = tags.filter((one) => one !== tag);
      const gone = at % 2 === 1 ? own.slice(0, 1) : [];
      await edit(shop, 'tagsAdd', product, [`kept-${tag}`]);
      if (gone.length > 0) await edit(shop, 'tagsRemove', product, gone);
      expected.set(product, [...own.filter((one) => !gone.includes(one)), `kept-${tag}`].sort());
    }
  });
  const reverted = await check('the preview of the revert shows those ten as changed since', async () => {
    const frame = await visit(page, shop, `/operations/${id}`);
    await press(frame, 'Revert');
    await shown(frame.getByText(/\b10 products were changed by others since/)).waitFor();
    await shown(frame.getByText('Changed since', { exact: true })).waitFor();
    const marked = await frame.getByText('Changed since', { exact: true }).filter({ visible: true }).count();
    must(marked === 10, `${marked} products are marked as changed since`);
    await picture(page, 'operations-revert');
    await shown(frame.getByRole('button', { name: `Revert ${many} products` })).click();
    await frame.getByText('Takes back', { exact: true }).waitFor();
    await finish(frame, 'Completed');
    await picture(page, 'operations-reverted');
  });
  if (!reverted) return;
  await check('the tag is gone everywhere, and the other app’s edits are there', async () => {
    await counted(shop, tag, 0);
    for (const [product, tags] of expected) {
      const { node } = await admin(shop, 'query T($id: ID!) { node(id: $id) { ... on Product { tags } } }', {
        id: product,
      });
      const now = [...node.tags].sort();
      must(now.join() === tags.join(), `${product} has ${now.join()} and not ${tags.join()}`);
    }
  });
  await check('the operation and its revert name each other', async () => {
    const frame = await visit(page, shop, `/operations/${id}`);
    await frame.getByText('Taken back by', { exact: true }).waitFor();
    await picture(page, 'operations-original');
  });
}

/** Edits a record's tags as another app does. */
async function edit(shop, field, id, tags) {
  const data = await admin(
    shop,
    `mutation Edit($id: ID!, $tags: [String!]!) { ${field}(id: $id, tags: $tags) { userErrors { message } } }`,
    { id, tags },
  );
  const [error] = data[field].userErrors;
  if (error) throw new Error(`${field}: ${error.message}`);
}

/** Waits until Shopify's search, which lags behind the records, finds so many products with a tag. */
async function counted(shop, tag, wanted) {
  const query = `tag:"${tag}"`;
  const end = Date.now() + patience;
  for (;;) {
    const { productsCount } = await admin(
      shop,
      'query C($query: String!) { productsCount(query: $query) { count } }',
      { query },
    );
    if (productsCount.count === wanted) return;
    must(Date.now() < end, `${productsCount.count} products have the tag, not ${wanted}`);
  }
}

/** The id of the operation that the page shows. */
async function operationOf(page) {
  const frame = await app(page);
  const path = await frame.locator('body').evaluate(() => window.location.pathname);
  return decodeURIComponent(path.split('/').at(-1));
}
