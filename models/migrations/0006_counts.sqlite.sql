-- How many entries there are of each kind: docs/adr/0008 says how they are kept.

-- Where a shop's counts stand. Who changes them holds its row locked.
CREATE TABLE activity_rollups (
    shop_id INTEGER NOT NULL,
    zone    TEXT NOT NULL,
    kinds   INTEGER NOT NULL,
    PRIMARY KEY (shop_id)
) WITHOUT ROWID;

-- The kinds of entry that a shop has or had, numbered in the order in which they came.
CREATE TABLE activity_kinds (
    shop_id     INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    type        TEXT NOT NULL,
    action      TEXT NOT NULL,
    categories  INTEGER NOT NULL,
    status      TEXT NOT NULL,
    actor_type  TEXT NOT NULL,
    actor_id    TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    actor_name  TEXT NOT NULL,
    PRIMARY KEY (shop_id, number)
) WITHOUT ROWID;

-- An hour (h) or a day (d) in the shop's time zone, or all (a): the number of each kind and of its entries, packed.
CREATE TABLE activity_buckets (
    shop_id INTEGER NOT NULL,
    grain   TEXT NOT NULL,
    at      TIMESTAMP NOT NULL,
    counts  BLOB NOT NULL,
    PRIMARY KEY (shop_id, grain, at)
) WITHOUT ROWID;

-- What was written since the counts were last brought up to date: committed with the entries, so that counts and
-- deltas together are always right. A quarter of an hour is the same in every time zone.
CREATE TABLE activity_deltas (
    id          INTEGER PRIMARY KEY,
    shop_id     INTEGER NOT NULL,
    quarter     TIMESTAMP NOT NULL,
    type        TEXT NOT NULL,
    action      TEXT NOT NULL,
    categories  INTEGER NOT NULL,
    status      TEXT NOT NULL,
    actor_type  TEXT NOT NULL,
    actor_id    TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    actor_name  TEXT NOT NULL,
    entries     INTEGER NOT NULL
);
CREATE INDEX activity_deltas_by_shop ON activity_deltas (shop_id, quarter);

-- A quarter of an hour is 900,000,000 microseconds.
CREATE TRIGGER activities_inserted AFTER INSERT ON activities BEGIN INSERT INTO activity_deltas (shop_id, quarter, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries) VALUES (new.shop_id, new.occurred_at - (new.occurred_at % 900000000 + 900000000) % 900000000, new.type, new.action, new.categories, new.status, new.actor_type, coalesce(new.actor_id, ''), coalesce(new.entity_type, ''), new.actor_name, 1); END;
CREATE TRIGGER activities_deleted AFTER DELETE ON activities BEGIN INSERT INTO activity_deltas (shop_id, quarter, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries) VALUES (old.shop_id, old.occurred_at - (old.occurred_at % 900000000 + 900000000) % 900000000, old.type, old.action, old.categories, old.status, old.actor_type, coalesce(old.actor_id, ''), coalesce(old.entity_type, ''), old.actor_name, -1); END;
-- Most updates leave the kind of entry as it was.
CREATE TRIGGER activities_updated AFTER UPDATE OF shop_id, occurred_at, type, action, categories, status, actor_type, actor_id, entity_type, actor_name ON activities WHEN old.shop_id IS NOT new.shop_id OR old.occurred_at IS NOT new.occurred_at OR old.type IS NOT new.type OR old.action IS NOT new.action OR old.categories IS NOT new.categories OR old.status IS NOT new.status OR old.actor_type IS NOT new.actor_type OR old.actor_id IS NOT new.actor_id OR old.entity_type IS NOT new.entity_type OR old.actor_name IS NOT new.actor_name BEGIN INSERT INTO activity_deltas (shop_id, quarter, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries) VALUES (old.shop_id, old.occurred_at - (old.occurred_at % 900000000 + 900000000) % 900000000, old.type, old.action, old.categories, old.status, old.actor_type, coalesce(old.actor_id, ''), coalesce(old.entity_type, ''), old.actor_name, -1); INSERT INTO activity_deltas (shop_id, quarter, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries) VALUES (new.shop_id, new.occurred_at - (new.occurred_at % 900000000 + 900000000) % 900000000, new.type, new.action, new.categories, new.status, new.actor_type, coalesce(new.actor_id, ''), coalesce(new.entity_type, ''), new.actor_name, 1); END;

-- What was there before.
INSERT INTO activity_deltas (shop_id, quarter, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries)
SELECT shop_id, occurred_at - (occurred_at % 900000000 + 900000000) % 900000000, type, action, categories, status, actor_type, coalesce(actor_id, ''), coalesce(entity_type, ''), actor_name, count(*)
FROM activities GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;
