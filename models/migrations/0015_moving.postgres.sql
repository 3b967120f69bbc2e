-- What moves to another retention class is deleted and inserted, and is no news to streams: whoever does that says so by
-- tagtrail.moving. Otherwise the function is that of 0012.
CREATE OR REPLACE FUNCTION stream_activities() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT FROM after_rows AS a JOIN streams ON streams.shop_id = a.shop_id AND streams.enabled)
        OR current_setting('tagtrail.moving', true) = 'on' THEN
        RETURN NULL; -- as with most entries
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO stream_items (stream_id, shop_id, activity_id, event, at)
        SELECT streams.id, a.shop_id, a.id, 'activity.recorded', a.updated_at
        FROM after_rows AS a JOIN streams ON streams.shop_id = a.shop_id AND streams.enabled
        WHERE a.action <> 'STREAM_DELIVERED' ORDER BY a.occurred_at, a.id; -- numbered in this order
    ELSE
        INSERT INTO stream_items (stream_id, shop_id, activity_id, event, at)
        SELECT streams.id, a.shop_id, a.id, 'activity.updated', a.updated_at
        FROM after_rows AS a JOIN before_rows AS b ON b.shop_id = a.shop_id AND b.id = a.id
        JOIN streams ON streams.shop_id = a.shop_id AND streams.enabled
        WHERE a.action <> 'STREAM_DELIVERED' AND a.updated_at <> b.updated_at ORDER BY a.occurred_at, a.id; -- likewise
    END IF; -- nothing is done on deleting
    RETURN NULL; END $$;
