"""How close together the rows of a person's table of messages are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0002_table_columns")]

    operations = [
        migrations.AddField(
            "user", "table_compact", models.BooleanField(default=False, db_default=False)
        ),
    ]
