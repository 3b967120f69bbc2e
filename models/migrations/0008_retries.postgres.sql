-- The tries before somebody asked for more; attempts counts on from 0 then.
ALTER TABLE deliveries ADD COLUMN earlier_attempts integer NOT NULL DEFAULT 0;
-- The job that last asked for more tries.
ALTER TABLE deliveries ADD COLUMN job_id uuid;
CREATE INDEX deliveries_of_job ON deliveries (job_id, status) WHERE job_id IS NOT NULL;

-- Work over many failures of one cause, in short tasks. Its id is its entry's.
CREATE TABLE retry_jobs (
    id          uuid PRIMARY KEY,
    shop_id     bigint NOT NULL REFERENCES shops (id),
    code        text NOT NULL,
    filter      jsonb NOT NULL,
    actor_name  text NOT NULL,
    cursor      text,
    walked      boolean NOT NULL,
    total       integer NOT NULL,
    done        integer NOT NULL,
    steps       integer NOT NULL,
    due_at      timestamptz NOT NULL,
    created_at  timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX retry_jobs_due ON retry_jobs (due_at) WHERE finished_at IS NULL;

-- Records are found by how their titles begin, whatever the collation of the database is.
CREATE INDEX resources_by_prefix ON resources (shop_id, type, lower(title) text_pattern_ops);

-- What a person of the staff may do in the shop, and when Shopify was asked.
ALTER TABLE staff ADD COLUMN scopes text NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN asked_at timestamptz;
