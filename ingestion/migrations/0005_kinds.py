from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0004_adding_many"),
    ]

    operations = [
        migrations.AddField(
            model_name="messagestats",
            name="attached",
            field=models.JSONField(null=True),
        ),
    ]
