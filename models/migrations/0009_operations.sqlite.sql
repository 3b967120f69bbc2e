-- Work over many records of a shop, in short tasks. Its id is its entry's.
CREATE TABLE operations (
    id           TEXT      PRIMARY KEY,
    shop_id      INTEGER   NOT NULL REFERENCES shops (id),
    kind         TEXT      NOT NULL,
    status       TEXT      NOT NULL,
    resource     TEXT      NOT NULL,
    -- What it does and to which records, in words.
    label        TEXT      NOT NULL,
    chosen       TEXT      NOT NULL,
    input        TEXT      NOT NULL,
    -- The file that names the records, until they are read.
    file         TEXT,
    actor_type   TEXT      NOT NULL,
    actor_id     TEXT,
    actor_name   TEXT      NOT NULL,
    -- What a revert takes back: an operation or some of its items, an entry, or what a rule did in a window.
    revert_of    TEXT,
    revert       TEXT,
    -- How the records are read and written: one by one, or by Shopify's bulk operations.
    bulk         BOOLEAN   NOT NULL,
    -- What it was estimated to take, and so which way was taken.
    estimate     TEXT,
    -- How far the collecting came: a cursor of a search, a place in a list, a line of a file.
    cursor       TEXT,
    total        INTEGER   NOT NULL,
    pending      INTEGER   NOT NULL,
    succeeded    INTEGER   NOT NULL,
    unchanged    INTEGER   NOT NULL,
    failed       INTEGER   NOT NULL,
    skipped      INTEGER   NOT NULL,
    conflicts    INTEGER   NOT NULL,
    cost         INTEGER   NOT NULL,
    waiting_for  TEXT,
    error_code   TEXT,
    error_message TEXT,
    -- Counts the tasks that were begun: a task that comes back late writes nothing.
    steps        INTEGER   NOT NULL,
    -- Failures in a row that are worth another try.
    attempts     INTEGER   NOT NULL,
    -- When the next task may begin; while one runs, when it counts as lost.
    due_at       TIMESTAMP NOT NULL,
    -- Whether a task is at it.
    working      BOOLEAN   NOT NULL,
    -- How fast it goes is told from what was done since.
    pace_from    TIMESTAMP,
    pace_done    INTEGER   NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    started_at   TIMESTAMP,
    finished_at  TIMESTAMP
);
CREATE INDEX operations_by_time ON operations (shop_id, created_at DESC, id DESC);
CREATE INDEX operations_due ON operations (due_at) WHERE finished_at IS NULL;
CREATE INDEX operations_reverting ON operations (shop_id, revert_of) WHERE revert_of IS NOT NULL;

-- Shopify's bulk operations of an operation: what was sent, what runs, how far its result was read.
CREATE TABLE operation_bulks (
    id           TEXT      PRIMARY KEY,
    shop_id      INTEGER   NOT NULL,
    operation_id TEXT      NOT NULL,
    -- COLLECT, ADD or REMOVE.
    step         TEXT      NOT NULL,
    -- FILLING, PLANNED, STARTING, RUNNING, READING, DONE or LOST.
    status       TEXT      NOT NULL,
    gid          TEXT,
    lines        INTEGER   NOT NULL,
    lines_read   INTEGER   NOT NULL,
    staged_path  TEXT,
    -- When Shopify began it and ended it, by Shopify's own clock.
    began_at     TIMESTAMP,
    ended_at     TIMESTAMP,
    -- How often it was looked at, and when last.
    polled_at    TIMESTAMP,
    polls        INTEGER   NOT NULL,
    error_code   TEXT,
    created_at   TIMESTAMP NOT NULL,
    finished_at  TIMESTAMP
);
CREATE INDEX operation_bulks_of ON operation_bulks (operation_id, created_at, id);
CREATE UNIQUE INDEX operation_bulks_by_gid ON operation_bulks (shop_id, gid) WHERE gid IS NOT NULL;

-- An operation's items are snapshots whose cause it is.
-- When a write was sent whose answer is not kept yet: Shopify may have it.
ALTER TABLE snapshots ADD COLUMN sent_at TIMESTAMP;
-- The tags as they were read before the latest write.
ALTER TABLE snapshots ADD COLUMN seen TEXT NOT NULL DEFAULT '[]';
-- What we changed, over all tries.
ALTER TABLE snapshots ADD COLUMN added TEXT NOT NULL DEFAULT '[]';
ALTER TABLE snapshots ADD COLUMN removed TEXT NOT NULL DEFAULT '[]';
-- The bulk operation in which it is under way, and its line there.
ALTER TABLE snapshots ADD COLUMN bulk_id TEXT;
ALTER TABLE snapshots ADD COLUMN bulk_line INTEGER NOT NULL DEFAULT 0;
CREATE INDEX snapshots_by_bulk ON snapshots (bulk_id, bulk_line) WHERE bulk_id IS NOT NULL;
-- The record's time of change when it was read before the write.
ALTER TABLE snapshots ADD COLUMN read_at_version TIMESTAMP;
ALTER TABLE snapshots ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
CREATE INDEX snapshots_by_outcome ON snapshots (shop_id, cause_id, outcome, id);

-- How often each spelling of a tag was found by a scan.
CREATE TABLE scanned_tags (
    shop_id      INTEGER   NOT NULL,
    operation_id TEXT      NOT NULL,
    tag          TEXT      NOT NULL,
    -- What is left of it without case, white space and punctuation: the same for all spellings.
    folded       TEXT      NOT NULL,
    records      INTEGER NOT NULL,
    -- One record that has it.
    resource_id  TEXT      NOT NULL,
    PRIMARY KEY (shop_id, operation_id, tag)
);
