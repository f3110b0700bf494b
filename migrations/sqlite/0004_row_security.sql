-- SQLite has no row-level security: composite keys and the scope of each statement are the wall.
SELECT 1;
