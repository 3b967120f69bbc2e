-- On SQLite an entry moves to another retention class by an update that leaves updated_at as it was: nothing is to change.
SELECT 1;
