"""An index of what is stored by age, built while others write."""

from django.db import migrations, models
from django.db.models import Q

from tgadmin.lib.migrating import BuildIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("ingestion", "0007_media_kept")]

    operations = [
        BuildIndex(
            "medium",
            models.Index(
                fields=["channel", "date"],
                name="medium_stored",
                condition=Q(file__isnull=False) | Q(thumb__isnull=False),
            ),
        ),
    ]
