// Every page in every face, wide and narrow: nothing on the console, nothing wider than the window.
import { check, must, open, picture } from './browser.mjs';
import { visit } from './demo.mjs';

const sizes = [
  { width: 1280, height: 820 },
  { width: 390, height: 820 },
];

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
  ActivityList: { data: { activities: { __typename: 'ActivityConnection', ...emptyPage } } },
  AnyActivity: { data: { activities: { __typename: 'ActivityConnection', ...emptyPage } } },
  Rules: { data: { rules: { __typename: 'RuleConnection', ...emptyPage } } },
};
const empty = (operation) => emptyAnswers[operation];

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
    { name: 'entry', path: found.entry, shows: 'History' },
    { name: 'entry-webhook', path: found.webhook, shows: 'Webhook topic' },
    {
      name: 'entry-missing',
      path: '/activity/00000000-0000-7000-8000-000000000000',
      shows: 'Entry not found',
    },
    { name: 'entry-error', path: found.entry, shows: 'The entry could not be loaded', answer: failing },
    { name: 'entry-skeleton', path: found.entry, skeleton: 'Loading the entry' },
    { name: 'rules', path: '/rules', shows: 'Create rule' },
    { name: 'rules-empty', path: '/rules', shows: 'Start from an example', answer: empty },
    { name: 'rules-error', path: '/rules', shows: 'The rules could not be loaded', answer: failing },
    { name: 'rules-skeleton', path: '/rules', skeleton: 'Loading the rules' },
    { name: 'rule-new', path: '/rules/new', shows: 'New rule' },
    { name: 'rule-example', path: '/rules/new?from=large-orders', shows: 'Add condition' },
    { name: 'rule', path: found.rule, shows: 'Versions' },
    { name: 'rule-missing', path: '/rules/0', shows: 'Rule not found' },
    { name: 'rule-error', path: found.rule, shows: 'The rule could not be loaded', answer: failing },
    { name: 'rule-skeleton', path: found.rule, skeleton: 'Loading the rule' },
    { name: 'lost', path: '/nowhere', shows: 'There is nothing at this address' },
  ];
}

export async function walk(shop) {
  const found = await findPaths(shop);
  for (const size of sizes) {
    const window = await open(size.width, size.height);
    try {
      for (const face of faces(found)) {
        await check(`${face.name} at ${size.width} stands, fits and is quiet`, () =>
          look(window, shop, face, size),
        );
      }
    } finally {
      await window.close();
    }
  }
}

async function look({ page, complaints }, shop, face, size) {
  complaints.length = 0;
  must(face.path, 'the demo has nothing to open here');
  const release = await intervene(page, face);
  try {
    const frame = await visit(page, shop, face.path);
    if (face.skeleton) await frame.getByLabel(face.skeleton).first().waitFor();
    else await frame.getByText(face.shows).first().waitFor();
    await picture(page, `${face.name}-${size.width}`);
    const wide = await frame.locator('html').evaluate((html) => [html.scrollWidth, window.innerWidth]);
    must(wide[0] <= wide[1], `the page is ${wide[0]} wide in a window of ${wide[1]}`);
    must(complaints.length === 0, complaints.join('\n'));
  } finally {
    await release();
  }
}

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
    const answer = face.answer?.(request.postDataJSON().operationName);
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
      webhook: await path('/?type=webhook&range=30d', (links) => links).catch(() => undefined),
      rule: await path('/rules', (links) => links).catch(() => undefined),
    };
  } finally {
    await close();
  }
}
