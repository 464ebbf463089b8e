from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0005_accounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="messagestats",
            name="attached",
            field=models.JSONField(null=True),
        ),
    ]
