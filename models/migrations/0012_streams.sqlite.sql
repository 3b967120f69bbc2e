-- Where entries are sent as they are written: docs/adr/0015 says how, and why none is missed.
CREATE TABLE streams (
    id               TEXT PRIMARY KEY,
    shop_id          INTEGER NOT NULL REFERENCES shops (id),
    name             TEXT NOT NULL,
    url              TEXT NOT NULL,
    filter           TEXT NOT NULL,
    -- Sealed. The old one signs too, for a while.
    secret           BLOB NOT NULL,
    old_secret       BLOB,
    old_secret_until TIMESTAMP,
    -- Entries are put into its queue as long as this holds.
    enabled          BOOLEAN NOT NULL,
    disabled_at      TIMESTAMP,
    disabled_because TEXT,
    failing_since    TIMESTAMP,
    attempts         INTEGER NOT NULL,
    delivered        INTEGER NOT NULL,
    last_success_at  TIMESTAMP,
    last_failure_at  TIMESTAMP,
    last_failure     TEXT,
    steps            INTEGER NOT NULL,
    due_at           TIMESTAMP NOT NULL,
    working          BOOLEAN NOT NULL,
    replay_from      TIMESTAMP,
    replay_to        TIMESTAMP,
    replay_after     INTEGER,
    replay_horizon   INTEGER,
    replay_at        TIMESTAMP,
    replay_id        TEXT,
    actor_type       TEXT NOT NULL,
    actor_id         TEXT,
    actor_name       TEXT NOT NULL,
    created_at       TIMESTAMP NOT NULL,
    updated_at       TIMESTAMP NOT NULL,
    deleted_at       TIMESTAMP
);
CREATE INDEX streams_by_shop ON streams (shop_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX streams_enabled ON streams (shop_id) WHERE enabled;

-- What waits to be sent: committed with the entry, deleted with the message that it went into. AUTOINCREMENT
-- would write its counter with every entry, also of shops without streams; an empty queue may begin from 1 again.
CREATE TABLE stream_items (
    id          INTEGER PRIMARY KEY,
    stream_id   TEXT NOT NULL,
    shop_id     INTEGER NOT NULL,
    activity_id TEXT NOT NULL,
    event       TEXT NOT NULL,
    at          TIMESTAMP NOT NULL
);
CREATE INDEX stream_items_by_stream ON stream_items (stream_id, id);

-- What is being sent, at most one of a stream, and what was, as long as bodies are kept. Its id is its entry's.
CREATE TABLE stream_messages (
    id              TEXT PRIMARY KEY,
    stream_id       TEXT NOT NULL,
    shop_id         INTEGER NOT NULL,
    body            BLOB NOT NULL,
    events          INTEGER NOT NULL,
    activity_ids    TEXT NOT NULL,
    created_at      TIMESTAMP NOT NULL,
    delivered_at    TIMESTAMP,
    attempts        INTEGER NOT NULL,
    response_status INTEGER,
    response_type   TEXT,
    response_body   TEXT,
    milliseconds    INTEGER NOT NULL
);
CREATE UNIQUE INDEX stream_messages_open ON stream_messages (stream_id) WHERE delivered_at IS NULL;
CREATE INDEX stream_messages_by_age ON stream_messages (shop_id, created_at, id);

-- Streams do not carry their own deliveries. What leaves updated_at as it was is no news.
CREATE TRIGGER activities_inserted_streams AFTER INSERT ON activities WHEN new.action <> 'STREAM_DELIVERED' AND EXISTS (SELECT 1 FROM streams WHERE shop_id = new.shop_id AND enabled) BEGIN INSERT INTO stream_items (stream_id, shop_id, activity_id, event, at) SELECT id, new.shop_id, new.id, 'activity.recorded', new.updated_at FROM streams WHERE shop_id = new.shop_id AND enabled; END;
CREATE TRIGGER activities_updated_streams AFTER UPDATE OF updated_at ON activities WHEN new.action <> 'STREAM_DELIVERED' AND new.updated_at IS NOT old.updated_at AND EXISTS (SELECT 1 FROM streams WHERE shop_id = new.shop_id AND enabled) BEGIN INSERT INTO stream_items (stream_id, shop_id, activity_id, event, at) SELECT id, new.shop_id, new.id, 'activity.updated', new.updated_at FROM streams WHERE shop_id = new.shop_id AND enabled; END;
