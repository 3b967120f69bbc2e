// The faces of what leaves the log and what stays: exports, storage, the archive, and streams.
import { answers } from './answers.mjs';
import { keepingAnswers } from './answers-keeping.mjs';

const failing = () => ({ errors: [{ message: 'out of order' }] });

/** Of what has the same name, that which can be seen: dialogs that are closed are in the page too. */
const shown = (locator) => locator.filter({ visible: true }).first();
const press = (frame, name) => shown(frame.getByRole('button', { name, exact: true })).click();
const see = (frame, text) => shown(frame.getByText(text)).waitFor();

/** The server's own answers, without what comes live. */
const still = () => undefined;

async function openExport(frame) {
  await press(frame, 'Export');
  await see(frame, 'Mail a link to (optional)');
}

async function startExport(frame) {
  await openExport(frame);
  await shown(frame.locator('s-modal').getByRole('button', { name: 'Export', exact: true })).click();
}

const exportFaces = [
  { name: 'exports', path: '/exports', shows: 'Ready', answer: keepingAnswers.exports },
  {
    name: 'exports-refused',
    path: '/exports',
    shows: 'Running',
    answer: keepingAnswers.notCancelled,
    act: async (frame) => {
      await press(frame, 'Cancel');
      await see(frame, 'The export has ended already.');
    },
  },
  { name: 'exports-empty', path: '/exports', shows: 'No exports yet', answer: keepingAnswers.noExports },
  { name: 'exports-error', path: '/exports', shows: 'The exports could not be loaded', answer: failing },
  { name: 'exports-skeleton', path: '/exports', skeleton: 'Loading the exports' },
  { name: 'export-dialog', path: '/', shows: 'Views', answer: still, act: openExport },
  {
    name: 'export-columns',
    path: '/',
    shows: 'Views',
    answer: still,
    act: async (frame) => {
      await openExport(frame);
      await shown(frame.getByText(/^Columns: \d+ of \d+$/)).click();
      await see(frame, 'Who did it, by id');
    },
  },
  {
    name: 'export-wrong',
    path: '/',
    shows: 'Views',
    answer: keepingAnswers.exportWrong,
    act: async (frame) => {
      await startExport(frame);
      await see(frame, 'This is not an e-mail address.');
    },
  },
  {
    name: 'export-ready',
    path: '/',
    shows: 'Views',
    answer: keepingAnswers.exportReady,
    act: async (frame) => {
      await startExport(frame);
      await see(frame, 'Your file is ready');
    },
  },
  {
    name: 'export-background',
    path: '/',
    shows: 'Views',
    answer: keepingAnswers.exportRunning,
    act: async (frame) => {
      await startExport(frame);
      await see(frame, 'Your file is being written');
    },
  },
];

const nowhere = '/?q=vip&range=30d';

/** Has the archive searched, and waits for what it says. */
const search = (says) => async (frame) => {
  await press(frame, 'Search the archive, too');
  await see(frame, says);
  await frame.locator('html').evaluate((html) => html.scrollTo(0, html.scrollHeight));
};
const archiveFaces = [
  {
    name: 'archive',
    path: nowhere,
    shows: 'Searching it is slow',
    answer: keepingAnswers.archiveThere,
    act: (frame) => frame.getByText('Searching it is slow').scrollIntoViewIfNeeded(),
  },
  {
    name: 'archive-running',
    path: nowhere,
    shows: 'Searching it is slow',
    answer: keepingAnswers.archiveRunning,
    act: search('14 of 40 files searched'),
  },
  {
    name: 'archive-done',
    path: nowhere,
    shows: 'Searching it is slow',
    answer: keepingAnswers.archiveDone,
    act: search('40 of 40 files searched'),
  },
  {
    name: 'archive-nothing',
    path: nowhere,
    shows: 'Searching it is slow',
    answer: keepingAnswers.archiveNothing,
    act: search('Nothing in the archive matches.'),
  },
  {
    name: 'archive-broken',
    path: nowhere,
    shows: 'Searching it is slow',
    answer: keepingAnswers.archiveBroken,
    act: search('The archive could not be read'),
  },
];

/** The settings, with an answer of its own to some operations. */
const settings = (own) => (operation) => own[operation] ?? answers.settings(operation);

const end = (frame) => frame.getByText('What is over leaves in the night').scrollIntoViewIfNeeded();

