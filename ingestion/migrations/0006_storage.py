"""How the large tables are stored (docs/architecture.md, "Storage"): none of it rewrites a row or
keeps anybody out.
"""

from typing import Final

from django.db import migrations

#: Room on each page for counters that change: 97 % of updates then touch no index, of 21 %.
_COUNTERS: Final = """
ALTER TABLE ingestion_messagestats SET (
    fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)
"""
#: By default millions of new rows go by until lists can be read from indexes alone and the planner
#: knows of the newest days.
_MESSAGES: Final = """
ALTER TABLE ingestion_message SET (
    autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02)
"""
_COUNTERS_BEFORE: Final = """
ALTER TABLE ingestion_messagestats RESET (
    fillfactor, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor)
"""
_MESSAGES_BEFORE: Final = """
ALTER TABLE ingestion_message RESET (
    autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor)
"""


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0005_search")]

    operations = [
        migrations.RunSQL(_COUNTERS, _COUNTERS_BEFORE),
        migrations.RunSQL(_MESSAGES, _MESSAGES_BEFORE),
    ]
