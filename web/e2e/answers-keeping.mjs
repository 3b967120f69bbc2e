// Answers about what leaves the log and what stays: exports, storage and the archive.
const page = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };
const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const at = (answers) => (operation, variables) => {
  const answer = answers[operation];
  return typeof answer === 'function' ? answer(variables) : answer;
};

/** Given in an answer’s place, it has the server think for as long as the face is looked at. */
export const thinking = Symbol('thinking');

const failing = { errors: [{ message: 'out of order' }] };
const week = 7 * 24 * 60;

const row = (id, status, more = {}) => ({
  __typename: 'Export',
  id: `019ab3f0-0000-7000-8000-0000000000d${id}`,
  format: 'CSV',
  status,
  selected: 'Failed · since 24 Oct 2026 00:00 EDT',
  columns: ['occurredAt', 'summary'],
  rows: 0,
  totalRows: null,
  bytes: null,
  url: null,
  expiresAt: null,
  emailedTo: null,
  error: null,
  cancellable: false,
  renewable: false,
  createdAt: ago(12),
  createdBy: { type: 'STAFF', id: '1', name: 'Riley Park' },
  ...more,
});

const url = 'https://tagtrail.example.com/exports/019ab3f0?expires=1&for=Riley&sign=s';
const running = row(1, 'RUNNING', {
  selected: 'All entries',
  rows: 412_160,
  totalRows: 1_048_576,
  cancellable: true,
  createdAt: ago(0.2),
});
const direct = row(2, 'QUEUED', {
  rows: 0,
  totalRows: 1284,
  url,
  expiresAt: ago(-week),
  emailedTo: 'riley@example.com',
  cancellable: true,
  createdAt: ago(0.5),
});
const ready = row(3, 'COMPLETED', {
  format: 'JSONL',
  rows: 33_779,
  totalRows: 33_779,
  bytes: 7_540_000,
  url,
  expiresAt: ago(12 - week),
  renewable: true,
});
const rows = [
  running,
  direct,
  ready,
  row(4, 'FAILED', {
    rows: 20_480,
    error: 'The file could not be stored: the place for files is full. Make room there, then export again.',
    createdAt: ago(400),
  }),
  row(5, 'CANCELLED', { createdAt: ago(900), selected: 'vip or "first order"' }),
  row(6, 'EXPIRED', {
    selected: 'What is kept of a customer who asked for it',
    rows: 212,
    error: 'Personal data of a customer was erased, so files from before that were removed.',
    createdAt: ago(9000),
    createdBy: { type: 'SYSTEM', id: null, name: 'Tagtrail' },
  }),
];

const list = (nodes) => ({
  data: {
    exports: {
      __typename: 'ExportConnection',
      nodes,
      pageInfo: { __typename: 'PageInfo', hasNextPage: false, endCursor: null },
    },
  },
});

const started = (one, userErrors = []) => ({
  data: { exportStart: { __typename: 'ExportPayload', export: one, userErrors } },
});

const wrong = (field, message) => ({ __typename: 'UserError', field: field && ['input', field], message });

const kind = (name, count, days, leavesAt, more = {}) => ({
  __typename: 'StoredKind',
  kind: name,
  count,
  capped: false,
  days,
  oldest: leavesAt && ago(9000),
  leavesAt,
  ...more,
});

const storage = (settings = {}, kinds, plan = 'PRO') => ({
  data: {
    shop: {
      __typename: 'Shop',
      id: '1',
      plan,
      settings: {
        __typename: 'Settings',
        retentionDays: 365,
        webhookBodyDays: 30,
        snapshotDays: 90,
        archiveEnabled: true,
        archiveDays: 3650,
        shortenedAt: null,
        ...settings,
      },
    },
    storage: {
      __typename: 'Storage',
      kinds: kinds ?? [
        kind('entries', 1_048_576, settings.retentionDays ?? 365, ago(200)),
        kind('webhookBodies', 10_000, 30, ago(-2000), { capped: true }),
        kind('snapshots', 4211, 90, ago(-9000)),
        kind('operations', 12, 365, ago(-90_000)),
        kind('archiveFiles', 730, 3650, ago(-900_000)),
      ],
      cleanUpAt: ago(-600),
      cleanedUpAt: ago(800),
      archiveBytes: kinds ? 0 : 412_000_000,
      archiveEntries: kinds ? 0 : 2_204_118,
    },
  },
});

