-- The first day once more, $1 days later: the same things happen, under other ids. Ids carry their times.
INSERT INTO activities
    (id, shop_id, retention_class, occurred_at, updated_at, type, action, categories, status, summary, actor_type,
     actor_id, actor_name, entity_type, entity_id, entity_title, entity_url, rule_id, rule_version, cause_id, changes,
     evaluations, history, metadata, error_code, error_message, attempts)
SELECT (lpad(to_hex(('x' || substr(id::text, 1, 8) || substr(id::text, 10, 4))::bit(48)::bigint + $1::bigint * 86400000), 12, '0')
            || substr(id::text, 14))::uuid,
       shop_id, retention_class, occurred_at + $1::bigint * interval '24 hours', updated_at + $1::bigint * interval '24 hours',
       type, action, categories, status, summary, actor_type, actor_id, actor_name, entity_type, entity_id, entity_title,
       entity_url, rule_id, rule_version,
       (lpad(to_hex(('x' || substr(cause_id::text, 1, 8) || substr(cause_id::text, 10, 4))::bit(48)::bigint + $1::bigint * 86400000), 12, '0')
            || substr(cause_id::text, 14))::uuid,
       changes, evaluations, history, metadata, error_code, error_message, attempts
FROM activities
WHERE occurred_at >= $2::timestamptz AND occurred_at < $2::timestamptz + interval '24 hours'
