CREATE TABLE shops (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    domain             TEXT      NOT NULL UNIQUE,
    gid                TEXT      NOT NULL,
    name               TEXT      NOT NULL,
    plan               TEXT      NOT NULL,
    timezone           TEXT      NOT NULL,
    currency           TEXT      NOT NULL,
    access_token       BLOB,
    token_expires_at   TIMESTAMP,
    refresh_token      BLOB,
    refresh_expires_at TIMESTAMP,
    scopes             TEXT      NOT NULL,
    retention_days     INTEGER   NOT NULL,
    webhook_body_days  INTEGER   NOT NULL,
    snapshot_days      INTEGER   NOT NULL,
    webhooks_at        TIMESTAMP,
    installed_at       TIMESTAMP NOT NULL,
    uninstalled_at     TIMESTAMP,
    created_at         TIMESTAMP NOT NULL,
    updated_at         TIMESTAMP NOT NULL
);

CREATE TABLE staff (
    shop_id       INTEGER   NOT NULL REFERENCES shops (id),
    id            TEXT      NOT NULL,
    name          TEXT      NOT NULL,
    first_seen_at TIMESTAMP NOT NULL,
    PRIMARY KEY (shop_id, id)
) WITHOUT ROWID;

CREATE TABLE locks (
    shop_id INTEGER   NOT NULL,
    name    TEXT      NOT NULL,
    owner   TEXT      NOT NULL,
    until   TIMESTAMP NOT NULL,
    PRIMARY KEY (shop_id, name)
) WITHOUT ROWID;
