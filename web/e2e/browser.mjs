// A Chromium of its own, and the checks that are counted.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const demo = (process.env.DEMO_URL ?? 'http://localhost:8081').replace(/\/$/, '');
const screenshots = process.env.SCREENSHOTS;

/** How long anything may take to appear, in milliseconds. */
export const patience = 45_000;

/** Opens a window of a size in a browser with nothing remembered; close it with the returned function. */
export async function open(width, height) {
  const profile = mkdtempSync(join(tmpdir(), 'tagtrail-e2e-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    viewport: { width, height },
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  context.setDefaultTimeout(patience);
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { page, complaints, close };
}

let passed = 0;
let failed = 0;

/** Runs one check and prints its line. A failed one does not stop the others; it gives false. */
export async function check(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok    ${name}`);
    return true;
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}`);
    console.log(`      ${String(error.message).split('\n').slice(0, 12).join('\n      ')}`);
    return false;
  }
}

/** Prints the sum and gives the exit code. */
export function sum() {
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** Throws unless something is so. */
export function must(so, message) {
  if (!so) throw new Error(message);
}

/** Keeps a picture where SCREENSHOTS names a folder. */
export async function picture(page, name) {
  if (!screenshots) return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}
