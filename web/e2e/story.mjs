// One story, as a merchant lives it: write a rule, watch the next order being tagged, read why.
import { randomBytes } from 'node:crypto';
import { check, demo, must, open, picture } from './browser.mjs';
import { app, createOrder } from './demo.mjs';

export async function story(shop) {
  const tag = `e2e-${randomBytes(3).toString('hex')}`;
  const { page, complaints, close } = await open(1280, 900);
  try {
    const ready =
      (await check('the demo opens through the admin frame', async () => {
        await page.goto(`${demo}/`);
        const frame = await app(page);
        await frame.getByRole('tab', { name: /^All/ }).waitFor();
      })) && (await check(`a rule that adds ${tag} is written and saved`, () => writeRule(page, tag)));
    if (ready) await watchOrder(page, shop, tag);
    await check('nothing was complained about on the console', () =>
      must(complaints.length === 0, complaints.join('\n')),
    );
  } finally {
    await close();
  }
}

async function writeRule(page, tag) {
  await page.getByRole('navigation', { name: 'Admin' }).getByText('Rules', { exact: true }).click();
  const frame = await app(page);
  await frame
    .getByText('Create rule', { exact: true })
    .or(frame.getByText('Create a rule', { exact: true }))
    .first()
    .click();
  await frame.getByLabel('Name', { exact: true }).fill(`Browser test ${tag}`);
  await frame.getByText('Add condition', { exact: true }).click();
  await frame.getByLabel('Field', { exact: true }).selectOption('total_price');
  await frame.getByLabel('Comparison', { exact: true }).selectOption('GREATER');
  await frame.getByLabel('Value', { exact: true }).fill('0');
  await frame.getByLabel('Add tags', { exact: true }).fill(tag);
  await frame.getByLabel('Add tags', { exact: true }).press('Enter');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Rule saved').waitFor();
  await frame.getByText('Version 1').first().waitFor();
  await picture(page, 'story-rule');
}

async function watchOrder(page, shop, tag) {
  let name = '';
  const frame = await app(page);
  const live = await check('the log is open and live', async () => {
    const connected = page.waitForResponse((answer) =>
      (answer.headers()['content-type'] ?? '').startsWith('text/event-stream'),
    );
    await page.getByRole('navigation', { name: 'Admin' }).getByText('Tagtrail', { exact: true }).click();
    await frame.getByRole('tab', { name: /^All/ }).waitFor();
    await connected;
    await frame.locator('body').evaluate(() => {
      window.sameDocument = true;
    });
  });
  if (!live) return;

  const entry = () => frame.locator('a.tt-row-link').filter({ hasText: name }).filter({ hasText: tag });
  const came = await check('the next order’s tag appears in the log without reloading', async () => {
    name = (await createOrder(shop)).name;
    await entry().first().waitFor();
    must(
      await frame.locator('body').evaluate(() => window.sameDocument === true),
      'the page was loaded anew',
    );
    await picture(page, 'story-live');
  });
  if (!came) return;
  await check('the entry opens and says why, with the actual value', async () => {
    await entry().first().click();
    await frame.getByText('What changed', { exact: true }).waitFor();
    await frame.getByText(`Why: rule Browser test ${tag}, version 1`).waitFor();
    await frame.getByText('Total price is greater than 0').first().waitFor();
    await frame
      .getByText(/^actual 42(\.00)?$/)
      .first()
      .waitFor();
    await frame.locator('.tt-change-added', { hasText: tag }).first().waitFor();
    await picture(page, 'story-why');
  });
}
