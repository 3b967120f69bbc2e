// Operations that are stopped, and operations in which something fails.
import { check, must, picture } from './browser.mjs';
import { app, fault, noFaults, visit } from './demo.mjs';
import { figure, finish, press, productTags, shown, start } from './operations-steps.mjs';

export async function failing(page, shop, tag) {
  await cancelled(page, shop, `${tag}-stopped`);
  await failed(page, shop, `${tag}-failed`);
}

async function cancelled(page, shop, tag) {
  await check('an operation that runs is stopped, and says what it had done', async () => {
    const id = await start(shop, {
      kind: 'TAG_ADD',
      resource: 'PRODUCT',
      tags: [tag],
      selection: { all: true },
    });
    const frame = await visit(page, shop, `/operations/${id}`);
    await press(frame, 'Cancel operation');
    await shown(frame.getByText('Let it go on')).waitFor();
    await picture(page, 'operations-cancel');
    await shown(frame.locator('s-modal').getByRole('button', { name: 'Cancel operation' })).click();
    await finish(frame, 'Cancelled');
    await picture(page, 'operations-cancelled');
  });
}

async function failed(page, shop, tag) {
  const products = await productTags(shop, 5);
  const ok = await check('what Shopify refused stands by its cause, and the rest is changed', async () => {
    await fault({ name: 'user_error', shop, operation: 'tagsAdd', times: 3 });
    const id = await start(shop, {
      kind: 'TAG_ADD',
      resource: 'PRODUCT',
      tags: [tag],
      selection: { ids: products.map((one) => one.id) },
    });
    const frame = await visit(page, shop, `/operations/${id}`);
    await finish(frame, 'Completed with warnings');
    must((await figure(frame, 'Changed')) === '2', 'not two were changed');
    must((await figure(frame, 'Failed')) === '3', 'not three failed');
    await frame.getByText('What went wrong').waitFor();
    await frame.getByRole('tab', { name: /^Failed\s*3/ }).click();
    await frame.locator('.tt-items-one').filter({ hasText: 'Failed' }).nth(2).waitFor();
    await picture(page, 'operations-failed');
  });
  if (!ok) return noFaults();
  await check('the failed ones are had as a CSV file', async () => {
    const frame = await app(page);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      shown(frame.getByText('Download failed items (CSV)')).click(),
    ]);
    const file = await download.createReadStream();
    const lines = (await text(file)).trim().split(/\r?\n/);
    must(lines.length === 4, `the file has ${lines.length} lines`);
    for (const line of lines.slice(1))
      must(/gid:\/\/shopify\/Product\/\d+/.test(line), `no product: ${line}`);
  });
  await check('trying again what failed works', async () => {
    await noFaults();
    const frame = await app(page);
    await press(frame, 'Retry failed 3');
    await frame.getByRole('tab', { name: /^Changed\s*5/ }).waitFor();
    await finish(frame, 'Completed');
    await picture(page, 'operations-retried');
  });
  await noFaults();
}

async function text(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
