CREATE TABLE api_keys (
    id           TEXT PRIMARY KEY,
    shop_id      INTEGER NOT NULL REFERENCES shops (id),
    name         TEXT NOT NULL,
    -- The key itself is not kept, only its SHA-256.
    hash         BLOB NOT NULL UNIQUE,
    -- What a person recognises it by: its last four characters.
    ending       TEXT NOT NULL,
    scopes       TEXT NOT NULL,
    actor_type   TEXT NOT NULL,
    actor_id     TEXT,
    actor_name   TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP,
    revoked_at   TIMESTAMP
);
CREATE INDEX api_keys_by_shop ON api_keys (shop_id, created_at, id);

CREATE TABLE sources (
    id                TEXT PRIMARY KEY,
    shop_id           INTEGER NOT NULL REFERENCES shops (id),
    kind              TEXT NOT NULL,
    name              TEXT NOT NULL,
    -- Sealed.
    secret            BLOB NOT NULL,
    tolerance_seconds INTEGER NOT NULL,
    actor_type        TEXT NOT NULL,
    actor_id          TEXT,
    actor_name        TEXT NOT NULL,
    created_at        TIMESTAMP NOT NULL,
    updated_at        TIMESTAMP NOT NULL,
    received          INTEGER NOT NULL,
    last_received_at  TIMESTAMP,
    refused           INTEGER NOT NULL,
    last_refused_at   TIMESTAMP,
    last_refusal      TEXT,
    deleted_at        TIMESTAMP
);
CREATE INDEX sources_by_shop ON sources (shop_id, created_at, id);

-- The keys under which entries were recorded from outside: the same key leads to the same entry for a day.
CREATE TABLE recorded_keys (
    shop_id     INTEGER NOT NULL,
    key         TEXT NOT NULL,
    activity_id TEXT NOT NULL,
    -- What was recorded under it, as a SHA-256: another entry under the same key is a mistake.
    content     BLOB NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (shop_id, key)
);
CREATE INDEX recorded_keys_by_age ON recorded_keys (recorded_at);

-- Null where Shopify sent it.
ALTER TABLE deliveries ADD COLUMN source_id TEXT;

-- How the processes of this installation last ran, by what they do. It is nobody's in particular: what changed from one
-- start to the next is told to every shop.
CREATE TABLE servers (
    role       TEXT PRIMARY KEY,
    version    TEXT NOT NULL,
    settings   TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    stopped_at TIMESTAMP
);
