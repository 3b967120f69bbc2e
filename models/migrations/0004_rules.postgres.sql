CREATE TABLE rules (
    id                uuid        PRIMARY KEY,
    shop_id           bigint      NOT NULL REFERENCES shops (id),
    name              text        NOT NULL,
    resource          text        NOT NULL,
    triggers          jsonb       NOT NULL,
    conditions        jsonb       NOT NULL,
    add_tags          jsonb       NOT NULL,
    remove_tags       jsonb       NOT NULL,
    reset_on_mismatch boolean     NOT NULL,
    priority          integer     NOT NULL,
    enabled           boolean     NOT NULL,
    paused_reason     text,
    version           integer     NOT NULL,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    deleted_at        timestamptz
);
CREATE INDEX rules_by_priority ON rules (shop_id, priority, name, id) WHERE deleted_at IS NULL;

CREATE TABLE rule_versions (
    shop_id    bigint      NOT NULL,
    rule_id    uuid        NOT NULL,
    version    integer     NOT NULL,
    definition jsonb       NOT NULL,
    actor_type text        NOT NULL,
    actor_id   text,
    actor_name text        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, rule_id, version)
);

CREATE TABLE snapshots (
    id                  uuid        PRIMARY KEY,
    shop_id             bigint      NOT NULL,
    cause_id            uuid        NOT NULL,
    rule_id             uuid,
    rule_version        integer,
    rule_name           text        NOT NULL,
    resource_id         text        NOT NULL,
    resource_type       text        NOT NULL,
    resource_title      text        NOT NULL,
    before              jsonb       NOT NULL,
    adds                jsonb       NOT NULL,
    removes             jsonb       NOT NULL,
    after               jsonb       NOT NULL,
    outcome             text        NOT NULL,
    error_code          text,
    error_message       text,
    cost                integer     NOT NULL,
    resource_updated_at timestamptz,
    created_at          timestamptz NOT NULL,
    finished_at         timestamptz
);
CREATE UNIQUE INDEX snapshots_by_cause ON snapshots (shop_id, cause_id, resource_id, rule_id);
CREATE INDEX snapshots_by_resource ON snapshots (shop_id, resource_id, created_at);
CREATE INDEX snapshots_by_rule ON snapshots (shop_id, rule_id, resource_id, created_at);

CREATE TABLE tag_owners (
    shop_id     bigint      NOT NULL,
    resource_id text        NOT NULL,
    tag_key     text        NOT NULL,
    tag         text        NOT NULL,
    rule_id     uuid        NOT NULL,
    activity_id uuid        NOT NULL,
    since       timestamptz NOT NULL,
    PRIMARY KEY (shop_id, resource_id, tag_key)
);
