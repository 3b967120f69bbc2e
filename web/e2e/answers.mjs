// Answers in the server's place, for faces that a fresh demo does not show by itself.
import { keepingAnswers } from './answers-keeping.mjs';
import { operationAnswers } from './answers-operations.mjs';

const page = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };
const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();

/** Ids that the answers below know. */
export const ids = {
  entry: '019ab3f0-0000-7000-8000-000000000001',
  failed: '019ab3f0-0000-7000-8000-000000000002',
  record: 'gid://shopify/Order/1042',
};

const staff = { type: 'STAFF', id: '1', name: 'Riley Park' };
const rule = { type: 'RULE', id: '7', name: 'VIP customers' };
const order = {
  type: 'Order',
  id: ids.record,
  title: '#1042',
  url: 'https://admin.shopify.com/store/x/orders/1042',
};

const row = (id, summary, more = {}) => ({
  __typename: 'Activity',
  id,
  occurredAt: ago(12),
  type: 'BACKGROUND_JOB',
  action: 'SMART_TAG_APPLIED',
  categories: ['TAGS'],
  status: 'SUCCESS',
  summary,
  actor: rule,
  entity: order,
  revertible: false,
  ...more,
});

const condition = (field, operator, expected, actual, passed, hint = null) => ({
  field,
  operator,
  expected: [expected],
  actual: [actual],
  passed,
  hint,
});

const evaluation = (name, outcome, conditions) => ({
  rule: { id: '7' },
  name,
  version: 3,
  matched: outcome === 'MATCHED',
  outcome,
  conditions,
  addTags: ['VIP'],
  removeTags: [],
});

const held = [
  condition('total_price', 'GREATER', '500', '642.00', true),
  condition('customer.tags', 'CONTAINS', 'wholesale', 'wholesale', true),
];
const missed = [
  condition('total_price', 'GREATER', '500', '642.00', true),
  condition(
    'shipping_country',
    'EQUALS',
    'US',
    'United States',
    false,
    'The record has the country’s name; the rule asks for its code.',
  ),
];

const webhook = row('019ab3f0-0000-7000-8000-000000000003', 'Order #1042 changed', {
  type: 'WEBHOOK',
  action: 'WEBHOOK_RECEIVED',
  occurredAt: ago(12.02),
  actor: { type: 'EXTERNAL', id: null, name: 'Shopify' },
  evaluations: [evaluation('VIP customers', 'MATCHED', held)],
  cause: null,
});

const body = JSON.stringify(
  {
    id: 1042,
    email: '[left out]',
    total_price: '642.00',
    customer: { id: 9, phone: '[left out]' },
    note: `A long line that must scroll in its own box and never push the page wider: ${'wine '.repeat(40)}`,
    line_items: Array.from({ length: 12 }, (_, index) => ({ sku: `W-${index}`, quantity: index + 1 })),
  },
  null,
  2,
);

const delivery = {
  sender: 'Shopify',
  topic: 'orders/updated',
  webhookId: 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
  triggeredAt: ago(12.2),
  receivedAt: ago(12.15),
  attempts: 3,
  duplicates: 1,
  nextTryAt: null,
  request: {
    status: null,
    headers: { 'X-Shopify-Topic': 'orders/updated', 'X-Shopify-Hmac-Sha256': '[left out]' },
    body,
    bytes: body.length,
    redacted: ['email', 'customer.phone'],
  },
  response: { status: 200, headers: { 'Content-Length': '0' }, body: '', bytes: 0, redacted: [] },
};

