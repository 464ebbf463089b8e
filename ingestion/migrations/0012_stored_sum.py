"""The bytes of all stored files, as a sum that is kept."""

from django.db import migrations, models

_BEGIN = """
INSERT INTO ingestion_storedsum (bytes)
SELECT sum(size) FROM ingestion_storedfile HAVING count(*) > 0
"""


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0011_quarantine_told")]

    operations = [
        migrations.CreateModel(
            name="StoredSum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("bytes", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(_BEGIN, migrations.RunSQL.noop),
    ]
