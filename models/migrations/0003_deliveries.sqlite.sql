CREATE TABLE deliveries (
    id                TEXT      PRIMARY KEY,
    shop_id           INTEGER   NOT NULL REFERENCES shops (id),
    webhook_id        TEXT      NOT NULL,
    event_id          TEXT      NOT NULL,
    topic             TEXT      NOT NULL,
    api_version       TEXT      NOT NULL,
    triggered_at      TIMESTAMP NOT NULL,
    received_at       TIMESTAMP NOT NULL,
    body              BLOB      NOT NULL,
    status            TEXT      NOT NULL,
    attempts          INTEGER   NOT NULL,
    due_at            TIMESTAMP NOT NULL,
    duplicates        INTEGER   NOT NULL,
    duplicates_noted  INTEGER   NOT NULL,
    last_duplicate_at TIMESTAMP,
    UNIQUE (shop_id, webhook_id)
);

-- What the sweep looks for.
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE status IN ('PENDING', 'PROCESSING');
CREATE INDEX deliveries_repeated ON deliveries (last_duplicate_at) WHERE duplicates > duplicates_noted;

CREATE TABLE resources (
    shop_id     INTEGER   NOT NULL,
    id          TEXT      NOT NULL,
    type        TEXT      NOT NULL,
    title       TEXT      NOT NULL,
    changed_at  TIMESTAMP NOT NULL,
    delivery_id TEXT      NOT NULL,
    deleted_at  TIMESTAMP,
    PRIMARY KEY (shop_id, id)
) WITHOUT ROWID;
