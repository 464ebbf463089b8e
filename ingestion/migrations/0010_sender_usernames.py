"""An index of everything that people are called, built while others write."""

import django.contrib.postgres.indexes
from django.db import migrations
from django.db.models import F, Func

from tgadmin.lib.migrating import BuildIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("ingestion", "0009_lowered")]

    operations = [
        BuildIndex(
            "sender",
            django.contrib.postgres.indexes.GinIndex(
                Func(F("usernames"), function="lowered"), name="sender_usernames"
            ),
        ),
    ]
