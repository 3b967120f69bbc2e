-- How many entries there are of each kind: docs/adr/0008 says how they are kept.

-- Where a shop's counts stand. Who changes them holds its row locked.
CREATE TABLE activity_rollups (
    shop_id bigint NOT NULL,
    zone    text NOT NULL,
    kinds   integer NOT NULL,
    PRIMARY KEY (shop_id)
);

-- The kinds of entry that a shop has or had, numbered in the order in which they came.
CREATE TABLE activity_kinds (
    shop_id     bigint NOT NULL,
    number      integer NOT NULL,
    type        text NOT NULL,
    action      text NOT NULL,
    categories  smallint NOT NULL,
    status      text NOT NULL,
    actor_type  text NOT NULL,
    actor_id    text NOT NULL,
    entity_type text NOT NULL,
    actor_name  text NOT NULL,
    PRIMARY KEY (shop_id, number)
);

-- An hour (h) or a day (d) in the shop's time zone, or all (a): the number of each kind and of its entries, packed.
CREATE TABLE activity_buckets (
    shop_id bigint NOT NULL,
    grain   text NOT NULL,
    at      timestamptz NOT NULL,
    counts  bytea NOT NULL,
    PRIMARY KEY (shop_id, grain, at)
);

-- What was written since the counts were last brought up to date: committed with the entries, so that counts and
-- deltas together are always right. A quarter of an hour is the same in every time zone.
CREATE TABLE activity_deltas (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id     bigint NOT NULL,
    quarter     timestamptz NOT NULL,
    type        text NOT NULL,
    action      text NOT NULL,
    categories  smallint NOT NULL,
    status      text NOT NULL,
    actor_type  text NOT NULL,
    actor_id    text NOT NULL,
    entity_type text NOT NULL,
    actor_name  text NOT NULL,
    entries     bigint NOT NULL
);
CREATE INDEX activity_deltas_by_shop ON activity_deltas (shop_id, quarter);

CREATE FUNCTION count_activities() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO activity_deltas (shop_id, quarter, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries)
        SELECT shop_id, date_bin('15 minutes', occurred_at, 'epoch'), type, action, categories, status, actor_type,
           coalesce(actor_id, ''), coalesce(entity_type, ''), actor_name, count(*)
        FROM after_rows GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10; -- one row for each kind of entry
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO activity_deltas (shop_id, quarter, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries)
        SELECT shop_id, date_bin('15 minutes', occurred_at, 'epoch'), type, action, categories, status, actor_type,
           coalesce(actor_id, ''), coalesce(entity_type, ''), actor_name, -count(*)
        FROM before_rows GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10; -- likewise
    ELSE
        INSERT INTO activity_deltas (shop_id, quarter, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries)
        SELECT shop_id, date_bin('15 minutes', occurred_at, 'epoch'), type, action, categories, status, actor_type,
           coalesce(actor_id, ''), coalesce(entity_type, ''), actor_name, sum(n)
        FROM (
            SELECT shop_id, occurred_at, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, 1 AS n FROM after_rows
            UNION ALL SELECT shop_id, occurred_at, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, -1 FROM before_rows
        ) AS changed
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 HAVING sum(n) <> 0; -- most updates leave the kind of entry as it was
    END IF; -- what changed nothing writes nothing
    RETURN NULL; END $$;

CREATE TRIGGER activities_inserted AFTER INSERT ON activities REFERENCING NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_activities();
CREATE TRIGGER activities_deleted AFTER DELETE ON activities REFERENCING OLD TABLE AS before_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_activities();
CREATE TRIGGER activities_updated AFTER UPDATE ON activities REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_activities();

-- What was there before.
INSERT INTO activity_deltas (shop_id, quarter, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries)
SELECT shop_id, date_bin('15 minutes', occurred_at, 'epoch'), type, action, categories, status, actor_type,
       coalesce(actor_id, ''), coalesce(entity_type, ''), actor_name, count(*)
FROM activities GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;
