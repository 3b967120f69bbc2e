// How long things are kept: changed in the settings, cleaned up, and found again in the archive.
import { randomBytes } from 'node:crypto';
import { check, must, open, patience, picture } from './browser.mjs';
import { api, command, recorder, visit } from './demo.mjs';

const days = 10;
const day = 86_400_000;

/** Of what has the same name, that which can be seen: dialogs that are closed are in the page too. */
const shown = (locator) => locator.filter({ visible: true }).first();

export async function storage(shop) {
  const word = `old${randomBytes(3).toString('hex')}`;
  const { page, complaints, close } = await open(1280, 1400);
  try {
    await asAtFirst(shop);
    await record(shop, word);
    const changed = await periods(page, shop);
    if (changed) await archive(page, shop, word);
    await check('storage complained about nothing on the console', () =>
      must(complaints.length === 0, complaints.join('\n')),
    );
  } finally {
    await close();
  }
}

/** Has everything be kept for as long as at first, where the story was told before. */
async function asAtFirst(shop) {
  await api(
    { shop },
    'mutation { settingsUpdate(input: { retentionDays: 730, archiveEnabled: false }) { userErrors { message } } }',
    {},
  );
}

/** Entries with a word of their own: one that stays, and others whose time is over once they are kept for ten days. */
async function record(shop, word) {
  const write = await recorder(shop, `Keeper ${word}`);
  const ago = (count) => new Date(Date.now() - count * day).toISOString();
  await write(
    [1, 14, 15, 20].map((age) => ({ occurredAt: ago(age), summary: `Bottle ${age} days old, ${word}` })),
  );
}

const field = (frame, label) => frame.locator('s-modal').getByLabel(label, { exact: true });

async function openDialog(page, shop) {
  const frame = await visit(page, shop, '/settings');
  const section = frame.locator('s-section').filter({ hasText: 'What is over leaves in the night' });
  await section.getByRole('button', { name: 'Change', exact: true }).click();
  await frame.getByText('How long things are kept').waitFor();
  return {
    frame,
    section,
    save: () => shown(frame.locator('s-modal').getByRole('button', { name: 'Save' })).click(),
  };
}

async function periods(page, shop) {
  await check('a period that cannot be is refused beside its field', async () => {
    const { frame, save } = await openDialog(page, shop);
    await field(frame, 'Entries of the log').fill('731');
    await field(frame, 'What webhooks carried').fill('0');
    await save();
    await frame.getByText('Entries are kept for 1 to 730 days.').waitFor();
    await frame.getByText('Webhook bodies are kept for 1 to 90 days.').waitFor();
    await picture(page, 'storage-refused');
  });
  return check('a shorter period warns, is kept, and so is the archive', async () => {
    const { frame, save } = await openDialog(page, shop);
    await field(frame, 'Entries of the log').fill(String(days));
    await frame.getByText(`What is older than ${days} days is removed for good.`).waitFor();
    await frame.getByLabel('Archive entries before they leave the log').check();
    await frame.getByText(`What is older than ${days} days goes into the archive`).waitFor();
    await picture(page, 'storage-periods');
    await save();
    await frame.getByText('How long things are kept').waitFor({ state: 'detached' });
    const again = await openDialog(page, shop);
    must(
      (await field(again.frame, 'Entries of the log').inputValue()) === String(days),
      'the period is not kept',
    );
    must(
      await again.frame.getByLabel('Archive entries before they leave the log').isChecked(),
      'there is no archive',
    );
  });
}

async function archive(page, shop, word) {
  await check('what leaves next is told, and has left after a clean-up, as its entry says', async () => {
    const frame = await visit(page, shop, '/settings');
    const line = frame.locator('s-table-row').filter({ hasText: 'Entries of the log' });
    await line.getByText(`${days} days`).waitFor();
    await line.getByText('in one of the next nights').waitFor();
    await picture(page, 'storage-before');
    await cleanUp(shop);
    const log = await visit(page, shop, '/?tab=system&q=clean-up');
    await log
      .locator('a.tt-row-link')
      .filter({ hasText: /Clean-up: \d+ entries.* removed, whose time was over/ })
      .first()
      .click();
    await log.getByRole('button', { name: 'Copy ID' }).first().waitFor();
    await picture(page, 'storage-entry');
    const after = await visit(page, shop, '/settings');
    await after.getByText(/The archive alone has [\d,]+ entries\./).waitFor();
    await after.getByText('Files of the archive').waitFor();
    await picture(page, 'storage-after');
  });
  await check('the archive is searched on demand, and says how far it has come', async () => {
    const frame = await visit(page, shop, `/?range=30d&q=${word}`);
    await frame.locator('a.tt-row-link').filter({ hasText: 'Bottle 1 days old' }).waitFor();
    must((await frame.getByText('Bottle 14 days old').count()) === 0, 'what has left is in the log');
    await frame.getByText(/Searching it is slow/).waitFor();
    await frame.getByRole('button', { name: 'Search the archive, too' }).click();
    for (const age of [14, 15, 20]) await frame.getByText(`Bottle ${age} days old`).first().waitFor();
    await frame
      .getByText(/^(\d+) of \1 files searched/)
      .first()
      .waitFor();
    await picture(page, 'storage-archive');
    const nothing = await visit(page, shop, `/?range=30d&status=failed&q=${word}`);
    await nothing.getByRole('button', { name: 'Search the archive, too' }).click();
    await nothing.getByText('Nothing in the archive matches.').waitFor();
  });
}

/** Cleans up as who runs the server does. A worker that is at it leaves soon. */
async function cleanUp(shop) {
  for (const end = Date.now() + patience; ; ) {
    if ((await command('clean-up', '--shop', shop)).includes('cleaned up')) return;
    must(Date.now() < end, 'a worker is at the clean-up all the time');
  }
}
