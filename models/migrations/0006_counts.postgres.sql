-- How many entries there are of each kind: a row an hour, a row a day and a row for all time, in the shop's time zone.
CREATE TABLE activity_counts (
    shop_id         bigint NOT NULL,
    -- h, d or a: an hour, a day, all.
    grain           text NOT NULL,
    bucket          timestamptz NOT NULL,
    retention_class smallint NOT NULL,
    type            text NOT NULL,
    action          text NOT NULL,
    categories      smallint NOT NULL,
    status          text NOT NULL,
    actor_type      text NOT NULL,
    actor_id        text NOT NULL,
    entity_type     text NOT NULL,
    actor_name      text NOT NULL,
    entries         bigint NOT NULL,
    PRIMARY KEY (shop_id, grain, bucket, type, action, categories, status, actor_type, actor_id, entity_type, retention_class)
);

-- What was written since the counts were last brought up to date: a row for each statement that wrote, committed with
-- it, so that counts and deltas together are always right. A quarter of an hour is the same in every time zone.
CREATE TABLE activity_deltas (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id         bigint NOT NULL,
    quarter         timestamptz NOT NULL,
    retention_class smallint NOT NULL,
    type            text NOT NULL,
    action          text NOT NULL,
    categories      smallint NOT NULL,
    status          text NOT NULL,
    actor_type      text NOT NULL,
    actor_id        text NOT NULL,
    entity_type     text NOT NULL,
    actor_name      text NOT NULL,
    entries         bigint NOT NULL
);
CREATE INDEX activity_deltas_by_shop ON activity_deltas (shop_id, quarter);

-- The time zone that a shop's counts were made in, and whether they are being made anew.
CREATE TABLE activity_zones (
    shop_id    bigint PRIMARY KEY,
    zone       text NOT NULL,
    rebuilt_at timestamptz NOT NULL
);

CREATE FUNCTION count_activities() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO activity_deltas (shop_id, quarter, retention_class, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries)
        SELECT shop_id, date_bin('15 minutes', occurred_at, 'epoch'), retention_class, type, action, categories, status, actor_type,
               coalesce(actor_id, ''), coalesce(entity_type, ''), max(actor_name), count(*)
        FROM after_rows GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10; -- one row for each kind of entry
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO activity_deltas (shop_id, quarter, retention_class, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries)
        SELECT shop_id, date_bin('15 minutes', occurred_at, 'epoch'), retention_class, type, action, categories, status, actor_type,
               coalesce(actor_id, ''), coalesce(entity_type, ''), max(actor_name), -count(*)
        FROM before_rows GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10; -- likewise
    ELSE
        INSERT INTO activity_deltas (shop_id, quarter, retention_class, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries)
        SELECT shop_id, date_bin('15 minutes', occurred_at, 'epoch'), retention_class, type, action, categories, status, actor_type,
               coalesce(actor_id, ''), coalesce(entity_type, ''), max(actor_name), sum(n)
        FROM (SELECT *, 1 AS n FROM after_rows UNION ALL SELECT *, -1 FROM before_rows) AS changed
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 HAVING sum(n) <> 0; -- most updates leave the kind of entry as it was
    END IF; -- a statement that changed no kind writes nothing
    RETURN NULL; END $$;

CREATE TRIGGER activities_inserted AFTER INSERT ON activities REFERENCING NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_activities();
CREATE TRIGGER activities_deleted AFTER DELETE ON activities REFERENCING OLD TABLE AS before_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_activities();
CREATE TRIGGER activities_updated AFTER UPDATE ON activities REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_activities();

-- What was there before.
INSERT INTO activity_deltas (shop_id, quarter, retention_class, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries)
SELECT shop_id, date_bin('15 minutes', occurred_at, 'epoch'), retention_class, type, action, categories, status, actor_type,
       coalesce(actor_id, ''), coalesce(entity_type, ''), max(actor_name), count(*)
FROM activities GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;
