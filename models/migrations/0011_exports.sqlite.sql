-- A part of the log as a file, made in short tasks. Its id is its entry's.
CREATE TABLE exports (
    id            TEXT      PRIMARY KEY,
    shop_id       INTEGER   NOT NULL REFERENCES shops (id),
    -- CSV or JSONL.
    format        TEXT      NOT NULL,
    status        TEXT      NOT NULL,
    filter        TEXT      NOT NULL,
    columns       TEXT      NOT NULL,
    bom           BOOLEAN   NOT NULL,
    -- Whether the file is made for whoever follows the link, while they wait.
    direct        BOOLEAN   NOT NULL,
    email         TEXT,
    actor_type    TEXT      NOT NULL,
    actor_id      TEXT,
    actor_name    TEXT      NOT NULL,
    rows          INTEGER   NOT NULL,
    total_rows    INTEGER,
    bytes         INTEGER   NOT NULL,
    -- The file is these, one after the other.
    parts         TEXT      NOT NULL,
    -- The last entry that the parts have.
    cursor_at     TIMESTAMP,
    cursor_id     TEXT,
    error_code    TEXT,
    error_message TEXT,
    -- Counts the tasks that were begun: a task that comes back late writes nothing.
    steps         INTEGER   NOT NULL,
    -- Failures in a row.
    attempts      INTEGER   NOT NULL,
    -- When the next task may begin; while one runs, when it counts as lost.
    due_at        TIMESTAMP NOT NULL,
    working       BOOLEAN   NOT NULL,
    -- Whether the store may have files of it.
    kept          BOOLEAN   NOT NULL,
    created_at    TIMESTAMP NOT NULL,
    started_at    TIMESTAMP,
    finished_at   TIMESTAMP,
    expires_at    TIMESTAMP
);
CREATE INDEX exports_by_time ON exports (shop_id, created_at DESC, id DESC);
CREATE INDEX exports_due ON exports (due_at) WHERE finished_at IS NULL;
CREATE INDEX exports_kept ON exports (finished_at) WHERE kept AND finished_at IS NOT NULL;

-- Mail to be sent, and for a while what became of it.
CREATE TABLE mails (
    id         TEXT      PRIMARY KEY,
    shop_id    INTEGER   NOT NULL REFERENCES shops (id),
    -- Tells it from the shop's others: what has a name is written once.
    name       TEXT      NOT NULL,
    recipients TEXT      NOT NULL,
    subject    TEXT      NOT NULL,
    plain      TEXT      NOT NULL,
    html       TEXT      NOT NULL,
    -- Whether it is rather lost than sent twice.
    once       BOOLEAN   NOT NULL,
    -- PENDING, SENDING, SENT or GIVEN_UP.
    status     TEXT      NOT NULL,
    attempts   INTEGER   NOT NULL,
    due_at     TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ended_at   TIMESTAMP
);
CREATE UNIQUE INDEX mails_by_name ON mails (shop_id, name);
CREATE INDEX mails_due ON mails (due_at) WHERE ended_at IS NULL;
CREATE INDEX mails_ended ON mails (ended_at) WHERE ended_at IS NOT NULL;

-- Failures that nobody was told of yet, written with their entries where the shop wants to be told.
CREATE TABLE failure_marks (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    shop_id     INTEGER   NOT NULL,
    activity_id TEXT      NOT NULL,
    code        TEXT      NOT NULL,
    summary     TEXT      NOT NULL,
    at          TIMESTAMP NOT NULL
);
CREATE INDEX failure_marks_of ON failure_marks (shop_id, id);

-- What a shop is told of each cause, and when it last was.
CREATE TABLE failure_notices (
    shop_id     INTEGER   NOT NULL,
    code        TEXT      NOT NULL,
    -- Failures since the last mail, the newest of them, and when the first was.
    pending     INTEGER   NOT NULL,
    activity_id TEXT      NOT NULL,
    summary     TEXT      NOT NULL,
    since       TIMESTAMP NOT NULL,
    mailed_at   TIMESTAMP,
    PRIMARY KEY (shop_id, code)
);

-- Who is told, and of what. A digest is of a week that ends after digest_since.
ALTER TABLE shops ADD COLUMN notify_emails TEXT;
ALTER TABLE shops ADD COLUMN notify_failures BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE shops ADD COLUMN notify_digest BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE shops ADD COLUMN digest_since TIMESTAMP;