const entry = {
  ...row(ids.entry, 'Tag VIP added · Order #1042', { revertible: true }),
  notRevertible: null,
  operation: null,
  changes: [
    { field: 'tags', before: ['wholesale', 'new'], after: ['wholesale', 'VIP'] },
    { field: 'financial_status', before: 'pending', after: 'paid' },
    { field: 'note', before: null, after: 'Gift. '.repeat(60) },
    {
      field: 'shipping_address',
      before: { city: 'Hamburg', zip: '20095' },
      after: { city: 'Berlin', zip: '10115', street: 'Unter den Linden '.repeat(12) },
    },
  ],
  rule: { id: '7', name: 'VIP customers' },
  ruleVersion: { version: 3, at: ago(9000), rule: {} },
  evaluations: [evaluation('VIP customers', 'MATCHED', held)],
  history: [
    { status: 'PENDING', at: ago(12.02), note: null },
    { status: 'IN_PROGRESS', at: ago(12.01), note: 'Try 1' },
    { status: 'SUCCESS', at: ago(12), note: null },
  ],
  error: null,
  metadata: {
    cost: 12,
    durationMs: 582,
    attempts: 1,
    snapshotId: '019ab3f0-0000-7000-8000-0000000000aa',
    recordedBy: 'Warehouse script',
    parcels: [{ carrier: 'DHL', kg: 2.4 }],
  },
  retryable: false,
  delivery: null,
  sent: null,
  cause: webhook,
  effects: {
    nodes: [
      row('019ab3f0-0000-7000-8000-000000000004', 'Order #1042 changed: our own change came back', {
        type: 'WEBHOOK',
        occurredAt: ago(11.97),
      }),
    ],
    pageInfo: page,
  },
};

const failed = {
  ...row(ids.failed, 'Order #1042 changed', {
    type: 'WEBHOOK',
    action: 'WEBHOOK_RECEIVED',
    status: 'FAILED',
    actor: { type: 'EXTERNAL', id: null, name: 'Shopify' },
  }),
  notRevertible: null,
  operation: null,
  changes: [],
  rule: null,
  ruleVersion: null,
  evaluations: [],
  history: [
    { status: 'PENDING', at: ago(72), note: null },
    { status: 'IN_PROGRESS', at: ago(71.9), note: 'Try 1' },
    { status: 'FAILED', at: ago(12), note: 'Try 8 was the last' },
  ],
  error: {
    code: 'SHOPIFY_UNREACHABLE',
    message: 'Shopify could not be reached for over an hour. Once it is back, try again.',
    attempts: 8,
    stack: 'webhooks.(*Service).Process\n\twebhooks/process.go:120',
  },
  metadata: { topic: 'orders/updated', durationMs: 12_400, bodyBytes: 8123, apiVersion: '2026-10' },
  retryable: true,
  delivery,
  cause: null,
  effects: { nodes: [], pageInfo: page },
};

const gone = {
  ...failed,
  status: 'SUCCESS',
  error: null,
  retryable: false,
  delivery: { ...delivery, request: null },
};

const resource = (more = {}) => ({
  __typename: 'Resource',
  id: ids.record,
  type: 'Order',
  title: '#1042',
  url: order.url,
  changedAt: ago(12),
  deletedAt: null,
  tags: [
    {
      tag: 'VIP',
      by: rule,
      at: ago(12),
      activity: { id: ids.entry, summary: 'Tag VIP added · Order #1042' },
    },
    {
      tag: 'wholesale',
      by: { type: 'EXTERNAL', id: null, name: '' },
      at: ago(9000),
      activity: { id: ids.entry, summary: '' },
    },
    { tag: 'imported', by: null, at: null, activity: null },
  ],
  ...more,
});

const list = (nodes) => ({
  data: { activities: { __typename: 'ActivityConnection', nodes, pageInfo: page } },
});

const explanation = (id, name, outcome, message, more = {}) => ({
  rule: { __typename: 'Rule', id, name, enabled: true, pausedReason: null },
  outcome,
  message,
  at: ago(12),
  evaluation: null,
  activity: { __typename: 'Activity', id: ids.entry, summary: '', status: 'SUCCESS', retryable: false },
  removedBy: null,
  ...more,
});

const explanations = [
  explanation('1', 'VIP customers', 'APPLIED', 'It matched and put the tag VIP on the order.', {
    evaluation: evaluation('VIP customers', 'MATCHED', held),
  }),
  explanation(
    '2',
    'Domestic orders',
    'NOT_MATCHED',
    'Condition 2 of 2 did not hold when the order last changed.',
    { evaluation: evaluation('Domestic orders', 'NOT_MATCHED', missed) },
  ),
  explanation(
    '3',
    'High risk',
    'REMOVED_LATER',
    'It put the tag review on the order; Riley Park took it off later.',
    {
      removedBy: staff,
    },
  ),
  explanation('4', 'Seasonal', 'DISABLED', 'The rule was switched off when the order changed.'),
  explanation(
    '5',
    'Free shipping',
    'REFUSED',
    'Shopify refused the tag: it is longer than 40 characters. Shorten it in the rule, then try again.',
    { activity: { __typename: 'Activity', id: ids.failed, summary: '', status: 'FAILED', retryable: true } },
  ),
];

