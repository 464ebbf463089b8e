"""What people are told is kept as sentences with values, so that it can be said in any language."""

from django.db import migrations

from tgadmin.lib.telling import from_text


class Migration(migrations.Migration):
    dependencies = [("archive", "0002_export_expired")]

    operations = [from_text("export", table="archive_export", column="error")]
