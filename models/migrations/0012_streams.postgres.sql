-- Where entries are sent as they are written: docs/adr/0015 says how, and why none is missed.
CREATE TABLE streams (
    id               uuid PRIMARY KEY,
    shop_id          bigint NOT NULL REFERENCES shops (id),
    name             text NOT NULL,
    url              text NOT NULL,
    filter           jsonb NOT NULL,
    -- Sealed. The old one signs too, for a while.
    secret           bytea NOT NULL,
    old_secret       bytea,
    old_secret_until timestamptz,
    -- Entries are put into its queue as long as this holds.
    enabled          boolean NOT NULL,
    disabled_at      timestamptz,
    disabled_because text,
    failing_since    timestamptz,
    attempts         integer NOT NULL,
    delivered        bigint NOT NULL,
    last_success_at  timestamptz,
    last_failure_at  timestamptz,
    last_failure     text,
    steps            bigint NOT NULL,
    due_at           timestamptz NOT NULL,
    working          boolean NOT NULL,
    replay_from      timestamptz,
    replay_to        timestamptz,
    replay_after     bigint,
    replay_horizon   bigint,
    replay_at        timestamptz,
    replay_id        uuid,
    actor_type       text NOT NULL,
    actor_id         text,
    actor_name       text NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    deleted_at       timestamptz
);
CREATE INDEX streams_by_shop ON streams (shop_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX streams_enabled ON streams (shop_id) WHERE enabled;

-- What waits to be sent: committed with the entry, deleted with the message that it went into.
CREATE TABLE stream_items (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    stream_id   uuid NOT NULL,
    shop_id     bigint NOT NULL,
    activity_id uuid NOT NULL,
    event       text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (stream_id, id)
);

-- What is being sent, at most one of a stream, and what was, as long as bodies are kept. Its id is its entry's.
CREATE TABLE stream_messages (
    id              uuid PRIMARY KEY,
    stream_id       uuid NOT NULL,
    shop_id         bigint NOT NULL,
    body            bytea NOT NULL,
    events          integer NOT NULL,
    activity_ids    jsonb NOT NULL,
    created_at      timestamptz NOT NULL,
    delivered_at    timestamptz,
    attempts        integer NOT NULL,
    response_status integer,
    response_type   text,
    response_body   text,
    milliseconds    bigint NOT NULL
);
CREATE UNIQUE INDEX stream_messages_open ON stream_messages (stream_id) WHERE delivered_at IS NULL;
CREATE INDEX stream_messages_by_age ON stream_messages (shop_id, created_at, id);

-- Streams do not carry their own deliveries. What leaves updated_at as it was is no news.
CREATE FUNCTION stream_activities() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT FROM after_rows AS a JOIN streams ON streams.shop_id = a.shop_id AND streams.enabled) THEN
        RETURN NULL; -- as with most entries
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO stream_items (stream_id, shop_id, activity_id, event, at)
        SELECT streams.id, a.shop_id, a.id, 'activity.recorded', a.updated_at
        FROM after_rows AS a JOIN streams ON streams.shop_id = a.shop_id AND streams.enabled
        WHERE a.action <> 'STREAM_DELIVERED' ORDER BY a.occurred_at, a.id; -- numbered in this order
    ELSE
        INSERT INTO stream_items (stream_id, shop_id, activity_id, event, at)
        SELECT streams.id, a.shop_id, a.id, 'activity.updated', a.updated_at
        FROM after_rows AS a JOIN before_rows AS b ON b.shop_id = a.shop_id AND b.id = a.id
        JOIN streams ON streams.shop_id = a.shop_id AND streams.enabled
        WHERE a.action <> 'STREAM_DELIVERED' AND a.updated_at <> b.updated_at ORDER BY a.occurred_at, a.id; -- likewise
    END IF; -- nothing is done on deleting
    RETURN NULL; END $$;

CREATE TRIGGER activities_inserted_streams AFTER INSERT ON activities REFERENCING NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stream_activities();
CREATE TRIGGER activities_updated_streams AFTER UPDATE ON activities REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stream_activities();
