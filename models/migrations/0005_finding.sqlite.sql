ALTER TABLE activities ADD COLUMN operation_id TEXT;

DROP INDEX activities_by_status;
DROP INDEX activities_of_bulk_operations;
DROP INDEX activities_of_metafields;
DROP INDEX activities_of_data_cleaning;

-- One walk for each action and status that a shop has finds every tab, type, status and action, and any mix of them:
-- activity_kinds says which there are (activity/paths.go).
CREATE INDEX activities_by_action ON activities (shop_id, action, status, occurred_at, id);
CREATE INDEX activities_by_rule ON activities (shop_id, rule_id, occurred_at, id) WHERE rule_id IS NOT NULL;
CREATE INDEX activities_by_operation ON activities (shop_id, operation_id, occurred_at, id) WHERE operation_id IS NOT NULL;
CREATE INDEX activities_by_error ON activities (shop_id, error_code, occurred_at, id) WHERE error_code IS NOT NULL;

-- Which tags an entry put on or took off, in the form that makes them that tag.
CREATE TABLE activity_tags (
    shop_id     INTEGER NOT NULL,
    tag_key     TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    activity_id TEXT NOT NULL,
    PRIMARY KEY (shop_id, tag_key, occurred_at, activity_id)
);

-- The entries that are there already. A tag's key is as models.TagKey makes it, but for capitals outside ASCII, which
-- SQLite does not know.
INSERT OR IGNORE INTO activity_tags (shop_id, tag_key, occurred_at, activity_id)
SELECT shop_id, tag_key, occurred_at, id FROM (
    SELECT a.shop_id, lower(trim(replace(replace(replace(tag.value, '   ', ' '), '  ', ' '), '  ', ' '))) AS tag_key, a.occurred_at, a.id, c.key AS change, side.name
    FROM activities AS a
    JOIN json_each(a.changes) AS c
    JOIN (SELECT 'before' AS name UNION ALL SELECT 'after') AS side
    JOIN json_each(CASE json_type(c.value, '$.' || side.name) WHEN 'array' THEN json_extract(c.value, '$.' || side.name) ELSE '[]' END) AS tag
    WHERE json_extract(c.value, '$.field') = 'tags'
) AS tags
WHERE tag_key <> ''
GROUP BY shop_id, tag_key, occurred_at, id, change HAVING count(DISTINCT name) = 1;

CREATE INDEX resources_by_title ON resources (shop_id, type, lower(title));

CREATE TABLE saved_views (
    id         TEXT PRIMARY KEY,
    shop_id    INTEGER NOT NULL REFERENCES shops (id),
    name       TEXT NOT NULL,
    shared     BOOLEAN NOT NULL,
    filter     TEXT NOT NULL,
    actor_type TEXT NOT NULL,
    actor_id   TEXT,
    actor_name TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX saved_views_by_name ON saved_views (shop_id, name, id);

-- Words are looked for in the summary. A row here has the rowid of its entry.
CREATE VIRTUAL TABLE activity_words USING fts5(summary, content='activities', tokenize='trigram');
INSERT INTO activity_words(activity_words) VALUES ('rebuild');
CREATE TRIGGER activities_words_insert AFTER INSERT ON activities BEGIN INSERT INTO activity_words (rowid, summary) VALUES (new.rowid, new.summary); END;
CREATE TRIGGER activities_words_update AFTER UPDATE OF summary ON activities BEGIN INSERT INTO activity_words (activity_words, rowid, summary) VALUES ('delete', old.rowid, old.summary); INSERT INTO activity_words (rowid, summary) VALUES (new.rowid, new.summary); END;
CREATE TRIGGER activities_words_delete AFTER DELETE ON activities BEGIN INSERT INTO activity_words (activity_words, rowid, summary) VALUES ('delete', old.rowid, old.summary); END;