const nothing = [
  explanation(
    '1',
    'VIP customers',
    'NO_WEBHOOK',
    'Shopify has told nothing about this order since the shop was connected on Nov 3. Change the order, and the rule looks at it.',
    { at: null, activity: null },
  ),
];

const groups = [
  {
    code: 'SHOPIFY_UNREACHABLE',
    message: 'Shopify could not be reached. Once it is back, try again.',
    count: 1284,
    retryable: 1284,
    latestAt: ago(4),
    latest: { __typename: 'Activity', id: ids.failed, summary: 'Order #1042 changed' },
  },
  {
    code: 'INVALID_TAG',
    message:
      'Shopify refused the tag “a-very-long-tag-that-nobody-reads-to-its-end-anyway”: an order’s tag has at most 40 characters. Shorten it in the rule, then try again.',
    count: 3,
    retryable: 0,
    latestAt: ago(400),
    latest: { __typename: 'Activity', id: ids.entry, summary: 'Could not change tags · Order #1040' },
  },
];

const job = (status, metadata) => ({
  __typename: 'Activity',
  id: ids.entry,
  status,
  summary: 'Trying again what failed: Shopify could not be reached',
  metadata,
});

const settings = (apiKeys, sources, streams = []) => ({
  data: {
    shop: {
      __typename: 'Shop',
      id: '1',
      plan: 'PRO',
      timezone: 'Europe/Berlin',
      settings: {
        __typename: 'Settings',
        notifyEmails: ['riley@example.com'],
        notifyFailures: true,
        notifyDigest: false,
      },
    },
    apiKeys,
    sources,
    streams,
  },
});

const key = (id, name, more = {}) => ({
  __typename: 'APIKey',
  id,
  name,
  ending: 'x7Qz',
  scopes: ['RECORD', 'READ'],
  createdBy: { type: 'STAFF', name: 'Riley Park' },
  createdAt: ago(40_000),
  lastUsedAt: ago(3),
  revokedAt: null,
  ...more,
});

const source = (id, kind, name, more = {}) => ({
  __typename: 'Source',
  id,
  kind,
  name,
  url: `https://tagtrail.example.com/webhooks/sources/${id}`,
  toleranceSeconds: 300,
  createdBy: { type: 'STAFF', name: 'Riley Park' },
  createdAt: ago(40_000),
  received: 1284,
  lastReceivedAt: ago(3),
  refused: 0,
  lastRefusedAt: null,
  lastRefusal: null,
  ...more,
});

const stream = (id, name, more = {}) => ({
  __typename: 'Stream',
  id,
  name,
  url: 'https://warehouse.example.com/hooks/tagtrail',
  filter: {},
  enabled: true,
  disabledAt: null,
  disabledBecause: null,
  failing: false,
  failingSince: null,
  nextTryAt: null,
  lastSuccessAt: ago(1),
  lastFailureAt: null,
  lastFailure: null,
  delivered: 48_211,
  waiting: { __typename: 'TotalCount', count: 0, capped: false },
  waitingSince: null,
  replaying: false,
  oldSecretUntil: null,
  createdBy: { type: 'STAFF', name: 'Riley Park' },
  createdAt: ago(40_000),
  ...more,
});

