// Every page in every face, wide and narrow: nothing on the console, nothing wider than the window, nothing that axe
// finds fault with.
import { answers, ids } from './answers.mjs';
import { thinking } from './answers-keeping.mjs';
import { accessible } from './axe.mjs';
import { check, must, open, picture } from './browser.mjs';
import { visit } from './demo.mjs';
import { keepingFaces } from './faces-keeping.mjs';
import { operationFaces } from './faces-operations.mjs';

// The narrow window is a dark one, so that both are looked at in every face.
const sizes = [
  { width: 1280, height: 820, scheme: 'light' },
  { width: 390, height: 820, scheme: 'dark' },
];

/** Of what has the same name, that which can be seen: dialogs that are closed are in the page too. */
const shown = (locator) => locator.filter({ visible: true }).first();

/** FACES names the faces that are looked at, as a regular expression; all where it is not given. */
const only = new RegExp(process.env.FACES ?? '');

/** Answers to one operation in the server's place, for faces that the demo does not show by itself. */
const failing = () => ({ errors: [{ message: 'out of order' }] });
const emptyPage = {
  nodes: [],
  pageInfo: {
    __typename: 'PageInfo',
    hasNextPage: false,
    hasPreviousPage: false,
    startCursor: null,
    endCursor: null,
  },
};
const emptyAnswers = {
  ActivityList: { data: { activities: { __typename: 'ActivityConnection', ...emptyPage, userErrors: [] } } },
  AnyActivity: { data: { activities: { __typename: 'ActivityConnection', ...emptyPage } } },
  Rules: { data: { rules: { __typename: 'RuleConnection', ...emptyPage } } },
};
const empty = (operation) => emptyAnswers[operation];

const misread = {
  ActivityList: {
    data: {
      activities: {
        __typename: 'ActivityConnection',
        ...emptyPage,
        userErrors: [{ __typename: 'UserError', message: 'At character 1: there is no qualifier “colour”.' }],
      },
    },
  },
};

/** Opens what a button of the log opens. */
const opens = (name) => async (frame) => {
  await frame.getByRole('button', { name, exact: true }).click();
};
const logFaces = [
  {
    name: 'activity-misread',
    path: '/?q=colour:red',
    shows: 'The search cannot be read',
    answer: (operation) => misread[operation],
  },
  {
    name: 'activity-nothing',
    path: '/?q=vip&status=failed&tab=tags',
    shows: 'Nothing matches',
    answer: (operation) => (operation === 'ActivityList' ? emptyAnswers.ActivityList : undefined),
  },
  {
    name: 'activity-uncounted',
    path: '/',
    shows: 'The counts could not be loaded',
    answer: (operation) => (operation === 'LogStats' ? failing() : undefined),
  },
  { name: 'activity-range', path: '/', shows: 'Status', act: opens('Last 24 hours') },
  { name: 'activity-views', path: '/', shows: 'Views', act: opens('Views') },
  {
    name: 'activity-help',
    path: '/',
    shows: 'Views',
    act: async (frame) => {
      await opens('Keys and search')(frame);
      await frame.getByText('Next and previous entry').waitFor();
    },
  },
  {
    name: 'activity-suggestions',
    path: '/',
    shows: 'Views',
    act: async (frame) => {
      await frame.getByRole('combobox', { name: 'Search the log' }).click();
      await frame.getByRole('option', { name: /^status:/ }).waitFor();
    },
  },
];

const entryPath = `/activity/${ids.entry}`;
const entryFaces = [
  { name: 'entry-whole', path: entryPath, shows: 'Cause and effects', answer: answers.entry },
  {
    name: 'entry-failed',
    path: `/activity/${ids.failed}`,
    shows: 'It failed',
    answer: answers.failedEntry,
    act: async (frame) => {
      await frame.getByText('Request', { exact: true }).click();
      await frame.getByLabel('Body of the request').waitFor();
    },
  },
  {
    name: 'entry-revert',
    path: `${entryPath}?revert=1`,
    shows: 'Revert this change?',
    answer: answers.entry,
    act: async (frame) => {
      await shown(frame.getByText('Changed since', { exact: true })).waitFor();
    },
  },
  {
    name: 'entry-free',
    path: entryPath,
    shows: 'Reverting belongs to the Pro plan',
    answer: answers.freeEntry,
  },
  { name: 'entry-body-gone', path: entryPath, shows: 'no longer kept', answer: answers.bodyGone },
];

const recordPath = `/record?id=${encodeURIComponent(ids.record)}`;
const recordFaces = [
  { name: 'record', path: recordPath, shows: 'Put there by', answer: answers.record },
  { name: 'record-deleted', path: recordPath, shows: 'Deleted', answer: answers.deletedRecord },
  { name: 'record-unknown', path: recordPath, shows: 'knows nothing', answer: answers.unknownRecord },
  { name: 'record-error', path: recordPath, shows: 'The record could not be loaded', answer: failing },
  { name: 'record-skeleton', path: recordPath, skeleton: 'Loading the record' },
];

