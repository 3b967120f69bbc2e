-- What Shopify asks on behalf of people, carried out in short tasks. Its id is the delivery's that asked, and so its
-- entry's. A shop that is erased has no other row: what stays is that it was, when, and how much.
CREATE TABLE privacy_requests (
    id          TEXT        PRIMARY KEY,
    shop_id     INTEGER     NOT NULL,
    -- DATA_REQUEST, CUSTOMER_REDACT or SHOP_REDACT.
    kind        TEXT        NOT NULL,
    -- Whom it is about: all of this is emptied when it is done.
    customer_id TEXT,
    order_ids   TEXT        NOT NULL,
    person      TEXT        NOT NULL,
    -- What it is at, and how far that came.
    phase       TEXT        NOT NULL,
    cursor      TEXT,
    -- What was done, by kind.
    counts      TEXT        NOT NULL,
    -- The files of what was gathered, one after the other.
    parts       TEXT        NOT NULL,
    -- Counts the tasks that were begun: a task that comes back late writes nothing.
    steps       INTEGER     NOT NULL,
    -- Failures in a row.
    attempts    INTEGER     NOT NULL,
    last_error  TEXT,
    -- When the next task may begin; while one runs, when it counts as lost.
    due_at      TIMESTAMP NOT NULL,
    received_at TIMESTAMP NOT NULL,
    -- By when Shopify wants it done.
    act_by      TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX privacy_requests_due ON privacy_requests (due_at) WHERE finished_at IS NULL;
CREATE INDEX privacy_requests_by_shop ON privacy_requests (shop_id, received_at);

-- What is in the file, in words, where that is not what the filter says.
ALTER TABLE exports ADD COLUMN about TEXT;

-- How often the file was written anew, without what told of somebody.
ALTER TABLE archive_parts ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
