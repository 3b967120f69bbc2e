// Draws every stand-in on one page and takes its picture, wide and narrow, to be judged by eye.
// Usage: node e2e/standins/shots.mjs [folder]; CHROMIUM names the browser when it is not at its usual place.
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const assets = fileURLToPath(new URL('../../../shopify/simulator/assets/', import.meta.url));
const kit = fileURLToPath(new URL('kit.html', import.meta.url));
const folder = process.argv[2] ?? join(tmpdir(), 'standins');
const types = { '.js': 'text/javascript', '.html': 'text/html; charset=utf-8', '.woff2': 'font/woff2' };

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const file = pathname === '/' ? kit : join(assets, pathname.replace(/^\/__sim\/assets\//, ''));
  try {
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'text/plain' });
    response.end(readFileSync(file));
  } catch {
    response.end();
  }
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const address = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const errors = [];
mkdirSync(folder, { recursive: true });
for (const width of [1280, 390]) {
  const page = await browser.newPage({ viewport: { width, height: 820 }, reducedMotion: 'reduce' });
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(address);
  await page.evaluate(() => document.fonts.ready);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > width) errors.push(`At ${width} pixels the page is ${wide} wide.`);
  await page.screenshot({ path: join(folder, `kit-${width}.png`), fullPage: true });
  await page.evaluate(() => document.getElementById('modal').showOverlay());
  await page.screenshot({ path: join(folder, `modal-${width}.png`) });
  await page.close();
}
await browser.close();
server.close();

for (const error of errors) console.error(error);
console.log(`Pictures in ${folder}`);
process.exit(errors.length ? 1 : 0);
