-- The tries before somebody asked for more; attempts counts on from 0 then.
ALTER TABLE deliveries ADD COLUMN earlier_attempts INTEGER NOT NULL DEFAULT 0;
-- The job that last asked for more tries.
ALTER TABLE deliveries ADD COLUMN job_id TEXT;
CREATE INDEX deliveries_of_job ON deliveries (job_id, status) WHERE job_id IS NOT NULL;

-- Work over many failures of one cause, in short tasks. Its id is its entry's.
CREATE TABLE retry_jobs (
    id          TEXT PRIMARY KEY,
    shop_id     INTEGER NOT NULL REFERENCES shops (id),
    code        TEXT NOT NULL,
    filter      TEXT NOT NULL,
    actor_name  TEXT NOT NULL,
    cursor      TEXT,
    walked      BOOLEAN NOT NULL,
    total       INTEGER NOT NULL,
    done        INTEGER NOT NULL,
    steps       INTEGER NOT NULL,
    due_at      TIMESTAMP NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX retry_jobs_due ON retry_jobs (due_at) WHERE finished_at IS NULL;

-- What a person of the staff may do in the shop, and when Shopify was asked.
ALTER TABLE staff ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN asked_at TIMESTAMP;
