// Answers in the server's place about operations, for faces that a fresh demo does not show by itself.
const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();

/** Ids that the answers below know. */
export const operationId = '019ab3f0-0000-7000-8000-0000000000c1';

const page = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };
const more = { ...page, hasNextPage: true, endCursor: 'c50' };
const staff = { type: 'STAFF', id: '1', name: 'Riley Park' };

const counts = (of = {}) => ({
  __typename: 'OperationProgress',
  total: 2000,
  pending: 0,
  succeeded: 2000,
  unchanged: 0,
  failed: 0,
  skipped: 0,
  conflicts: 0,
  perSecond: 0,
  secondsLeft: null,
  waitingFor: null,
  ...of,
});

const half = counts({
  pending: 760,
  succeeded: 1200,
  unchanged: 38,
  failed: 2,
  perSecond: 52,
  secondsLeft: 15,
});
const mixed = counts({ succeeded: 1900, unchanged: 60, failed: 37, conflicts: 3 });

const longTitle = `Add the tags ${'Christmas clearance of the whole cellar, '.repeat(4)}and Sale to products`;

const row = (id, of = {}) => ({
  __typename: 'Operation',
  id,
  kind: 'TAG_ADD',
  status: 'COMPLETED',
  resource: 'PRODUCT',
  title: 'Add tag Sale to products',
  selected: 'vendor:"Kumeu River" · 2,000 products',
  progress: counts(),
  createdAt: ago(42),
  createdBy: staff,
  ...of,
});

const rows = [
  row('1', { status: 'RUNNING', progress: half, createdAt: ago(1) }),
  row('2', {
    status: 'QUEUED',
    progress: counts({ total: 0, succeeded: 0 }),
    createdAt: ago(2),
    title: longTitle,
  }),
  row('3', { status: 'COLLECTING', progress: counts({ total: 750, pending: 750, succeeded: 0 }) }),
  row(operationId, { status: 'COMPLETED_WITH_WARNINGS', progress: mixed }),
  row('5', { kind: 'REVERT', title: 'Revert: Add tag Sale to products', createdAt: ago(300) }),
  row('6', { status: 'CANCELLED', progress: counts({ succeeded: 500, skipped: 1500 }), createdAt: ago(900) }),
  row('7', {
    status: 'FAILED',
    kind: 'TAG_SCAN',
    title: 'Count the tags of orders',
    progress: counts({ total: 0, succeeded: 0 }),
    createdBy: { type: 'SYSTEM', id: null, name: '' },
    createdAt: ago(4000),
  }),
];

const whole = (of = {}) => ({
  ...row(operationId, { status: 'COMPLETED_WITH_WARNINGS', progress: mixed }),
  cancellable: false,
  retryable: true,
  revertible: true,
  notRevertible: null,
  bulk: true,
  cost: 22_000,
  startedAt: ago(41.9),
  finishedAt: ago(40),
  tags: ['Sale'],
  replaceWith: null,
  note: 'For the week of the fair',
  causes: [
    {
      code: 'INVALID_DATA',
      message: 'Shopify refused the tag: the product has 250 tags already. Take one off, then try again.',
      count: 30,
    },
    { code: 'RESOURCE_DELETED', message: 'The product was deleted. Nothing can be changed.', count: 7 },
  ],
  activity: {
    __typename: 'Activity',
    id: operationId,
    history: [
      { status: 'PENDING', at: ago(42), note: 'Started by Riley Park' },
      { status: 'IN_PROGRESS', at: ago(41.9), note: null },
      { status: 'WARNING', at: ago(40), note: '37 products could not be changed' },
    ],
  },
  revertOf: null,
  revertedBy: [],
  error: null,
  failedItemsURL: 'https://tagtrail.example.com/operations/c1/failed.csv?signature=x',
  ...of,
});

