// A part of the log as a file: chosen, downloaded and looked into, cancelled, written in the background, and its link.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { check, must, open, patience, picture } from './browser.mjs';
import { api, app, command, recorder, visit } from './demo.mjs';

const formula = '=HYPERLINK("https://example.com","open")';
const entries = 12;
const failedEntries = 3;
/** More than are downloaded at once. */
const many = 12_000;

/** Of what has the same name, that which can be seen: dialogs that are closed are in the page too. */
const shown = (locator) => locator.filter({ visible: true }).first();

export async function exports(shop) {
  const word = `export${randomBytes(3).toString('hex')}`;
  const { page, complaints, close } = await open(1280, 900);
  try {
    await record(shop, word);
    await download(page, shop, word);
    await lines(page, shop, word);
    await cancel(page, shop, word);
    await background(page, shop);
    await check('exporting complained about nothing on the console', () =>
      must(complaints.length === 0, complaints.join('\n')),
    );
  } finally {
    await close();
  }
}

/** Entries with a word of their own; some failed, and one would be run by a spreadsheet. */
async function record(shop, word) {
  const write = await recorder(shop, `Exporter ${word}`);
  await write(
    Array.from({ length: entries }, (_, at) => ({
      summary: at === 0 ? `${formula} ${word}` : `Parcel “${at}”, packed 📦 ${word}`,
      status: at < failedEntries ? 'FAILED' : 'SUCCESS',
    })),
  );
}

/** Opens the dialog over what the log shows of the word, and gives how many entries the log says there are. */
async function dialog(page, shop, query) {
  const frame = await visit(page, shop, `/?range=30d&${query}`);
  await frame.locator('a.tt-row-link').first().waitFor();
  const tab = frame.getByRole('tab', { name: /^All\s*[\d,]+/ });
  await tab.waitFor();
  const counted = Number((await tab.innerText()).replace(/\D/g, ''));
  await frame.getByRole('button', { name: 'Export', exact: true }).first().click();
  await shown(frame.getByText('Mail a link to (optional)')).waitFor();
  return { frame, modal: frame.locator('s-modal').filter({ hasText: 'Mail a link to' }), counted };
}

const start = (modal) => modal.getByRole('button', { name: 'Export', exact: true }).click();

/** Follows the link to the file, and gives its text. */
async function save(page, link) {
  const [file] = await Promise.all([page.waitForEvent('download'), shown(link).click()]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
}

/** The rows of a file of CSV, whose cells have no line breaks. */
function rowsOf(text) {
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(?:,|$)/g;
  return text
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(cell)]
        .filter(({ index }) => index < line.length || line.endsWith(','))
        .map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare),
    );
}

async function download(page, shop, word) {
  await check('what the log shows is downloaded as CSV, with the columns that were chosen', async () => {
    const { frame, modal, counted } = await dialog(page, shop, `q=${word}&status=failed`);
    must(counted === failedEntries, `the log says that ${counted} entries failed`);
    await modal.getByText(/^Columns: \d+ of \d+$/).click();
    await modal.getByRole('checkbox', { name: /^What kind of event it is/ }).uncheck();
    await modal.getByRole('checkbox', { name: /^How many tries were made/ }).check();
    await picture(page, 'exports-dialog');
    await start(modal);
    await shown(frame.getByText('Your file is ready')).waitFor();
    await shown(frame.getByText(`${failedEntries} entries, as the log was just now`)).waitFor();
    await picture(page, 'exports-ready');
    const { name, text } = await save(page, frame.locator('s-modal').getByText('Download', { exact: true }));
    must(/-activity-\d{4}-\d\d-\d\d\.csv$/.test(name), `the file is called ${name}`);
    must(text.startsWith('\ufeff'), 'the file has no byte order mark');
    const [head, ...rows] = rowsOf(text.slice(1));
    must(
      head[0] === 'occurredAt' && head.includes('attempts') && !head.includes('type'),
      `its head is ${head}`,
    );
    must(rows.length === counted, `the file has ${rows.length} rows, and the log ${counted}`);
    const column = (of) => rows.map((row) => row[head.indexOf(of)]);
    must(
      column('status').every((one) => one === 'FAILED'),
      `their statuses are ${column('status')}`,
    );
    must(column('summary').includes(`'${formula} ${word}`), `a formula would run: ${column('summary')}`);
  });
  await check('that it was exported, and downloaded, stands in the log', async () => {
    const frame = await visit(page, shop, '/?q=export');
    const entry = (text) => frame.locator('a.tt-row-link').filter({ hasText: text }).first().waitFor();
    await entry(`Export of ${failedEntries} entries downloaded by the link made for Riley Park`);
    await entry(`Exported ${failedEntries} entries of the log as CSV: ${word}`);
  });
}

