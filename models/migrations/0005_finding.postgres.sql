ALTER TABLE activities ADD COLUMN operation_id uuid;

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
    shop_id     bigint NOT NULL,
    tag_key     text NOT NULL,
    occurred_at timestamptz NOT NULL,
    activity_id uuid NOT NULL,
    PRIMARY KEY (shop_id, tag_key, occurred_at, activity_id)
);

-- The entries that are there already. A tag's key is as models.TagKey makes it.
INSERT INTO activity_tags (shop_id, tag_key, occurred_at, activity_id)
SELECT shop_id, tag_key, occurred_at, id FROM (
    SELECT a.shop_id, lower(btrim(regexp_replace(tag.value, '\s+', ' ', 'g'))) AS tag_key, a.occurred_at, a.id, c.ordinality, side.name
    FROM activities AS a
    CROSS JOIN LATERAL jsonb_array_elements(a.changes) WITH ORDINALITY AS c (change, ordinality)
    CROSS JOIN (VALUES ('before'), ('after')) AS side (name)
    CROSS JOIN LATERAL jsonb_array_elements_text(CASE jsonb_typeof(c.change -> side.name) WHEN 'array' THEN c.change -> side.name ELSE '[]' END) AS tag (value)
    WHERE c.change ->> 'field' = 'tags'
) AS tags
WHERE tag_key <> ''
GROUP BY shop_id, tag_key, occurred_at, id, ordinality HAVING count(DISTINCT name) = 1
ON CONFLICT DO NOTHING;

CREATE INDEX resources_by_title ON resources (shop_id, type, lower(title));

CREATE TABLE saved_views (
    id         uuid PRIMARY KEY,
    shop_id    bigint NOT NULL REFERENCES shops (id),
    name       text NOT NULL,
    shared     boolean NOT NULL,
    filter     jsonb NOT NULL,
    actor_type text NOT NULL,
    actor_id   text,
    actor_name text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX saved_views_by_name ON saved_views (shop_id, name, id);

-- Words are looked for in the summary. The shop is in the index, so that a word that is common in another shop costs
-- this one nothing.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE INDEX activities_by_words ON activities USING gin (shop_id, summary gin_trgm_ops);