const explainPath = `/explain?record=${encodeURIComponent(ids.record)}`;
const explainFaces = [
  { name: 'explain-ask', path: '/explain', shows: 'Find a record' },
  {
    name: 'explain-find',
    path: '/explain',
    shows: 'Find a record',
    answer: answers.found,
    act: async (frame) => {
      await frame.getByLabel('Find a record').fill('1042');
      await frame.getByText('Barolo 2019').waitFor();
    },
  },
  { name: 'explain', path: explainPath, shows: 'Conditions not met', answer: answers.explained },
  { name: 'explain-nothing', path: explainPath, shows: 'Nothing arrived', answer: answers.neverArrived },
  { name: 'explain-empty', path: explainPath, shows: 'No rule is about', answer: answers.noRule },
  { name: 'explain-error', path: explainPath, shows: 'There is no answer', answer: failing },
  { name: 'explain-skeleton', path: explainPath, skeleton: 'Looking for the reason' },
];

const failureFaces = [
  { name: 'failures', path: '/failures', shows: 'Retry all 1,284', answer: answers.failures },
  {
    name: 'failures-confirm',
    path: '/failures',
    shows: 'Retry all 1,284',
    answer: answers.failures,
    act: async (frame) => {
      await frame.getByText('Retry all 1,284').click();
      await frame.getByRole('dialog').waitFor();
    },
  },
  { name: 'failures-empty', path: '/failures', shows: 'Nothing failed', answer: answers.noFailures },
  { name: 'failures-error', path: '/failures', shows: 'The failures could not be loaded', answer: failing },
  { name: 'failures-skeleton', path: '/failures', skeleton: 'Loading the failures' },
];

const settingsFaces = [
  { name: 'settings', path: '/settings', shows: 'Warehouse script', answer: answers.settings },
  {
    name: 'settings-key',
    path: '/settings',
    shows: 'Create key',
    answer: answers.settings,
    act: async (frame) => {
      await frame.getByText('Create key', { exact: true }).first().click();
      await shown(frame.getByText('Record entries', { exact: true })).waitFor();
    },
  },
  {
    name: 'settings-key-made',
    path: '/settings',
    shows: 'Create key',
    answer: answers.settings,
    act: async (frame) => {
      await frame.getByText('Create key', { exact: true }).first().click();
      await shown(frame.getByLabel('Name', { exact: true })).fill('Shipping script');
      await frame.getByText('Create key', { exact: true }).last().click();
      await frame.getByText('It is shown this once').waitFor();
    },
  },
  {
    name: 'settings-source',
    path: '/settings',
    shows: 'Connect source',
    answer: answers.settings,
    act: async (frame) => {
      await frame.getByText('Connect source', { exact: true }).click();
      await frame.getByText('What was signed longer ago is refused').waitFor();
    },
  },
  {
    name: 'settings-stream',
    path: '/settings',
    shows: 'Add stream',
    answer: answers.settings,
    act: async (frame) => {
      await frame.getByText('Add stream', { exact: true }).first().click();
      await frame.getByText('A saved view is taken as it is now').waitFor();
    },
  },
  { name: 'settings-empty', path: '/settings', shows: 'Create key', answer: answers.noSettings },
  { name: 'settings-error', path: '/settings', shows: 'The settings could not be loaded', answer: failing },
  { name: 'settings-skeleton', path: '/settings', skeleton: 'Loading the settings' },
];

/** The faces: an address, what must stand there, and what the server answers where it is not its own answer. */
function faces(found) {
  return [
    { name: 'activity', path: '/', shows: 'Last 24 hours' },
    { name: 'activity-trouble', path: '/?status=warning,failed&range=30d', shows: 'Status: Failed' },
    { name: 'activity-system', path: '/?tab=system&type=webhook&range=7d', shows: 'Type: Webhook' },
    {
      name: 'activity-custom',
      path: '/?range=custom&from=2026-01-01&to=2026-01-02',
      shows: 'Nothing matches',
    },
    { name: 'activity-empty', path: '/', shows: 'Nothing has happened yet', answer: empty },
    { name: 'activity-error', path: '/', shows: 'The log could not be loaded', answer: failing },
    { name: 'activity-skeleton', path: '/', skeleton: 'Loading the log' },
    ...logFaces,
    { name: 'entry', path: found.entry, shows: 'History' },
    { name: 'entry-webhook', path: found.webhook, shows: 'Sent by' },
    {
      name: 'entry-missing',
      path: '/activity/00000000-0000-7000-8000-000000000000',
      shows: 'Entry not found',
    },
    { name: 'entry-error', path: found.entry, shows: 'The entry could not be loaded', answer: failing },
    { name: 'entry-skeleton', path: found.entry, skeleton: 'Loading the entry' },
    ...entryFaces,
    ...recordFaces,
    ...explainFaces,
    ...failureFaces,
    ...settingsFaces,
    ...keepingFaces,
    ...operationFaces,
    { name: 'rules', path: '/rules', shows: 'Create rule' },
    { name: 'rules-empty', path: '/rules', shows: 'Start from an example', answer: empty },
    { name: 'rules-error', path: '/rules', shows: 'The rules could not be loaded', answer: failing },
    { name: 'rules-skeleton', path: '/rules', skeleton: 'Loading the rules' },
    { name: 'rule-new', path: '/rules/new', shows: 'New rule' },
    { name: 'rule-example', path: '/rules/new?from=large-orders', shows: 'Add condition' },
    { name: 'rule', path: found.rule, shows: 'Versions' },
    {
      name: 'rule-take-back',
      path: found.rule,
      shows: 'Versions',
      act: async (frame) => {
        await shown(frame.getByRole('button', { name: 'Take back what it did' })).click();
        await shown(frame.getByText('both included')).waitFor();
      },
    },
    { name: 'rule-missing', path: '/rules/0', shows: 'Rule not found' },
    { name: 'rule-error', path: found.rule, shows: 'The rule could not be loaded', answer: failing },
    { name: 'rule-skeleton', path: found.rule, skeleton: 'Loading the rule' },
    { name: 'lost', path: '/nowhere', shows: 'There is nothing at this address' },
  ];
}

