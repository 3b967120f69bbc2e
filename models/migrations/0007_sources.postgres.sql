CREATE TABLE api_keys (
    id           uuid PRIMARY KEY,
    shop_id      bigint NOT NULL REFERENCES shops (id),
    name         text NOT NULL,
    -- The key itself is not kept, only its SHA-256.
    hash         bytea NOT NULL UNIQUE,
    -- What a person recognises it by: its last four characters.
    ending       text NOT NULL,
    scopes       jsonb NOT NULL,
    actor_type   text NOT NULL,
    actor_id     text,
    actor_name   text NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
CREATE INDEX api_keys_by_shop ON api_keys (shop_id, created_at, id);

CREATE TABLE sources (
    id                uuid PRIMARY KEY,
    shop_id           bigint NOT NULL REFERENCES shops (id),
    kind              text NOT NULL,
    name              text NOT NULL,
    -- Sealed.
    secret            bytea NOT NULL,
    tolerance_seconds integer NOT NULL,
    actor_type        text NOT NULL,
    actor_id          text,
    actor_name        text NOT NULL,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    received          bigint NOT NULL,
    last_received_at  timestamptz,
    refused           bigint NOT NULL,
    last_refused_at   timestamptz,
    last_refusal      text,
    deleted_at        timestamptz
);
CREATE INDEX sources_by_shop ON sources (shop_id, created_at, id);

-- The keys under which entries were recorded from outside: the same key leads to the same entry for a day.
CREATE TABLE recorded_keys (
    shop_id     bigint NOT NULL,
    key         text NOT NULL,
    activity_id uuid NOT NULL,
    -- What was recorded under it, as a SHA-256: another entry under the same key is a mistake.
    content     bytea NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, key)
);
CREATE INDEX recorded_keys_by_age ON recorded_keys (recorded_at);

-- Null where Shopify sent it.
ALTER TABLE deliveries ADD COLUMN source_id uuid;

-- How the processes of this installation last ran, by what they do. It is nobody's in particular: what changed from one
-- start to the next is told to every shop.
CREATE TABLE servers (
    role       text PRIMARY KEY,
    version    text NOT NULL,
    settings   jsonb NOT NULL,
    started_at timestamptz NOT NULL,
    stopped_at timestamptz
);
