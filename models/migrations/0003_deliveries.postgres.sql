CREATE TABLE deliveries (
    id                uuid        PRIMARY KEY,
    shop_id           bigint      NOT NULL REFERENCES shops (id),
    webhook_id        text        NOT NULL,
    event_id          text        NOT NULL,
    topic             text        NOT NULL,
    api_version       text        NOT NULL,
    triggered_at      timestamptz NOT NULL,
    received_at       timestamptz NOT NULL,
    body              bytea       NOT NULL,
    status            text        NOT NULL,
    attempts          integer     NOT NULL,
    due_at            timestamptz NOT NULL,
    duplicates        integer     NOT NULL,
    duplicates_noted  integer     NOT NULL,
    last_duplicate_at timestamptz,
    UNIQUE (shop_id, webhook_id)
);
-- We have compressed it already.
ALTER TABLE deliveries ALTER COLUMN body SET STORAGE EXTERNAL;

-- What the sweep looks for.
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE status IN ('PENDING', 'PROCESSING');
CREATE INDEX deliveries_repeated ON deliveries (last_duplicate_at) WHERE duplicates > duplicates_noted;

CREATE TABLE resources (
    shop_id     bigint      NOT NULL,
    id          text        NOT NULL,
    type        text        NOT NULL,
    title       text        NOT NULL,
    changed_at  timestamptz NOT NULL,
    delivery_id uuid        NOT NULL,
    deleted_at  timestamptz,
    PRIMARY KEY (shop_id, id)
);
