"""What people are told is kept as sentences with values, so that it can be said in any language."""

from django.db import migrations

from tgadmin.lib.telling import from_text


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0010_counters")]

    operations = [
        from_text("account", table="ingestion_account", column="error"),
        from_text("accountcall", table="ingestion_accountcall", column="error"),
        from_text("accountlistener", table="ingestion_accountlistener", column="error"),
        from_text("addingline", table="ingestion_addingline", column="error"),
        from_text("channellive", table="ingestion_channellive", column="error"),
        from_text("import", table="ingestion_import", column="error"),
        from_text("runevent", table="ingestion_runevent", column="text"),
        from_text("syncrun", table="ingestion_syncrun", column="error"),
    ]
