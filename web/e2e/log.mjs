// Finding things in the log, as a merchant does: tabs, search, filters, the chart, saved views, the keys, and entries
// that come while one reads.
import { randomBytes } from 'node:crypto';
import { accessible } from './axe.mjs';
import { check, must, open, picture } from './browser.mjs';
import { createOrder, visit } from './demo.mjs';

export async function findThings(shop) {
  const { page, complaints, close } = await open(1280, 900);
  try {
    const log = await openLog(page, shop);
    await check('the tabs count, and narrow the list', () => tabs(log));
    await check('the search suggests qualifiers and values, and finds by them', () => suggestions(log));
    await check('a search that cannot be read says where', () => misread(log));
    await check('filters stand in the address, as chips, and go one by one', () => filters(log));
    await check('an empty list says what to widen', () => widening(log));
    await check('the keys set the range on the chart', () => chartByKeys(log));
    await check('dragging over the chart sets the range', () => chartByDragging(log));
    await check('a view is saved, changed, chosen again and deleted', () => views(log));
    await check('the keys walk the list and open an entry', () => keys(log));
    await check('a new entry waits while a row is read, and then shows', () => heldBack(log, shop));
    await check('finding things complained about nothing on the console', () =>
      must(complaints.length === 0, complaints.join('\n')),
    );
  } finally {
    await close();
  }
}

/** The log in the admin's frame, with what the steps have in common. */
async function openLog(page, shop) {
  const log = { page, frame: undefined };
  log.go = async (path) => {
    log.frame = await visit(page, shop, path);
    await log.frame.getByRole('tab', { name: /^All/ }).waitFor();
    await log.bars().first().waitFor();
  };
  log.bars = () => log.frame.getByRole('toolbar', { name: /^Entries over time/ }).getByRole('button');
  log.rows = () => log.frame.locator('a.tt-row-link');
  log.search = () => log.frame.getByRole('combobox', { name: 'Search the log' });
  log.button = (name) => log.frame.getByRole('button', { name, exact: true });
  log.query = () => log.frame.locator('body').evaluate(() => window.location.search);
  /** Waits until the address says something. */
  log.address = async (wanted, name) => {
    const until = Date.now() + 10_000;
    let query = '';
    while (Date.now() < until) {
      query = decodeURIComponent(await log.query());
      if (wanted.test(query)) return query;
      await log.frame.locator('body').evaluate(() => new Promise(requestAnimationFrame));
    }
    throw new Error(`${name}: the address says ${query}, not ${wanted}`);
  };
  await log.go('/?range=30d');
  return log;
}

async function tabs(log) {
  const tab = log.frame.getByRole('tab', { name: /^System/ });
  await log.frame.getByRole('tab', { name: /^System\s*[1-9]/ }).waitFor();
  await tab.click();
  await log.address(/tab=system/, 'the tab');
  must((await tab.getAttribute('aria-selected')) === 'true', 'the tab is not selected');
  const narrowed = await log.bars().evaluateAll((bars) => bars.some((bar) => /\d entr/.test(bar.ariaLabel)));
  must(narrowed, 'the chart has no entries of this tab');
  await log.frame.getByRole('tab', { name: /^All/ }).click();
  await log.address(/^\?range=30d$/, 'all tabs');
}

async function suggestions(log) {
  await log.go('/?range=30d');
  await log.rows().first().waitFor();
  await log.rows().first().focus();
  await log.page.keyboard.press('/');
  await log.page.keyboard.type('stat');
  await log.frame.getByRole('option', { name: /^status:/ }).waitFor();
  await log.page.keyboard.press('ArrowDown');
  await log.page.keyboard.press('Enter');
  await log.page.keyboard.type('succ');
  await log.frame.getByRole('option', { name: 'Success' }).waitFor();
  await picture(log.page, 'log-suggestions');
  await accessible(log.page);
  await log.page.keyboard.press('ArrowDown');
  await log.page.keyboard.press('Enter');
  must((await log.search().inputValue()) === 'status:success ', 'the value was not put in');
  await log.address(/q=status:success/, 'the search');
  await log.frame.locator('s-table s-badge').getByText('Warning').first().waitFor({ state: 'detached' });
  await log.frame.locator('s-table s-badge').getByText('Success').first().waitFor(); // there is no list for a moment
  const statuses = await log.frame.locator('s-table s-badge').allInnerTexts();
  must(statuses.length > 0 && statuses.every((text) => text === 'Success'), `found ${statuses.join()}`);
}

async function misread(log) {
  await log.search().fill('colour:red');
  await log.search().press('Enter');
  const wrong = log.frame.getByRole('alert').filter({ hasText: 'colour' });
  await wrong.waitFor();
  must(/character|position|at 1/i.test(await wrong.innerText()), 'it does not say where');
  must((await log.search().getAttribute('aria-invalid')) === 'true', 'the field is not marked');
  await log.frame.getByText('The search cannot be read').waitFor();
  await picture(log.page, 'log-misread');
  await accessible(log.page);
  await log.search().press('Escape');
  await log.search().press('Escape');
  await wrong.waitFor({ state: 'hidden' });
  await log.address(/^\?range=30d$/, 'the cleared search');
}

async function filters(log) {
  await log.go('/?range=30d');
  await log.button('Type').click();
  await log.frame.getByRole('checkbox', { name: 'Webhook' }).check();
  await log.address(/type=webhook/, 'the type');
  await log.page.keyboard.press('Escape');
  await log.button('Failed and warning').click();
  await log.address(/status=warning,failed/, 'the statuses');
  await log.frame.getByText('Status: Failed', { exact: true }).waitFor();
  await picture(log.page, 'log-filters');
  await log.button('Remove filter Status: Failed').click();
  await log.address(/status=warning&/, 'one status fewer');
  await log.button('Clear all').click();
  await log.address(/^\?range=30d$/, 'no filters');
  await log.button('User').click();
  await log.frame.getByRole('checkbox').first().check();
  await log.address(/actor=/, 'the user');
  await log.frame.getByText(/^User: \S/).waitFor();
}

