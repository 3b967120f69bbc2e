-- One day of a busy server's log: $1 is its start, $2 how many entries it has. Half of them are shop 1's, the rest is
-- spread over 1,000 shops. Of four entries one is a rule's, caused by the webhook before it; what staff do, bulk
-- operations, metafields and clean-ups are as rare as they are in a shop.
WITH numbered AS (
    SELECT i, i / 4 AS pair,
           date_trunc('milliseconds', $1::timestamptz + i * (interval '24 hours' / $2)) AS at,
           date_trunc('milliseconds', $1::timestamptz + (i - 1) * (interval '24 hours' / $2)) AS at_before,
           abs(hashint8extended(i, 11)) % 10000 AS dice
    FROM generate_series(0, $2::bigint - 1) AS i
), drawn AS (
    SELECT *,
           CASE WHEN abs(hashint8extended(pair, 1)) % 2 = 0 THEN 1 ELSE 2 + abs(hashint8extended(pair, 2)) % 1000 END AS shop,
           abs(hashint8extended(pair, 3)) % 50000 AS record,
           CASE WHEN i % 4 = 1 THEN 'rule'
                WHEN i % 4 < 2 OR dice >= 1200 THEN 'webhook'
                WHEN dice < 5 THEN 'cleanup'
                WHEN dice < 50 THEN 'metafield'
                WHEN dice < 120 THEN 'bulk'
                WHEN dice < 300 THEN 'system'
                WHEN dice < 700 THEN 'job'
                ELSE 'staff' END AS kind,
           CASE WHEN abs(hashint8extended(i, 12)) % 10000 >= 400 THEN 'SUCCESS'
                WHEN abs(hashint8extended(i, 12)) % 10000 >= 200 THEN 'WARNING'
                WHEN abs(hashint8extended(i, 12)) % 10000 >= 20 THEN 'FAILED'
                WHEN abs(hashint8extended(i, 12)) % 10000 >= 5 THEN 'PENDING'
                ELSE 'IN_PROGRESS' END AS state
    FROM numbered
)
INSERT INTO activities
    (id, shop_id, retention_class, occurred_at, updated_at, type, action, categories, status, summary, actor_type,
     actor_id, actor_name, entity_type, entity_id, entity_title, entity_url, rule_id, rule_version, cause_id, changes,
     evaluations, history, metadata, error_code, error_message, attempts)
SELECT seed_id(at, i), shop, 30, at, at + interval '1 second',
       CASE kind WHEN 'webhook' THEN 'WEBHOOK' WHEN 'system' THEN 'SYSTEM_EVENT' WHEN 'staff' THEN 'USER_ACTION'
                 ELSE 'BACKGROUND_JOB' END,
       CASE kind WHEN 'webhook' THEN 'WEBHOOK_RECEIVED' WHEN 'rule' THEN 'SMART_TAG_APPLIED' WHEN 'cleanup' THEN 'TAG_CLEANUP'
                 WHEN 'metafield' THEN 'METAFIELD_UPDATED' WHEN 'bulk' THEN 'BULK_TAG_UPDATE' WHEN 'job' THEN 'JOB_COMPLETED'
                 WHEN 'staff' THEN 'RULE_UPDATED' ELSE 'APP_INSTALLED' END,
       CASE kind WHEN 'rule' THEN 1 WHEN 'cleanup' THEN 9 WHEN 'metafield' THEN 4 WHEN 'bulk' THEN 3 WHEN 'staff' THEN 0 ELSE 16 END,
       state,
       CASE kind WHEN 'webhook' THEN 'Order #' || record || ' updated' WHEN 'rule' THEN 'Added vip · Order #' || record
                 ELSE 'Something that was done, number ' || i END,
       CASE kind WHEN 'webhook' THEN 'EXTERNAL' WHEN 'rule' THEN 'RULE' WHEN 'staff' THEN 'STAFF' ELSE 'SYSTEM' END,
       CASE kind WHEN 'webhook' THEN 'shopify' WHEN 'rule' THEN seed_id('epoch', dice % 20)::text WHEN 'staff' THEN (dice % 12)::text END,
       CASE kind WHEN 'webhook' THEN 'Shopify' WHEN 'rule' THEN 'VIP orders' WHEN 'staff' THEN 'Riley' ELSE 'Tagtrail' END,
       CASE WHEN kind IN ('webhook', 'rule', 'metafield') THEN 'Order' END,
       CASE WHEN kind IN ('webhook', 'rule', 'metafield') THEN 'gid://shopify/Order/' || (5500000000000 + record) END,
       CASE WHEN kind IN ('webhook', 'rule', 'metafield') THEN '#' || record END,
       CASE WHEN kind IN ('webhook', 'rule', 'metafield') THEN 'https://admin.shopify.com/store/shop-' || shop || '/orders/' || (5500000000000 + record) END,
       CASE kind WHEN 'rule' THEN seed_id('epoch', dice % 20) END,
       CASE kind WHEN 'rule' THEN 1 END,
       CASE kind WHEN 'rule' THEN seed_id(at_before, i - 1) END,
       CASE kind WHEN 'rule' THEN '[{"field":"tags","before":["a"],"after":["a","vip"]}]' ELSE '[]' END::jsonb,
       CASE kind WHEN 'webhook' THEN
           '[{"ruleId":"0198c0de-0000-7000-8000-000000000001","name":"VIP orders","version":3,"matched":false,"outcome":"NO_MATCH",
              "conditions":[{"field":"total_price","operator":"GREATER","expected":["500"],"actual":["124.50"],"holds":false}]}]'
           ELSE '[]' END::jsonb,
       jsonb_build_array(jsonb_build_object('status', 'PENDING', 'at', at), jsonb_build_object('status', state, 'at', at)),
       jsonb_build_object('topic', 'orders/updated', 'webhookId', md5(i::text), 'apiVersion', '2026-10', 'bodyBytes', 5120, 'durationMs', 12),
       CASE WHEN state = 'FAILED' THEN 'NETWORK' END,
       CASE WHEN state = 'FAILED' THEN 'Shopify did not answer. Tagtrail tries again by itself.' END,
       1
FROM drawn
