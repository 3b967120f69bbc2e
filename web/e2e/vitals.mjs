// How fast the log is for a person, by the measures and the limits of Built for Shopify.
import { readFileSync } from 'node:fs';
import { appFrame } from './axe.mjs';
import { check, must, open } from './browser.mjs';
import { visit } from './demo.mjs';

const library = readFileSync(
  new URL('../node_modules/web-vitals/dist/web-vitals.iife.js', import.meta.url),
  'utf8',
);
const limits = { LCP: 2500, CLS: 0.1, INP: 200 };

export async function vitals(shop) {
  const { page, close } = await open(1280, 820);
  try {
    await page.addInitScript(`${library}
      window.vitals = {};
      for (const name of ${JSON.stringify(Object.keys(limits))}) {
        webVitals['on' + name](({ value }) => { window.vitals[name] = value; }, { reportAllChanges: true, durationThreshold: 16 });
      }`);
    const frame = await visit(page, shop, '/');
    await frame.locator('a.tt-row-link').first().waitFor();
    await use(frame);
    const measured = await appFrame(page).evaluate(async () => {
      // What the browser measured last is told after the next frame is drawn.
      await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
      return window.vitals;
    });
    for (const [name, limit] of Object.entries(limits)) {
      const value = measured[name];
      const text = name === 'CLS' ? value?.toFixed(3) : `${Math.round(value)} ms`;
      await check(`${name} of the log is ${text}, the limit is ${limit}${name === 'CLS' ? '' : ' ms'}`, () => {
        must(value !== undefined, 'it was not measured');
        must(value <= limit, 'it is beyond the limit');
      });
    }
  } finally {
    await close();
  }
}

/** What a person does on the page: another tab, a filter, a search, the next row. */
async function use(frame) {
  for (const tab of [/^Tags/, /^System/, /^All/]) {
    await frame.getByRole('tab', { name: tab }).click();
    await frame.locator('a.tt-row-link').first().waitFor();
  }
  const search = frame.getByRole('combobox').first();
  await search.click();
  await search.pressSequentially('order', { delay: 30 });
  await search.press('Enter');
  await frame.locator('a.tt-row-link').first().waitFor();
  await search.fill('');
  await search.press('Enter');
  await frame.locator('a.tt-row-link').first().waitFor();
  await search.press('Escape');
}