async function widening(log) {
  await log.go('/?range=30d&q=zzyzx&type=webhook');
  await log.frame.getByText('Nothing matches').waitFor();
  await log.frame
    .getByText(/^[\d,]+\+? entr(y|ies)$/)
    .first()
    .waitFor();
  await picture(log.page, 'log-nothing');
  const why = log.frame.getByText('Why did nothing happen?');
  await why.waitFor();
  await log.frame.getByRole('button', { name: /^Without the search/ }).click();
  await log.address(/^\?type=webhook&range=30d$/, 'without the search');
  await log.rows().first().waitFor();
}

async function chartByKeys(log) {
  await log.go('/?range=30d');
  const count = await log.bars().count();
  must(count === 30, `30 days have ${count} bars`);
  await log.bars().last().focus();
  await log.page.keyboard.press('Shift+ArrowLeft');
  await log.page.keyboard.press('Shift+ArrowLeft');
  await picture(log.page, 'log-chart-keys');
  await log.page.keyboard.press('Enter');
  await log.address(/range=custom&from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d$/, 'three days');
  await log.frame.getByRole('button', { name: /^Remove filter / }).waitFor();
}

async function chartByDragging(log) {
  await log.go('/?range=today');
  await drag(log, 0, 1);
  await log.address(/range=custom&from=\d{4}-\d\d-\d\dT.*&to=\d{4}-\d\d-\d\dT/, 'hours');
  await log.rows().first().waitFor();
}

/** Drags over the plot between two places, as parts of its width. */
async function drag(log, from, to) {
  const box = await log.frame.getByRole('toolbar', { name: /^Entries over time/ }).boundingBox();
  const x = (part) => box.x + 3 + part * (box.width - 6);
  await log.page.mouse.move(x(from), box.y + 30);
  await log.page.mouse.down();
  await log.page.mouse.move(x((from + to) / 2), box.y + 30);
  await log.page.mouse.move(x(to), box.y + 30);
  await log.page.mouse.up();
}

async function views(log) {
  const name = `Browser test ${randomBytes(3).toString('hex')}`;
  await log.go('/?status=success&range=7d');
  await log.button('Views').click();
  await accessible(log.page);
  await log.frame.getByRole('menuitem', { name: 'Save as new view' }).click();
  await log.frame.getByLabel('Name', { exact: true }).filter({ visible: true }).fill(name);
  await log.frame.getByLabel('Shared with all staff').filter({ visible: true }).check();
  await log.button('Save view').click();
  await log.page.getByText('View saved').first().waitFor();
  await log.button(name).waitFor();
  await log.address(/status=success&range=7d&view=/, 'the view');

  await log.button('Clear all').click();
  await log.go('/');
  await log.button('Views').click();
  await picture(log.page, 'log-views');
  await log.frame.getByRole('menuitem', { name }).click();
  await log.address(/status=success&range=7d&view=/, 'the view chosen again');

  await log.frame.getByRole('tab', { name: /^System/ }).click();
  await log.button(`${name} (edited)`).click();
  await log.frame.getByRole('menuitem', { name: 'Save changes' }).click();
  await log.button(name).waitFor();
  await log.button(name).click();
  await log.frame.getByRole('menuitem', { name: 'Delete view' }).click();
  await log.button('Delete view').click();
  await log.page.getByText('View deleted').first().waitFor();
  await log.button('Views').waitFor();
}

async function keys(log) {
  await log.go('/?range=30d');
  await log.rows().nth(2).waitFor();
  const focused = () => log.frame.locator('a.tt-row-link:focus').getAttribute('href');
  const href = (at) => log.rows().nth(at).getAttribute('href');
  await log.rows().first().focus();
  await log.page.keyboard.press('j');
  await log.page.keyboard.press('j');
  await log.page.keyboard.press('k');
  must((await focused()) === (await href(1)), 'the keys are on another row');
  await log.page.keyboard.press('?');
  await log.frame.getByText('Next and previous entry').waitFor();
  await accessible(log.page);
  await log.page.keyboard.press('Escape');
  // While the help was open no row was being read, so entries may have come.
  await log.rows().nth(1).focus();
  const path = await focused();
  await log.page.keyboard.press('Enter');
  await log.frame.getByText('History', { exact: true }).waitFor();
  const at = await log.frame.locator('body').evaluate(() => window.location.pathname);
  must(at === path, `Enter opened ${at}, not ${path}`);
}

async function heldBack(log, shop) {
  const connected = log.page.waitForResponse((answer) =>
    (answer.headers()['content-type'] ?? '').startsWith('text/event-stream'),
  );
  await log.go('/?range=30d');
  await connected;
  await log.rows().nth(1).waitFor();
  await log.rows().nth(1).focus();
  const read = log.frame.locator('a.tt-row-link:focus');
  const [path, place] = [await read.getAttribute('href'), await read.boundingBox()];
  const { name } = await createOrder(shop);
  const fresh = log.frame.getByRole('button', { name: /^[\d,]+ new$/ });
  await fresh.waitFor();
  const [stays, where] = [await read.getAttribute('href'), await read.boundingBox()];
  must(stays === path && where.y === place.y, 'what was being read has moved');
  await picture(log.page, 'log-held');
  await fresh.click();
  await log.rows().filter({ hasText: name }).first().waitFor();
}
