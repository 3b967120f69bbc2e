-- What makes the log verifiable: docs/adr/0016 says how.

-- The secret that links and blocks are made with, sealed with the key of ENCRYPTION_KEYS.
CREATE TABLE chain_keys (
    id         INTEGER PRIMARY KEY,
    secret     BLOB NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- What was done to entries and is in no block yet: committed with the entries, deleted with the block that it went into.
CREATE TABLE chain_pending (
    id      INTEGER PRIMARY KEY,
    shop_id INTEGER NOT NULL,
    at      TIMESTAMP NOT NULL,
    links   BLOB NOT NULL,
    mac     BLOB NOT NULL
);
CREATE INDEX chain_pending_by_shop ON chain_pending (shop_id, id);

-- The shops that have a chain. Who adds to it holds the row locked.
CREATE TABLE chains (
    shop_id         INTEGER PRIMARY KEY,
    -- The newest block that a file outside of the database tells of, and since when.
    checkpoint      INTEGER NOT NULL,
    checkpointed_at TIMESTAMP NOT NULL
);

-- The blocks, each with the hash of the one before. A block is about the entries of one day.
CREATE TABLE chain_blocks (
    shop_id        INTEGER NOT NULL,
    number         INTEGER NOT NULL,
    at             TIMESTAMP NOT NULL,
    day            TIMESTAMP NOT NULL,
    first_at       TIMESTAMP NOT NULL,
    last_at        TIMESTAMP NOT NULL,
    -- Entries from before then may have no link: they are older than the chain.
    covers_from    TIMESTAMP NOT NULL,
    -- Blocks about days before then may have lost their links: all entries of those have left the log.
    trimmed_before TIMESTAMP NOT NULL,
    recorded       INTEGER NOT NULL,
    updated        INTEGER NOT NULL,
    redacted       INTEGER NOT NULL,
    gone           INTEGER NOT NULL,
    dropped        INTEGER NOT NULL,
    refused        INTEGER NOT NULL,
    -- All links up to here.
    total          INTEGER NOT NULL,
    links          BLOB,
    links_hash     BLOB NOT NULL,
    previous       BLOB NOT NULL,
    hash           BLOB NOT NULL,
    signature      BLOB NOT NULL,
    PRIMARY KEY (shop_id, number)
);
CREATE INDEX chain_blocks_by_day ON chain_blocks (shop_id, day, number) WHERE links IS NOT NULL;
CREATE INDEX chain_blocks_of_drops ON chain_blocks (shop_id, number) WHERE dropped > 0;