const item = (at, outcome, of = {}) => ({
  __typename: 'OperationItem',
  id: `item-${at}`,
  resourceId: `gid://shopify/Product/${at}`,
  title: ['Kumeu River Chardonnay 2022', 'Barolo', 'Olive oil, 5 l'][at % 3],
  url: null,
  outcome,
  before: ['wine', 'white', 'import'],
  after: ['wine', 'white', 'import', 'Sale'],
  added: outcome === 'SUCCEEDED' ? ['Sale'] : [],
  removed: [],
  error: null,
  ...of,
});

const manyTags = Array.from({ length: 249 }, (_, at) => `a-rather-long-tag-number-${at}`);
const items = [
  item(1, 'SUCCEEDED'),
  item(2, 'SUCCEEDED', { before: manyTags, after: [...manyTags, 'Sale'] }),
  item(3, 'FAILED', {
    before: [...manyTags, 'x'],
    after: [...manyTags, 'x'],
    error: {
      code: 'INVALID_DATA',
      message:
        'The product has 250 tags already, which is the most that Shopify takes. Take one off, then try again.',
    },
  }),
  item(4, 'CONFLICT', { added: [], before: ['wine'] }),
  item(5, 'UNCHANGED', { before: ['wine', 'Sale'], after: ['wine', 'Sale'] }),
  item(6, 'SUCCEEDED', {
    title: `A title of a product that nobody reads to its end, ${'and it goes on '.repeat(8)}`,
    added: ['x'.repeat(255)],
  }),
  ...Array.from({ length: 20 }, (_, at) => item(at + 7, 'SUCCEEDED')),
];

const connection = (nodes, pageInfo = page) => ({ __typename: 'OperationItemConnection', nodes, pageInfo });
const list = (nodes) => ({
  data: {
    operations: { __typename: 'OperationConnection', nodes, pageInfo: nodes.length > 5 ? more : page },
  },
});

const detail = (operation, nodes = items) => ({
  Operation: { data: { operation } },
  OperationItems: {
    data: { operation: { __typename: 'Operation', id: operationId, items: connection(nodes, more) } },
  },
});

const preview = (of = {}) => ({
  data: {
    operationPreview: {
      __typename: 'OperationPreview',
      total: 2000,
      exact: true,
      looked: 250,
      wouldChange: 238,
      unchanged: 10,
      refused: 2,
      secondsEstimated: 96,
      bulk: true,
      sample: [
        {
          resourceId: 'gid://shopify/Product/3',
          title: 'Olive oil, 5 l',
          before: [...manyTags, 'x'],
          after: [...manyTags, 'x', 'Sale'],
          refusal: 'It has 250 tags already, which is the most that Shopify takes.',
        },
        ...items.slice(0, 2).map(({ resourceId, title, before, after }) => ({
          resourceId,
          title,
          before,
          after,
          refusal: null,
        })),
        {
          resourceId: 'gid://shopify/Product/9',
          title: 'Barolo',
          before: ['Sale'],
          after: ['Sale'],
          refusal: null,
        },
      ],
      userErrors: [],
      ...of,
    },
  },
});

const revertPreview = {
  data: {
    revertPreview: {
      __typename: 'RevertPreview',
      total: 2000,
      looked: 1000,
      wouldRestore: 988,
      alreadyRestored: 0,
      drifted: 10,
      gone: 2,
      sample: [
        ...Array.from({ length: 10 }, (_, at) => ({
          resourceId: `gid://shopify/Product/${at}`,
          title: 'Kumeu River Chardonnay 2022',
          now: ['wine', 'Sale', `edited-${at}`],
          after: ['wine', `edited-${at}`],
          state: 'DRIFTED',
        })),
        {
          resourceId: 'gid://shopify/Product/11',
          title: 'Barolo',
          now: ['Sale'],
          after: [],
          state: 'RESTORE',
        },
        { resourceId: 'gid://shopify/Product/12', title: 'Old wine', now: null, after: null, state: 'GONE' },
      ],
      userErrors: [],
    },
  },
};

const csv = {
  data: {
    selectionFromCSV: {
      __typename: 'CSVSelection',
      columns: [
        { name: 'Product ID', usedAs: 'id' },
        { name: 'Title', usedAs: null },
        { name: 'A column with a very long name that a warehouse program made up for itself', usedAs: null },
      ],
      records: 1998,
      errors: [
        { line: 4, message: '“Barolo” is no id of a product. Put the number from its address there.' },
        { line: 17, message: 'The line has no id.' },
      ],
    },
  },
};

