-- Whether what is over goes into the archive before it leaves, and for how many days it stays there: NULL is for good.
ALTER TABLE shops ADD COLUMN archive_enabled BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE shops ADD COLUMN archive_days INTEGER;
-- Entries from before class_since were written into class_before: one id has one place, whoever writes it.
ALTER TABLE shops ADD COLUMN class_before INTEGER;
ALTER TABLE shops ADD COLUMN class_since TIMESTAMP;

-- The clean-up of a shop, night after night.
CREATE TABLE clean_ups (
    shop_id         INTEGER PRIMARY KEY REFERENCES shops (id),
    -- The run that is under way, which is also its entry's id.
    run_id          TEXT,
    began_at        TIMESTAMP,
    -- What it is at, and how far that came.
    phase           TEXT      NOT NULL,
    cursor          TEXT,
    -- What left in it, by kind.
    removed         TEXT      NOT NULL,
    -- Why something had to stay.
    kept_because    TEXT,
    -- What left with its partition, and is not in an entry yet.
    dropped         INTEGER   NOT NULL,
    dropped_from    TIMESTAMP,
    dropped_to      TIMESTAMP,
    -- Counts the tasks that were begun: a task that comes back late writes nothing.
    steps           INTEGER   NOT NULL,
    -- Failures in a row.
    attempts        INTEGER   NOT NULL,
    -- When the next task may begin; while one runs, when it counts as lost.
    due_at          TIMESTAMP NOT NULL,
    last_at         TIMESTAMP
);
CREATE INDEX clean_ups_due ON clean_ups (due_at);

-- The files of the archive: the entries of a shop's day, in UTC. A day whose entries came late has several parts.
CREATE TABLE archive_parts (
    shop_id     INTEGER   NOT NULL REFERENCES shops (id),
    day         TIMESTAMP NOT NULL,
    part        INTEGER   NOT NULL,
    -- WRITTEN: the entries are in the log, too. LEAVING: they are being removed from it. LEFT: they are gone from it.
    -- PURGING: the file is being removed.
    state       TEXT      NOT NULL,
    entries     INTEGER   NOT NULL,
    bytes       INTEGER   NOT NULL,
    sha256      TEXT      NOT NULL,
    -- The sum of when the entries last changed, in microseconds modulo 1,000,000,007: another one is of other entries.
    fingerprint INTEGER   NOT NULL,
    first_at    TIMESTAMP NOT NULL,
    first_id    TEXT      NOT NULL,
    last_at     TIMESTAMP NOT NULL,
    last_id     TEXT      NOT NULL,
    written_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (shop_id, day, part)
);

-- What leaves is found by its age.
CREATE INDEX deliveries_by_age ON deliveries (shop_id, received_at);
CREATE INDEX deliveries_with_body ON deliveries (shop_id, received_at) WHERE length(body) > 0;
CREATE INDEX snapshots_by_age ON snapshots (shop_id, created_at);
CREATE INDEX retry_jobs_by_age ON retry_jobs (shop_id, created_at) WHERE finished_at IS NOT NULL;
