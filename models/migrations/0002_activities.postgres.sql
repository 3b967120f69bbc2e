-- One list partition for each retention class, range partitions by time inside it: what is over leaves by dropping
-- a partition, whatever the periods of the other shops are.
CREATE TABLE activities (
    id              uuid        NOT NULL,
    shop_id         bigint      NOT NULL,
    retention_class smallint    NOT NULL,
    occurred_at     timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    type            text        NOT NULL,
    action          text        NOT NULL,
    categories      smallint    NOT NULL,
    status          text        NOT NULL,
    summary         text        NOT NULL,
    actor_type      text        NOT NULL,
    actor_id        text,
    actor_name      text        NOT NULL,
    entity_type     text,
    entity_id       text,
    entity_title    text,
    entity_url      text,
    rule_id         uuid,
    rule_version    integer,
    cause_id        uuid,
    changes         jsonb       NOT NULL,
    evaluations     jsonb       NOT NULL,
    history         jsonb       NOT NULL,
    metadata        jsonb       NOT NULL,
    error_code      text,
    error_message   text,
    error_stack     text,
    attempts        integer     NOT NULL,
    PRIMARY KEY (shop_id, occurred_at, id, retention_class)
) PARTITION BY LIST (retention_class);

CREATE INDEX activities_by_entity ON activities (shop_id, entity_id, occurred_at, id);
CREATE INDEX activities_by_actor ON activities (shop_id, actor_id, occurred_at, id);
CREATE INDEX activities_by_status ON activities (shop_id, status, type, occurred_at, id);
-- The tabs that few entries are in: bulk operations, metafields, data cleaning (activity/action.go).
CREATE INDEX activities_of_bulk_operations ON activities (shop_id, occurred_at, id) WHERE categories & 2 <> 0;
CREATE INDEX activities_of_metafields ON activities (shop_id, occurred_at, id) WHERE categories & 4 <> 0;
CREATE INDEX activities_of_data_cleaning ON activities (shop_id, occurred_at, id) WHERE categories & 8 <> 0;
CREATE INDEX activities_by_cause ON activities (shop_id, cause_id, occurred_at, id) WHERE cause_id IS NOT NULL;

CREATE TABLE activities_30 PARTITION OF activities FOR VALUES IN (30) PARTITION BY RANGE (occurred_at);
CREATE TABLE activities_730 PARTITION OF activities FOR VALUES IN (730) PARTITION BY RANGE (occurred_at);
-- What falls outside the partitions that are made ahead is kept all the same.
CREATE TABLE activities_30_rest PARTITION OF activities_30 DEFAULT;
CREATE TABLE activities_730_rest PARTITION OF activities_730 DEFAULT;
