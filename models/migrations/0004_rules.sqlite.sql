CREATE TABLE rules (
    id                TEXT        PRIMARY KEY,
    shop_id           INTEGER      NOT NULL REFERENCES shops (id),
    name              TEXT        NOT NULL,
    resource          TEXT        NOT NULL,
    triggers          TEXT       NOT NULL,
    conditions        TEXT       NOT NULL,
    add_tags          TEXT       NOT NULL,
    remove_tags       TEXT       NOT NULL,
    reset_on_mismatch BOOLEAN     NOT NULL,
    priority          INTEGER     NOT NULL,
    enabled           BOOLEAN     NOT NULL,
    paused_reason     TEXT,
    version           INTEGER     NOT NULL,
    created_at        TIMESTAMP NOT NULL,
    updated_at        TIMESTAMP NOT NULL,
    deleted_at        TIMESTAMP
);
CREATE INDEX rules_by_priority ON rules (shop_id, priority, name, id) WHERE deleted_at IS NULL;

CREATE TABLE rule_versions (
    shop_id    INTEGER      NOT NULL,
    rule_id    TEXT        NOT NULL,
    version    INTEGER     NOT NULL,
    definition TEXT       NOT NULL,
    actor_type TEXT        NOT NULL,
    actor_id   TEXT,
    actor_name TEXT        NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (shop_id, rule_id, version)
);

CREATE TABLE snapshots (
    id                  TEXT        PRIMARY KEY,
    shop_id             INTEGER      NOT NULL,
    cause_id            TEXT        NOT NULL,
    rule_id             TEXT,
    rule_version        INTEGER,
    rule_name           TEXT        NOT NULL,
    resource_id         TEXT        NOT NULL,
    resource_type       TEXT        NOT NULL,
    resource_title      TEXT        NOT NULL,
    before              TEXT       NOT NULL,
    adds                TEXT       NOT NULL,
    removes             TEXT       NOT NULL,
    after               TEXT       NOT NULL,
    outcome             TEXT        NOT NULL,
    error_code          TEXT,
    error_message       TEXT,
    cost                INTEGER     NOT NULL,
    resource_updated_at TIMESTAMP,
    created_at          TIMESTAMP NOT NULL,
    finished_at         TIMESTAMP
);
CREATE UNIQUE INDEX snapshots_by_cause ON snapshots (shop_id, cause_id, resource_id, rule_id);
CREATE INDEX snapshots_by_resource ON snapshots (shop_id, resource_id, created_at);
CREATE INDEX snapshots_by_rule ON snapshots (shop_id, rule_id, resource_id, created_at);

CREATE TABLE tag_owners (
    shop_id     INTEGER      NOT NULL,
    resource_id TEXT        NOT NULL,
    tag_key     TEXT        NOT NULL,
    tag         TEXT        NOT NULL,
    rule_id     TEXT        NOT NULL,
    activity_id TEXT        NOT NULL,
    since       TIMESTAMP NOT NULL,
    PRIMARY KEY (shop_id, resource_id, tag_key)
);