const someSettings = settings(
  [
    key('1', 'Warehouse script'),
    key('2', 'Release bot', { lastUsedAt: null, scopes: ['RECORD'] }),
    key('3', 'Old importer', { revokedAt: ago(900) }),
  ],
  [
    source('019ab3f0-0000-7000-8000-0000000000b1', 'STRIPE', 'Stripe'),
    source('019ab3f0-0000-7000-8000-0000000000b2', 'STANDARD', 'Wine club', {
      refused: 12,
      lastRefusedAt: ago(50),
      lastRefusal: 'the signature does not fit the body; is the secret the right one?',
    }),
  ],
  [
    stream('019ab3f0-0000-7000-8000-0000000000c1', 'Data warehouse'),
    stream('019ab3f0-0000-7000-8000-0000000000c2', 'Alerts', {
      failing: true,
      failingSince: ago(90),
      lastFailure: 'It answered 503',
      lastFailureAt: ago(4),
      nextTryAt: ago(-11),
      waiting: { __typename: 'TotalCount', count: 1284, capped: false },
      waitingSince: ago(90),
    }),
    stream('019ab3f0-0000-7000-8000-0000000000c3', 'Old agency', {
      enabled: false,
      disabledAt: ago(9000),
      disabledBecause: 'Its receiver answered 410: it wants nothing more',
    }),
  ],
);

const at = (answers) => (operation) => answers[operation];

/** What the server would answer, by the face that it makes. */
export const answers = {
  entry: at({
    ActivityDetail: { data: { activity: entry } },
    RevertPreview: operationAnswers.revertPreview,
  }),
  freeEntry: at({
    ActivityDetail: {
      data: {
        activity: { ...entry, revertible: false, notRevertible: 'Reverting belongs to the Pro plan.' },
      },
    },
    Shop: operationAnswers.shop('FREE'),
  }),
  failedEntry: at({ ActivityDetail: { data: { activity: failed } } }),
  bodyGone: at({ ActivityDetail: { data: { activity: gone } } }),
  record: at({
    Record: { data: { resource: resource() } },
    RecordActivity: list([entry, webhook, failed]),
  }),
  deletedRecord: at({
    Record: { data: { resource: resource({ deletedAt: ago(50), url: null, tags: [] }) } },
    RecordActivity: list([]),
  }),
  unknownRecord: at({ Record: { data: { resource: null } }, RecordActivity: list([]) }),
  found: at({
    Resources: {
      data: {
        resources: [
          resource(),
          resource({ id: 'gid://shopify/Product/7', type: 'Product', title: 'Barolo 2019', changedAt: null }),
        ],
      },
    },
  }),
  explained: at({ Record: { data: { resource: resource() } }, Explain: { data: { explain: explanations } } }),
  neverArrived: at({ Record: { data: { resource: null } }, Explain: { data: { explain: nothing } } }),
  noRule: at({ Record: { data: { resource: resource() } }, Explain: { data: { explain: [] } } }),
  failures: at({
    Failures: { data: { activityFailures: groups } },
    RunningJobs: {
      data: {
        activities: {
          __typename: 'ActivityConnection',
          nodes: [job('IN_PROGRESS', { total: 1284, done: 813, failed: 0 })],
        },
      },
    },
  }),
  noFailures: at({
    Failures: { data: { activityFailures: [] } },
    RunningJobs: { data: { activities: { __typename: 'ActivityConnection', nodes: [] } } },
  }),
  settings: at({
    Settings: someSettings,
    Storage: keepingAnswers.storage,
    StreamTest: {
      data: {
        streamTest: {
          __typename: 'StreamTestPayload',
          result: { __typename: 'StreamTestResult', delivered: false, message: 'It answered 503' },
          userErrors: [],
        },
      },
    },
    StreamRotateSecret: {
      data: {
        streamRotateSecret: {
          __typename: 'StreamSecretPayload',
          stream: stream('019ab3f0-0000-7000-8000-0000000000c2', 'Alerts'),
          secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
          userErrors: [],
        },
      },
    },
    APIKeyCreate: {
      data: {
        apiKeyCreate: {
          __typename: 'APIKeyCreatePayload',
          apiKey: key('9', 'Shipping script'),
          key: 'ttk_4fXz0Qp8Lr2vN6bYc1Tj7Wm3Sd9Kh5Ga0Ue',
          userErrors: [],
        },
      },
    },
    SourceSave: {
      data: {
        sourceSave: {
          __typename: 'SourcePayload',
          source: source('019ab3f0-0000-7000-8000-0000000000b3', 'STRIPE', 'Stripe'),
          userErrors: [],
        },
      },
    },
  }),
  noSettings: at({ Settings: settings([], []), Storage: keepingAnswers.nothingKept }),
};