const nothingKept = storage({ archiveEnabled: false, archiveDays: null }, [
  kind('entries', 0, 365, null),
  kind('webhookBodies', 0, 30, null),
  kind('snapshots', 0, 90, null),
  kind('operations', 0, 365, null),
  kind('archiveFiles', 0, null, null),
]);

const refused = {
  data: {
    settingsUpdate: {
      __typename: 'SettingsPayload',
      settings: null,
      userErrors: [
        wrong('retentionDays', 'Entries are kept for 1 to 730 days.'),
        wrong('webhookBodyDays', 'Webhook bodies are kept for 1 to 90 days.'),
        wrong(
          'archiveDays',
          'The archive keeps entries for longer than the log, which is 731 days, and for 3650 days at most, or for good.',
        ),
      ],
    },
  },
};

const nobody = {
  data: {
    settingsUpdate: {
      __typename: 'SettingsPayload',
      settings: null,
      userErrors: [wrong('notifyEmails', '"nobody" is not an e-mail address.')],
    },
  },
};

const archived = (nodes, cursor, searched, files = 40) => ({
  data: {
    archivedActivities: {
      __typename: 'ArchiveSearch',
      nodes,
      cursor,
      searched,
      files,
      searchedTo: ago(60 * 24 * (400 + searched)),
      userErrors: [],
    },
  },
});

const old = [
  ['Tag VIP added · Order #1042', 'VIP customers', 'SUCCESS'],
  ['Could not change tags · Order #1040: Shopify refused the tag', 'VIP customers', 'FAILED'],
  ['Order #1042 changed', 'Shopify', 'SUCCESS'],
].map(([summary, name, status], index) => ({
  __typename: 'Activity',
  id: `019ab3f0-0000-7000-8000-0000000000e${index}`,
  occurredAt: ago(60 * 24 * (400 + index)),
  status,
  summary,
  actor: { __typename: 'Actor', name },
}));

/** The log has nothing that matches, and the archive is asked. */
const searching = (answer) =>
  at({
    ActivityList: {
      data: { activities: { __typename: 'ActivityConnection', nodes: [], pageInfo: page, userErrors: [] } },
    },
    ArchiveThere: { data: { storage: { __typename: 'Storage', archiveEntries: 2_204_118 } } },
    ArchivedActivities: answer,
  });

export const keepingAnswers = {
  exports: at({ Exports: list(rows) }),
  noExports: at({ Exports: list([]) }),
  notCancelled: at({
    Exports: list([running]),
    ExportCancel: {
      data: {
        exportCancel: {
          __typename: 'ExportPayload',
          export: null,
          userErrors: [wrong(null, 'The export has ended already.')],
        },
      },
    },
  }),
  exportWrong: at({
    ExportStart: started(null, [
      wrong('email', 'This is not an e-mail address.'),
      wrong(null, '5 exports are under way already. Wait for one of them, or cancel one.'),
    ]),
  }),
  exportReady: at({ ExportStart: started(direct) }),
  exportRunning: at({
    ExportStart: started(
      row(7, 'QUEUED', { totalRows: null, emailedTo: 'riley@example.com', cancellable: true }),
    ),
  }),
  archiveThere: searching(failing),
  archiveRunning: searching(({ after }) => (after ? thinking : archived(old, 'further', 14))),
  archiveDone: searching(archived(old, null, 40)),
  archiveNothing: searching(archived([], null, 40)),
  archiveBroken: searching(failing),
  storage: storage(),
  nothingKept,
  shortened: storage({ retentionDays: 730, shortenedAt: ago(-9 * 24 * 60) }, undefined, 'FREE'),
  freeStorage: storage({ retentionDays: 30, archiveEnabled: false, archiveDays: null }, undefined, 'FREE'),
  storageBroken: failing,
  refused,
  nobody,
};
