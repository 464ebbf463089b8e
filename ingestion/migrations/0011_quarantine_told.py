"""Why a record could not be read is kept as sentences, which every reader gets translated."""

from django.db import migrations

from tgadmin.lib import telling


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0010_sender_usernames")]

    operations = [
        telling.from_text("quarantine", table="ingestion_quarantine", column="error"),
    ]
