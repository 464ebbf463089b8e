from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="appearance",
            field=models.CharField(
                blank=True,
                choices=[("system", "System"), ("light", "Light"), ("dark", "Dark")],
                db_default="",
                default="",
                max_length=6,
            ),
        ),
    ]
