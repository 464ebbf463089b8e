"""What is asked of PostgreSQL about itself."""

#: How old this connection's clock is, beside the version and when the server started.
SERVER = """
SELECT current_setting('server_version_num')::int, current_setting('server_version'),
       pg_postmaster_start_time(), clock_timestamp()
"""

#: The extensions that searching needs, of those that are there; whether letters beyond ASCII count.
EXTENSIONS = "SELECT extname FROM pg_extension WHERE extname IN ('pg_trgm', 'btree_gin')"
TRIGRAMS = "SELECT cardinality(show_trgm('Привет')) > 0"

DATABASE_SIZE = "SELECT pg_database_size(current_database())"

#: The largest tables: bytes with indexes and long values, and about how many rows (NULL: never
#: estimated). https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-DBSIZE
TABLES = """
SELECT relname, pg_total_relation_size(oid), pg_indexes_size(oid), nullif(reltuples, -1)::bigint
FROM pg_class
WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
ORDER BY pg_total_relation_size(oid) DESC
LIMIT 10
"""
