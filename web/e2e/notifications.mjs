// Who is told by mail: addresses are kept or refused, and what fails is mailed to them.
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { check, must, open, patience, picture } from './browser.mjs';
import { kept, recorder, visit } from './demo.mjs';

export async function notifications(shop) {
  const word = randomBytes(3).toString('hex');
  const to = `riley.${word}@example.com`;
  const { page, complaints, close } = await open(1280, 900);
  try {
    await check('an address that is none is refused beside its field', async () => {
      const frame = await visit(page, shop, '/settings');
      await addresses(frame).fill(`${to}, nobody`);
      await save(frame).click();
      await frame.getByText(/nobody. is not an e-mail address/).waitFor();
      await addresses(frame).scrollIntoViewIfNeeded();
      await picture(page, 'notifications-refused');
    });
    const saved = await check('addresses and what they are told of are kept', async () => {
      const frame = await visit(page, shop, '/settings');
      await addresses(frame).fill(to);
      await frame.getByLabel('When something fails').check();
      await save(frame).click();
      await page.getByText('Notifications saved').first().waitFor();
      const again = await visit(page, shop, '/settings');
      must((await addresses(again).inputValue()) === to, 'the address is not kept');
      must(await again.getByLabel('When something fails').isChecked(), 'the switch is not kept');
      must(!(await again.getByLabel('A digest of each week').isChecked()), 'another switch was turned');
    });
    if (saved) {
      await check('what fails is mailed to them, with a link to its entry', async () => {
        const write = await recorder(shop, `Failer ${word}`);
        await write([
          {
            status: 'FAILED',
            summary: `Label printer ${word} is out of paper`,
            error: { code: `PAPER_${word.toUpperCase()}`, message: 'Fill it up.' },
          },
        ]);
        const html = await mail(word);
        must(html.includes('/activity/'), 'it does not lead to the entry');
      });
    }
    await check('notifications complained about nothing on the console', () =>
      must(complaints.length === 0, complaints.join('\n')),
    );
  } finally {
    await close();
  }
}

const addresses = (frame) => frame.getByLabel('Mail to', { exact: true });

const save = (frame) =>
  frame
    .locator('s-section')
    .filter({ hasText: 'A digest of each week' })
    .getByRole('button', { name: 'Save' });

/** The newest mail with a word in it, which the demo writes to a folder. Failures are gathered for a minute. */
async function mail(word) {
  const folder = kept('mail');
  for (const end = Date.now() + 60_000 + patience; ; ) {
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.html')) : [];
    const found = files
      .map((name) => readFileSync(kept('mail', name), 'utf8'))
      .find((html) => html.includes(word));
    if (found) return found;
    must(Date.now() < end, 'no mail tells of it');
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
