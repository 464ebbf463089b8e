"""For migrations: a column of text becomes one of sentences (`fields.ToldField`), and back."""

from typing import Final

from django.db.migrations.operations import AlterField, RunSQL, SeparateDatabaseAndState

from tgadmin.lib.fields import ToldField

#: What was there becomes one sentence without values.
_FORWARDS: Final = """
ALTER TABLE {table} ALTER COLUMN {column} TYPE jsonb
    USING CASE {column} WHEN '' THEN '[]' ELSE jsonb_build_array(jsonb_build_array({column})) END
"""

#: In English, the values in their places; a length of time and a moment as they are stored.
_BACKWARDS: Final = """
CREATE FUNCTION pg_temp.said(told jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    sentence jsonb;
    pair record;
    words text;
    said text[] := '{{}}';
BEGIN
    FOR sentence IN SELECT jsonb_array_elements(told) LOOP
        words := sentence ->> 0;
        FOR pair IN SELECT * FROM jsonb_each_text(coalesce(sentence -> 1, '{{}}')) LOOP
            words := replace(words, '%(' || pair.key || ')s', pair.value);
        END LOOP;
        said := said || words;
    END LOOP;
    RETURN array_to_string(said, ' ');
END $$;
ALTER TABLE {table} ALTER COLUMN {column} TYPE text USING pg_temp.said({column});
DROP FUNCTION pg_temp.said(jsonb);
"""


def from_text(model: str, *, table: str, column: str) -> SeparateDatabaseAndState:
    """The operation; `table` and `column` are names of the code."""
    return SeparateDatabaseAndState(
        [
            RunSQL(
                _FORWARDS.format(table=table, column=column),
                _BACKWARDS.format(table=table, column=column),
            )
        ],
        [AlterField(model, column, ToldField())],
    )
