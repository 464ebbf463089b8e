"""What an index needs to know people by any of their names, whatever its case."""

from typing import Final

from django.db import migrations

_LOWERED: Final = """
CREATE FUNCTION lowered(given text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(SELECT lower(one) FROM unnest(given) AS one)
"""


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0008_media_stored")]

    operations = [migrations.RunSQL(_LOWERED, "DROP FUNCTION lowered(text[])")]
