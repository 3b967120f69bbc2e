-- The tries before somebody asked for more; attempts counts on from 0 then.
ALTER TABLE deliveries ADD COLUMN earlier_attempts integer NOT NULL DEFAULT 0;
-- The job that last asked for more tries.
ALTER TABLE deliveries ADD COLUMN job_id uuid;
CREATE INDEX deliveries_of_job ON deliveries (job_id, status) WHERE job_id IS NOT NULL;
CREATE INDEX deliveries_failed ON deliveries (shop_id, id) WHERE status = 'FAILED';

-- Work over many rows that goes on in short tasks. Its id is its entry's.
CREATE TABLE jobs (
    id          uuid PRIMARY KEY,
    shop_id     bigint NOT NULL REFERENCES shops (id),
    kind        text NOT NULL,
    -- What it is to do, and how far it came.
    state       bytea NOT NULL,
    due_at      timestamptz NOT NULL,
    created_at  timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX jobs_due ON jobs (due_at) WHERE finished_at IS NULL;

-- What a person of the staff may do in the shop, and when Shopify was asked.
ALTER TABLE staff ADD COLUMN scopes text NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN asked_at timestamptz;
