-- Whether what is over goes into the archive before it leaves, and for how many days it stays there: NULL is for good.
ALTER TABLE shops ADD COLUMN archive_enabled boolean NOT NULL DEFAULT false;
ALTER TABLE shops ADD COLUMN archive_days integer;
-- Entries from before class_since were written into class_before: one id has one place, whoever writes it.
ALTER TABLE shops ADD COLUMN class_before smallint;
ALTER TABLE shops ADD COLUMN class_since timestamptz;

-- The clean-up of a shop, night after night.
CREATE TABLE clean_ups (
    shop_id         bigint PRIMARY KEY REFERENCES shops (id),
    -- The run that is under way, which is also its entry's id.
    run_id          uuid,
    began_at        timestamptz,
    -- What it is at, and how far that came.
    phase           text        NOT NULL,
    cursor          text,
    -- What left in it, by kind.
    removed         jsonb       NOT NULL,
    -- Why something had to stay.
    kept_because    text,
    -- What left with its partition, and is not in an entry yet.
    dropped         bigint      NOT NULL,
    dropped_from    timestamptz,
    dropped_to      timestamptz,
    -- Counts the tasks that were begun: a task that comes back late writes nothing.
    steps           integer     NOT NULL,
    -- Failures in a row.
    attempts        integer     NOT NULL,
    -- When the next task may begin; while one runs, when it counts as lost.
    due_at          timestamptz NOT NULL,
    last_at         timestamptz
);
CREATE INDEX clean_ups_due ON clean_ups (due_at);

-- The files of the archive: the entries of a shop's day, in UTC. A day whose entries came late has several parts.
CREATE TABLE archive_parts (
    shop_id     bigint      NOT NULL REFERENCES shops (id),
    day         timestamptz NOT NULL,
    part        integer     NOT NULL,
    -- WRITTEN: the entries are in the log, too. LEAVING: they are being removed from it. LEFT: they are gone from it.
    -- PURGING: the file is being removed.
    state       text        NOT NULL,
    entries     integer     NOT NULL,
    bytes       bigint      NOT NULL,
    sha256      text        NOT NULL,
    -- The sum of when the entries last changed, in microseconds modulo 1,000,000,007: another one is of other entries.
    fingerprint bigint      NOT NULL,
    first_at    timestamptz NOT NULL,
    first_id    uuid        NOT NULL,
    last_at     timestamptz NOT NULL,
    last_id     uuid        NOT NULL,
    written_at  timestamptz NOT NULL,
    PRIMARY KEY (shop_id, day, part)
);

-- What leaves is found by its age.
CREATE INDEX deliveries_by_age ON deliveries (shop_id, received_at);
CREATE INDEX deliveries_with_body ON deliveries (shop_id, received_at) WHERE length(body) > 0;
CREATE INDEX snapshots_by_age ON snapshots (shop_id, created_at);
CREATE INDEX retry_jobs_by_age ON retry_jobs (shop_id, created_at) WHERE finished_at IS NOT NULL;
