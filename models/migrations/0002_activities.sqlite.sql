CREATE TABLE activities (
    id              TEXT      NOT NULL,
    shop_id         INTEGER   NOT NULL,
    retention_class INTEGER   NOT NULL,
    occurred_at     TIMESTAMP NOT NULL,
    updated_at      TIMESTAMP NOT NULL,
    type            TEXT      NOT NULL,
    action          TEXT      NOT NULL,
    categories      INTEGER   NOT NULL,
    status          TEXT      NOT NULL,
    summary         TEXT      NOT NULL,
    actor_type      TEXT      NOT NULL,
    actor_id        TEXT,
    actor_name      TEXT      NOT NULL,
    entity_type     TEXT,
    entity_id       TEXT,
    entity_title    TEXT,
    entity_url      TEXT,
    rule_id         TEXT,
    rule_version    INTEGER,
    cause_id        TEXT,
    changes         TEXT      NOT NULL,
    evaluations     TEXT      NOT NULL,
    history         TEXT      NOT NULL,
    metadata        TEXT      NOT NULL,
    error_code      TEXT,
    error_message   TEXT,
    error_stack     TEXT,
    attempts        INTEGER   NOT NULL,
    PRIMARY KEY (shop_id, occurred_at, id, retention_class)
);

CREATE INDEX activities_by_entity ON activities (shop_id, entity_id, occurred_at, id);
CREATE INDEX activities_by_actor ON activities (shop_id, actor_id, occurred_at, id);
CREATE INDEX activities_by_status ON activities (shop_id, status, type, occurred_at, id);
-- The tabs that few entries are in: bulk operations, metafields, data cleaning (activity/action.go).
CREATE INDEX activities_of_bulk_operations ON activities (shop_id, occurred_at, id) WHERE categories & 2 <> 0;
CREATE INDEX activities_of_metafields ON activities (shop_id, occurred_at, id) WHERE categories & 4 <> 0;
CREATE INDEX activities_of_data_cleaning ON activities (shop_id, occurred_at, id) WHERE categories & 8 <> 0;
CREATE INDEX activities_by_cause ON activities (shop_id, cause_id, occurred_at, id) WHERE cause_id IS NOT NULL;
