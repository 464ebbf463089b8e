"""When files were let go. A column without a default rewrites nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0006_storage")]

    operations = [migrations.AddField("medium", "let_go_at", models.DateTimeField(null=True))]
