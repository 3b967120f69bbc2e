-- How many entries there are of each kind: a row an hour, a row a day and a row for all time, in the shop's time zone.
CREATE TABLE activity_counts (
    shop_id         INTEGER NOT NULL,
    -- h, d or a: an hour, a day, all.
    grain           TEXT NOT NULL,
    bucket          TIMESTAMP NOT NULL,
    retention_class INTEGER NOT NULL,
    type            TEXT NOT NULL,
    action          TEXT NOT NULL,
    categories      INTEGER NOT NULL,
    status          TEXT NOT NULL,
    actor_type      TEXT NOT NULL,
    actor_id        TEXT NOT NULL,
    entity_type     TEXT NOT NULL,
    actor_name      TEXT NOT NULL,
    entries         INTEGER NOT NULL,
    PRIMARY KEY (shop_id, grain, bucket, type, action, categories, status, actor_type, actor_id, entity_type, retention_class)
);

-- What was written since the counts were last brought up to date: a row for each statement that wrote, committed with
-- it, so that counts and deltas together are always right. A quarter of an hour is the same in every time zone.
CREATE TABLE activity_deltas (
    id              INTEGER PRIMARY KEY,
    shop_id         INTEGER NOT NULL,
    quarter         TIMESTAMP NOT NULL,
    retention_class INTEGER NOT NULL,
    type            TEXT NOT NULL,
    action          TEXT NOT NULL,
    categories      INTEGER NOT NULL,
    status          TEXT NOT NULL,
    actor_type      TEXT NOT NULL,
    actor_id        TEXT NOT NULL,
    entity_type     TEXT NOT NULL,
    actor_name      TEXT NOT NULL,
    entries         INTEGER NOT NULL
);
CREATE INDEX activity_deltas_by_shop ON activity_deltas (shop_id, quarter);

-- The time zone that a shop's counts were made in, and whether they are being made anew.
CREATE TABLE activity_zones (
    shop_id    INTEGER PRIMARY KEY,
    zone       TEXT NOT NULL,
    rebuilt_at TIMESTAMP NOT NULL
);

-- A quarter of an hour is 900,000,000 microseconds.
CREATE TRIGGER activities_inserted AFTER INSERT ON activities BEGIN INSERT INTO activity_deltas (shop_id, quarter, retention_class, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries) VALUES (new.shop_id, new.occurred_at - new.occurred_at % 900000000, new.retention_class, new.type, new.action, new.categories, new.status, new.actor_type, coalesce(new.actor_id, ''), coalesce(new.entity_type, ''), new.actor_name, 1); END;
CREATE TRIGGER activities_deleted AFTER DELETE ON activities BEGIN INSERT INTO activity_deltas (shop_id, quarter, retention_class, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries) VALUES (old.shop_id, old.occurred_at - old.occurred_at % 900000000, old.retention_class, old.type, old.action, old.categories, old.status, old.actor_type, coalesce(old.actor_id, ''), coalesce(old.entity_type, ''), old.actor_name, -1); END;
CREATE TRIGGER activities_updated AFTER UPDATE OF occurred_at, retention_class, type, action, categories, status, actor_type, actor_id, entity_type ON activities BEGIN INSERT INTO activity_deltas (shop_id, quarter, retention_class, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries) VALUES (old.shop_id, old.occurred_at - old.occurred_at % 900000000, old.retention_class, old.type, old.action, old.categories, old.status, old.actor_type, coalesce(old.actor_id, ''), coalesce(old.entity_type, ''), old.actor_name, -1); INSERT INTO activity_deltas (shop_id, quarter, retention_class, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries) VALUES (new.shop_id, new.occurred_at - new.occurred_at % 900000000, new.retention_class, new.type, new.action, new.categories, new.status, new.actor_type, coalesce(new.actor_id, ''), coalesce(new.entity_type, ''), new.actor_name, 1); END;

-- What was there before.
INSERT INTO activity_deltas (shop_id, quarter, retention_class, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries)
SELECT shop_id, occurred_at - occurred_at % 900000000, retention_class, type, action, categories, status, actor_type, coalesce(actor_id, ''), coalesce(entity_type, ''), max(actor_name), count(*)
FROM activities GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;
