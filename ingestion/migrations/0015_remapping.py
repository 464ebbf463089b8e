import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0014_web_preview"),
    ]

    operations = [
        migrations.CreateModel(
            name="Remapping",
            fields=[
                (
                    "channel",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="remapping",
                        serialize=False,
                        to="ingestion.channel",
                    ),
                ),
                ("done_to", models.BigIntegerField(default=0)),
            ],
        ),
    ]
