-- What Shopify asks on behalf of people, carried out in short tasks. Its id is the delivery's that asked, and so its
-- entry's. A shop that is erased has no other row: what stays is that it was, when, and how much.
CREATE TABLE privacy_requests (
    id          uuid        PRIMARY KEY,
    shop_id     bigint      NOT NULL,
    -- DATA_REQUEST, CUSTOMER_REDACT or SHOP_REDACT.
    kind        text        NOT NULL,
    -- Whom it is about: all of this is emptied when it is done.
    customer_id text,
    order_ids   jsonb       NOT NULL,
    person      jsonb       NOT NULL,
    -- What it is at, and how far that came.
    phase       text        NOT NULL,
    cursor      text,
    -- What was done, by kind.
    counts      jsonb       NOT NULL,
    -- The files of what was gathered, one after the other.
    parts       jsonb       NOT NULL,
    -- Counts the tasks that were begun: a task that comes back late writes nothing.
    steps       integer     NOT NULL,
    -- Failures in a row.
    attempts    integer     NOT NULL,
    last_error  text,
    -- When the next task may begin; while one runs, when it counts as lost.
    due_at      timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    -- By when Shopify wants it done.
    act_by      timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX privacy_requests_due ON privacy_requests (due_at) WHERE finished_at IS NULL;
CREATE INDEX privacy_requests_by_shop ON privacy_requests (shop_id, received_at);

-- What is in the file, in words, where that is not what the filter says.
ALTER TABLE exports ADD COLUMN about text;

-- How often the file was written anew, without what told of somebody.
ALTER TABLE archive_parts ADD COLUMN generation integer NOT NULL DEFAULT 0;