/** Looks at every face, two at a time: most of the time is waiting. */
export async function walk(shop) {
  const found = await findPaths(shop);
  const left = faces(found).filter((one) => one.name.match(only));
  await Promise.all([walkOn(shop, left), walkOn(shop, left)]);
}

/** Takes one face after the other of those that are left. */
async function walkOn(shop, left) {
  const window = await open(sizes[0].width, sizes[0].height);
  try {
    for (let face = left.shift(); face; face = left.shift()) await look(window, shop, face);
  } finally {
    await window.close();
  }
}

/** Opens a face where it is wide, and makes the window narrow then. */
async function look({ page, complaints }, shop, face) {
  let frame;
  let release = async () => {};
  const stands = async () => {
    must(face.path, 'the demo has nothing to open here');
    complaints.length = 0;
    release = await intervene(page, face);
    frame = await visit(page, shop, face.path);
    if (face.skeleton) await frame.getByLabel(face.skeleton).first().waitFor();
    else await frame.getByText(face.shows).first().waitFor();
    await face.act?.(frame, page);
  };
  try {
    for (const size of sizes) {
      const name = `${face.name} at ${size.width} stands, fits, is quiet and can be used by everyone`;
      const ok = await check(name, async () => {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme: size.scheme });
        if (!frame) await stands();
        await frame.locator('html').evaluate(settled);
        await picture(page, `${face.name}-${size.width}`);
        const wide = await frame.locator('html').evaluate((html) => [html.scrollWidth, window.innerWidth]);
        must(wide[0] <= wide[1], `the page is ${wide[0]} wide in a window of ${wide[1]}`);
        must(complaints.length === 0, complaints.join('\n'));
        await accessible(page);
      });
      if (!ok && !frame) return;
    }
  } finally {
    await release();
  }
}

/** Resolves once the page has been painted at its size and nothing of it fades any more. */
const settled = async () => {
  await new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(resolve));
  });
  const ending = document
    .getAnimations()
    .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
  await Promise.allSettled(ending.map((one) => one.finished));
};

/** Answers in the server's place, or holds its answers back, until released. */
async function intervene(page, face) {
  if (!face.answer && !face.skeleton) return async () => {};
  let letGo = () => {};
  const held = new Promise((resolve) => {
    letGo = resolve;
  });
  await page.route('**/graphql', async (route) => {
    const request = route.request();
    if ((request.headers().accept ?? '').startsWith('text/event-stream')) {
      await held; // an entry that comes live would end the face that is looked at
      return route.fulfill({ contentType: 'text/event-stream', body: '' }).catch(() => {});
    }
    const { operationName, variables } = request.postDataJSON();
    const answer = face.answer?.(operationName, variables);
    if (answer === thinking) {
      await held;
      return route.fulfill({ json: { data: null } }).catch(() => {});
    }
    if (answer) return route.fulfill({ json: answer });
    if (face.skeleton) await held;
    await route.continue().catch(() => {}); // the page may have been left meanwhile
  });
  return async () => {
    letGo();
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  };
}

/** Addresses of an entry that changed something, of a webhook and of a rule. */
async function findPaths(shop) {
  const { page, close } = await open(1280, 820);
  try {
    const path = async (from, pick) => {
      const frame = await visit(page, shop, from);
      const link = pick(frame.locator('a.tt-row-link')).first();
      await link.waitFor();
      return link.getAttribute('href');
    };
    return {
      entry: await path('/?tab=tags&range=30d', (links) => links).catch(() => undefined),
      webhook: await path('/?type=webhook&action=WEBHOOK_RECEIVED&range=30d', (links) => links).catch(
        () => undefined,
      ),
      rule: await path('/rules', (links) => links).catch(() => undefined),
    };
  } finally {
    await close();
  }
}