async function lines(page, shop, word) {
  await check('JSON lines have no byte order mark, and an object for each entry', async () => {
    const { frame, modal, counted } = await dialog(page, shop, `q=${word}`);
    await modal.getByRole('radio', { name: /^JSON lines/ }).check();
    await modal.getByText('For Excel (byte order mark)').waitFor({ state: 'detached' });
    await start(modal);
    const { text } = await save(page, frame.locator('s-modal').getByText('Download', { exact: true }));
    const objects = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    must(objects.length === counted && counted >= entries, `${objects.length} objects of ${counted}`);
    must(
      objects.some(({ summary }) => summary === `${formula} ${word}`),
      'a summary was changed',
    );
  });
}

async function cancel(page, shop, word) {
  await check('an export that nobody fetched is cancelled, and its link refused', async () => {
    const { frame, modal } = await dialog(page, shop, `q=${word}`);
    await modal.getByText('For Excel (byte order mark)').click();
    await start(modal);
    const link = frame.locator('s-modal').getByRole('link', { name: 'Download' });
    const url = await shown(link).evaluate((one) => one.href);
    const list = await visit(page, shop, '/exports');
    await row(list, word).getByRole('button', { name: 'Cancel' }).click();
    await row(list, word).getByText('Cancelled', { exact: true }).waitFor();
    const answer = await fetch(url);
    must(answer.status === 410, `its link answers ${answer.status}`);
  });
}

/** The newest export that its own words name. */
const row = (frame, words) => frame.locator('s-table-row').filter({ hasText: words }).first();

async function background(page, shop) {
  const ready = await check(
    'more than 10,000 entries are written in the background, and told live',
    async () => {
      await command(
        'seed-activities',
        '--shop',
        shop,
        '--count',
        String(many),
        '--days',
        '25',
        '--seed',
        String(Date.now()),
      );
      const { frame, modal } = await dialog(
        page,
        shop,
        'type=webhook,background_job,user_action,system_event',
      );
      await modal.getByLabel('Mail a link to (optional)').fill('not an address');
      await start(modal);
      await modal.getByText('This is not an e-mail address.').waitFor();
      await modal.getByLabel('Mail a link to (optional)').fill('riley@example.com');
      await start(modal);
      await shown(frame.getByText('Your file is being written')).waitFor();
      await picture(page, 'exports-background');
      await shown(frame.getByText('See exports')).click();
      await row(frame, 'Webhook')
        .getByText('Ready', { exact: true })
        .waitFor({ timeout: 3 * patience });
      await picture(page, 'exports-list');
    },
  );
  if (!ready) return;
  await check(
    'its link is good outside of the admin, and for seven more days when it is renewed',
    async () => {
      const before = await newest(shop);
      const file = await fetch(before.url);
      const rows = rowsOf(await file.text()).length - 1;
      must(
        file.ok && rows === before.rows && rows > 10_000,
        `${file.status}, ${rows} rows of ${before.rows}`,
      );
      const tampered = await fetch(before.url.replace(/sign=./, 'sign=_'));
      must(tampered.status === 404, `a link that was changed answers ${tampered.status}`);
      const frame = await app(page);
      await row(frame, 'Webhook').getByRole('button', { name: 'Renew' }).click();
      await page.getByText('Link good for seven more days').first().waitFor();
      const after = await newest(shop);
      must(after.expiresAt > before.expiresAt, `it ends ${after.expiresAt}, as before`);
    },
  );
}

async function newest(shop) {
  const { exports: found } = await api(
    { shop },
    '{ exports(first: 1) { nodes { url rows expiresAt } } }',
    {},
  );
  return found.nodes[0];
}