const finding = (kind, tags, suggestion) => ({
  kind,
  tags: tags.map((tag, at) => ({ tag, records: 40 - at * 7, resourceId: 'gid://shopify/Product/1' })),
  suggestion,
});

const scan = (findings, status = 'COMPLETED', progress = counts({ unchanged: 2000, succeeded: 0 })) => ({
  data: {
    tagScan: {
      __typename: 'TagScan',
      operation: {
        ...whole({ kind: 'TAG_SCAN', status, progress, title: 'Count the tags of products' }),
        error: null,
      },
      tags: 412,
      findings,
    },
  },
});

const findings = [
  finding('SPELLINGS', ['Sale', 'SALE', 'sale', 'sAle'], 'Sale'),
  finding('SPELLINGS', ['New Zealand', 'new zealand'], 'New Zealand'),
  finding('TOO_LONG', ['x'.repeat(60)], 'x'.repeat(40)),
  finding('WHITE_SPACE', ['two  spaces'], 'two spaces'),
  finding('MALFORMED', ['&amp;', '"quoted"'], null),
  ...Array.from({ length: 30 }, (_, at) => finding('ORPHANED', [`slip-${at}`], null)),
];

const refused = {
  total: 0,
  looked: 0,
  wouldChange: 0,
  sample: [],
  userErrors: [
    {
      field: ['input', 'selection', 'query'],
      message: 'Shopify knows no field “colour”: such a search would find every product. Write it otherwise.',
      code: 'INVALID',
    },
  ],
};

const at = (answers) => (operation) => answers[operation];
const shop = (plan) => ({
  data: {
    shop: {
      __typename: 'Shop',
      id: '1',
      name: 'Cellar',
      domain: 'cellar.myshopify.com',
      timezone: 'Europe/Berlin',
      currency: 'EUR',
      plan,
      settings: { retentionDays: 730, webhookBodyDays: 30, snapshotDays: 90 },
    },
  },
});

const running = whole({
  status: 'RUNNING',
  progress: { ...half, waitingFor: 'Shopify’s rate limit' },
  cancellable: true,
  retryable: false,
  revertible: false,
  notRevertible: 'It still runs.',
  finishedAt: null,
  causes: [],
  failedItemsURL: null,
});
const reverted = row('c9', { kind: 'REVERT', title: 'Revert: Add tag Sale to products', createdAt: ago(3) });
const free = whole({
  revertible: false,
  notRevertible: 'Reverting belongs to the Pro plan.',
  title: longTitle,
  revertOf: { __typename: 'Operation', id: 'c8', title: longTitle },
  revertedBy: [reverted],
});

/** What the server would answer, by the face that it makes. */
export const operationAnswers = {
  list: at({ Operations: list(rows) }),
  empty: at({ Operations: list([]) }),
  wizard: at({ OperationPreview: preview(), SelectionFromCSV: csv, Shop: shop('PRO') }),
  misread: at({ OperationPreview: preview(refused) }),
  nothing: at({
    OperationPreview: preview({
      total: 40,
      looked: 40,
      wouldChange: 0,
      unchanged: 40,
      refused: 0,
      sample: [],
    }),
  }),
  detail: at({ ...detail(whole()), RevertPreview: revertPreview }),
  running: at(detail(running)),
  free: at({ ...detail(free), Shop: shop('FREE') }),
  notItems: at({
    ...detail(whole({ causes: [], progress: counts({ total: 0, succeeded: 0 }) }), []),
  }),
  findings: at({ TagScan: scan(findings), OperationPreview: preview({ refused: 0 }) }),
  nothingWrong: at({ TagScan: scan([]) }),
  neverScanned: at({ TagScan: { data: { tagScan: null } } }),
  scanning: at({ TagScan: scan([], 'RUNNING', half) }),
  shop,
  revertPreview,
};
