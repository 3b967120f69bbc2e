-- What makes the log verifiable: docs/adr/0016 says how.

-- The secret that links and blocks are made with, sealed with the key of ENCRYPTION_KEYS.
CREATE TABLE chain_keys (
    id         integer PRIMARY KEY,
    secret     bytea NOT NULL,
    created_at timestamptz NOT NULL
);

-- What was done to entries and is in no block yet: committed with the entries, deleted with the block that it went into.
CREATE TABLE chain_pending (
    id      bigint GENERATED ALWAYS AS IDENTITY,
    shop_id bigint NOT NULL,
    at      timestamptz NOT NULL,
    links   bytea NOT NULL,
    mac     bytea NOT NULL,
    PRIMARY KEY (shop_id, id)
);

-- The shops that have a chain. Who adds to it holds the row locked.
CREATE TABLE chains (
    shop_id         bigint PRIMARY KEY,
    -- The newest block that a file outside of the database tells of, and since when.
    checkpoint      bigint NOT NULL,
    checkpointed_at timestamptz NOT NULL
);

-- The blocks, each with the hash of the one before. A block is about the entries of one day.
CREATE TABLE chain_blocks (
    shop_id        bigint NOT NULL,
    number         bigint NOT NULL,
    at             timestamptz NOT NULL,
    day            timestamptz NOT NULL,
    first_at       timestamptz NOT NULL,
    last_at        timestamptz NOT NULL,
    -- Entries from before then may have no link: they are older than the chain.
    covers_from    timestamptz NOT NULL,
    -- Blocks about days before then may have lost their links: all entries of those have left the log.
    trimmed_before timestamptz NOT NULL,
    recorded       integer NOT NULL,
    updated        integer NOT NULL,
    redacted       integer NOT NULL,
    gone           integer NOT NULL,
    dropped        integer NOT NULL,
    refused        integer NOT NULL,
    -- All links up to here.
    total          bigint NOT NULL,
    links          bytea,
    links_hash     bytea NOT NULL,
    previous       bytea NOT NULL,
    hash           bytea NOT NULL,
    signature      bytea NOT NULL,
    PRIMARY KEY (shop_id, number)
);
-- Links look random: compressing them takes time and wins nothing.
ALTER TABLE chain_blocks ALTER COLUMN links SET STORAGE EXTERNAL;
CREATE INDEX chain_blocks_by_day ON chain_blocks (shop_id, day, number) WHERE links IS NOT NULL;
CREATE INDEX chain_blocks_of_drops ON chain_blocks (shop_id, number) WHERE dropped > 0;
