"""How the large tables are stored (docs/architecture.md, "Storage")."""

import pytest
from django.db import connection

from ingestion.models import Channel

_FILL = """
INSERT INTO ingestion_messagestats
    (channel_id, message_id, views, reactions, content_hash, hash_version, counters_hash)
SELECT %s, number, 1, '{"👍": 3}', sha256(number::text::bytea), 2, '\\x0011223344556677'
FROM generate_series(1, 5000) AS number
"""
_COUNT = "UPDATE ingestion_messagestats SET views = views + 1 WHERE message_id %% 10 = 3"
_UPDATED = """
SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables
WHERE relname = 'ingestion_messagestats'
"""


@pytest.mark.django_db
def test_counters_change_where_they_are_and_touch_no_index(channel: Channel) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FILL, [channel.pk])
        cursor.execute(_UPDATED)
        before, before_in_place = cursor.fetchone()
        cursor.execute(_COUNT, [])
        cursor.execute(_UPDATED)
        after, in_place = cursor.fetchone()
    assert after - before == 500
    assert in_place - before_in_place > 0.9 * 500