/** Opens the dialog of how long things are kept. */
async function change(frame) {
  await end(frame);
  await shown(
    frame
      .locator('s-section')
      .filter({ hasText: 'What is over leaves in the night' })
      .getByRole('button', { name: 'Change', exact: true }),
  ).click();
  await see(frame, 'How long things are kept');
}

const kept = 'What is over leaves in the night';
const storageFaces = [
  { name: 'storage', path: '/settings', shows: kept, answer: answers.settings, act: end },
  {
    name: 'storage-shortened',
    path: '/settings',
    shows: 'The shop has no PRO plan any more',
    answer: settings({ Storage: keepingAnswers.shortened }),
    act: end,
  },
  {
    name: 'storage-error',
    path: '/settings',
    shows: 'What is kept could not be read',
    answer: settings({ Storage: keepingAnswers.storageBroken }),
    act: (frame) => frame.getByText('What is kept could not be read').scrollIntoViewIfNeeded(),
  },
  {
    name: 'storage-dialog',
    path: '/settings',
    shows: kept,
    answer: answers.settings,
    act: async (frame) => {
      await change(frame);
      await shown(frame.getByLabel('Entries of the log', { exact: true })).fill('30');
      await see(frame, 'Older entries leave in the next night');
    },
  },
  {
    name: 'storage-wrong',
    path: '/settings',
    shows: kept,
    answer: settings({ SettingsUpdate: keepingAnswers.refused }),
    act: async (frame) => {
      await change(frame);
      await shown(frame.locator('s-modal').getByRole('button', { name: 'Save', exact: true })).click();
      await see(frame, 'Entries are kept for 1 to 730 days.');
    },
  },
  {
    name: 'storage-free',
    path: '/settings',
    shows: kept,
    answer: settings({ Storage: keepingAnswers.freeStorage }),
    act: async (frame) => {
      await change(frame);
      await see(frame, 'The FREE plan keeps them for 30 days.');
    },
  },
  {
    name: 'settings-mail',
    path: '/settings',
    shows: 'Notifications',
    answer: settings({ NotificationsUpdate: keepingAnswers.nobody }),
    act: async (frame) => {
      await shown(frame.getByLabel('Mail to', { exact: true })).fill('riley@example.com, nobody');
      await press(frame, 'Save');
      await see(frame, '"nobody" is not an e-mail address.');
    },
  },
];

/** Opens what there is more to do with the failing stream, and chooses one of it. */
const choose = (what, says) => async (frame) => {
  await frame.getByLabel('More for Alerts', { exact: true }).first().click();
  await shown(frame.getByText(what, { exact: true })).click();
  await see(frame, says);
};

const streamFaces = [
  {
    name: 'streams',
    path: '/settings',
    shows: 'Data warehouse',
    answer: answers.settings,
    act: (frame) => frame.getByText('Add stream', { exact: true }).first().scrollIntoViewIfNeeded(),
  },
  {
    name: 'streams-change',
    path: '/settings',
    shows: 'Data warehouse',
    answer: answers.settings,
    act: async (frame) => {
      const stream = frame.locator('.tt-items-one').filter({ hasText: 'Alerts' });
      await stream.getByRole('button', { name: 'Change', exact: true }).click();
      await see(frame, 'Change Alerts');
    },
  },
  {
    name: 'streams-replay',
    path: '/settings',
    shows: 'Data warehouse',
    answer: answers.settings,
    act: choose('Replay', 'Replay Alerts?'),
  },
  {
    name: 'streams-delete',
    path: '/settings',
    shows: 'Data warehouse',
    answer: answers.settings,
    act: choose('Delete', 'Delete Alerts?'),
  },
  {
    name: 'streams-secret',
    path: '/settings',
    shows: 'Data warehouse',
    answer: answers.settings,
    act: async (frame) => {
      await choose('Replace secret', 'Replace the secret of Alerts?')(frame);
      await frame.locator('s-modal').getByRole('button', { name: 'Replace secret' }).first().click();
      await see(frame, 'It is shown this once');
    },
  },
  {
    name: 'streams-test',
    path: '/settings',
    shows: 'Data warehouse',
    answer: answers.settings,
    act: async (frame, page) => {
      await press(frame, 'Test');
      await page.getByText('Not taken: It answered 503').first().waitFor();
    },
  },
];

export const keepingFaces = [...exportFaces, ...archiveFaces, ...storageFaces, ...streamFaces];
