-- Work over many records of a shop, in short tasks. Its id is its entry's.
CREATE TABLE operations (
    id           uuid        PRIMARY KEY,
    shop_id      bigint      NOT NULL REFERENCES shops (id),
    kind         text        NOT NULL,
    status       text        NOT NULL,
    resource     text        NOT NULL,
    -- What it does and to which records, in words.
    label        text        NOT NULL,
    chosen       text        NOT NULL,
    input        jsonb       NOT NULL,
    -- The file that names the records, until they are read.
    file         text,
    actor_type   text        NOT NULL,
    actor_id     text,
    actor_name   text        NOT NULL,
    -- What a revert takes back: an operation or some of its items, an entry, or what a rule did in a window.
    revert_of    uuid,
    revert       jsonb,
    -- How the records are read and written: one by one, or by Shopify's bulk operations.
    bulk         boolean     NOT NULL,
    -- What it was estimated to take, and so which way was taken.
    estimate     jsonb,
    -- How far the collecting came: a cursor of a search, a place in a list, a line of a file.
    cursor       text,
    total        integer     NOT NULL,
    pending      integer     NOT NULL,
    succeeded    integer     NOT NULL,
    unchanged    integer     NOT NULL,
    failed       integer     NOT NULL,
    skipped      integer     NOT NULL,
    conflicts    integer     NOT NULL,
    cost         integer     NOT NULL,
    waiting_for  text,
    error_code   text,
    error_message text,
    -- Counts the tasks that were begun: a task that comes back late writes nothing.
    steps        integer     NOT NULL,
    -- Failures in a row that are worth another try.
    attempts     integer     NOT NULL,
    -- When the next task may begin; while one runs, when it counts as lost.
    due_at       timestamptz NOT NULL,
    -- Whether a task is at it.
    working      boolean     NOT NULL,
    -- How fast it goes is told from what was done since.
    pace_from    timestamptz,
    pace_done    integer     NOT NULL,
    created_at   timestamptz NOT NULL,
    started_at   timestamptz,
    finished_at  timestamptz
);
CREATE INDEX operations_by_time ON operations (shop_id, created_at DESC, id DESC);
CREATE INDEX operations_due ON operations (due_at) WHERE finished_at IS NULL;
CREATE INDEX operations_reverting ON operations (shop_id, revert_of) WHERE revert_of IS NOT NULL;

-- Shopify's bulk operations of an operation: what was sent, what runs, how far its result was read.
CREATE TABLE operation_bulks (
    id           uuid        PRIMARY KEY,
    shop_id      bigint      NOT NULL,
    operation_id uuid        NOT NULL,
    -- COLLECT, ADD or REMOVE.
    step         text        NOT NULL,
    -- FILLING, PLANNED, STARTING, RUNNING, READING, DONE or LOST.
    status       text        NOT NULL,
    gid          text,
    lines        integer     NOT NULL,
    lines_read   integer     NOT NULL,
    staged_path  text,
    -- When Shopify began it and ended it, by Shopify's own clock.
    began_at     timestamptz,
    ended_at     timestamptz,
    -- How often it was looked at, and when last.
    polled_at    timestamptz,
    polls        integer     NOT NULL,
    error_code   text,
    created_at   timestamptz NOT NULL,
    finished_at  timestamptz
);
CREATE INDEX operation_bulks_of ON operation_bulks (operation_id, created_at, id);
CREATE UNIQUE INDEX operation_bulks_by_gid ON operation_bulks (shop_id, gid) WHERE gid IS NOT NULL;

-- An operation's items are snapshots whose cause it is.
-- When a write was sent whose answer is not kept yet: Shopify may have it.
ALTER TABLE snapshots ADD COLUMN sent_at timestamptz;
-- The tags as they were read before the latest write.
ALTER TABLE snapshots ADD COLUMN seen jsonb NOT NULL DEFAULT '[]';
-- What we changed, over all tries.
ALTER TABLE snapshots ADD COLUMN added jsonb NOT NULL DEFAULT '[]';
ALTER TABLE snapshots ADD COLUMN removed jsonb NOT NULL DEFAULT '[]';
-- The bulk operation in which it is under way, and its line there.
ALTER TABLE snapshots ADD COLUMN bulk_id uuid;
ALTER TABLE snapshots ADD COLUMN bulk_line integer NOT NULL DEFAULT 0;
CREATE INDEX snapshots_by_bulk ON snapshots (bulk_id, bulk_line) WHERE bulk_id IS NOT NULL;
-- The record's time of change when it was read before the write.
ALTER TABLE snapshots ADD COLUMN read_at_version timestamptz;
ALTER TABLE snapshots ADD COLUMN attempts integer NOT NULL DEFAULT 0;
CREATE INDEX snapshots_by_outcome ON snapshots (shop_id, cause_id, outcome, id);

-- How often each spelling of a tag was found by a scan.
CREATE TABLE scanned_tags (
    shop_id      bigint  NOT NULL,
    operation_id uuid    NOT NULL,
    tag          text    NOT NULL,
    -- What is left of it without case, white space and punctuation: the same for all spellings.
    folded       text    NOT NULL,
    records      integer NOT NULL,
    -- One record that has it.
    resource_id  text    NOT NULL,
    PRIMARY KEY (shop_id, operation_id, tag)
);
