"""The tables of messages can be distributed by channel, as Citus does it (docs/scale.md).

What it asks of a table that it spreads over hosts: the column of distribution in every primary key,
unique and exclusion constraint; foreign keys to reference tables, or to tables that are spread in the
same way and by a key that has the column, and none from tables that are not spread.
https://docs.citusdata.com/en/stable/develop/reference_ddl.html
"""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
#: With a row or more for a message, but few of them, and keys of their own: they stay where the
#: other tables are.
STAY = {
    "ingestion_quarantine",  # records that nobody could read
    "ingestion_pinnedmessage",  # what stands at the top of a channel
}
#: Named by a foreign key of a table that is distributed: a copy on every host.
REFERENCE = {"ingestion_channel", "ingestion_storedfile"}
#: They change nothing but the row that they are about, on its own host: what
#: citus.enable_unsafe_triggers is for.
OF_THEIR_ROW = {"search_vector_of_new", "search_vector_of_changed"}
#: Rows of a channel that are read together with its messages.
WITH_CHANNEL = {"archive_channelday"}

TABLES = """
SELECT attrelid::regclass::text FROM pg_attribute
JOIN pg_class ON pg_class.oid = attrelid
WHERE attname IN ('channel_id', 'message_id') AND relkind IN ('r', 'p')
  AND relnamespace = 'public'::regnamespace
GROUP BY attrelid HAVING count(*) = 2
"""

UNIQUE = """
SELECT indrelid::regclass::text, indexrelid::regclass::text,
       ARRAY(SELECT attname::text FROM pg_attribute
             WHERE attrelid = indrelid AND attnum = ANY(indkey::smallint[])) AS columns
FROM pg_index WHERE (indisunique OR indisexclusion) AND indrelid::regclass::text = ANY(%s)
"""

FOREIGN = """
SELECT conrelid::regclass::text, confrelid::regclass::text, conname::text,
       ARRAY(SELECT attname::text FROM pg_attribute
             WHERE attrelid = conrelid AND attnum = ANY(conkey)) AS columns
FROM pg_constraint
WHERE contype = 'f' AND (conrelid::regclass::text = ANY(%s) OR confrelid::regclass::text = ANY(%s))
"""

COLUMN = """
SELECT attrelid::regclass::text, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute
WHERE attname = 'channel_id' AND attrelid::regclass::text = ANY(%s)
"""

TRIGGERS = """
SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger
WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY(%s)
"""


def ask(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def distributed() -> list[str]:
    found = {name for (name,) in ask(TABLES)}
    assert found >= STAY, "one that stays is there no more"
    return sorted((found - STAY) | WITH_CHANNEL)


def what_does_not_fit(tables: list[str]) -> list[str]:
    wrong = [
        f"{table}: {name} is unique without channel_id"
        for table, name, columns in ask(UNIQUE, tables)
        if "channel_id" not in columns
    ]
    for source, target, name, columns in ask(FOREIGN, tables, tables):
        if source not in tables:
            wrong.append(f"{source}: {name} names {target}, which is distributed")
        elif target in tables and "channel_id" not in columns:
            wrong.append(f"{source}: {name} names {target} without channel_id")
        elif target not in tables and target not in REFERENCE:
            wrong.append(f"{source}: {name} names {target}, which is no reference table")
    wrong += [
        f"{table}: channel_id is {kind}, {'not null' if filled else 'null'}"
        for table, kind, filled in ask(COLUMN, tables)
        if (kind, filled) != ("bigint", True)
    ]
    wrong += [
        f"{table}: the trigger {name}"
        for table, name in ask(TRIGGERS, tables)
        if name not in OF_THEIR_ROW
    ]
    return wrong


def test_the_tables_of_messages_need_no_more_than_the_composite_key() -> None:
    assert what_does_not_fit(distributed()) == []


def test_the_page_on_scale_distributes_all_of_them_and_copies_what_they_name() -> None:
    page = PAGE.read_text()
    named = re.findall(r"create_distributed_table\('(\w+)', 'channel_id'", page)
    assert sorted(named) == distributed()
    assert set(re.findall(r"create_reference_table\('(\w+)'", page)) == REFERENCE
    told = page.split("## Citus")[1].split("```")[0]
    assert set(re.findall(r"`((?:ingestion|archive)_\w+)`", told)) == set(distributed())


def test_what_would_stand_in_the_way_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE UNIQUE INDEX one ON ingestion_message (message_id);"
            "ALTER TABLE ingestion_medium ADD FOREIGN KEY (file_id) REFERENCES ingestion_storedfile;"
            "CREATE TABLE two (channel_id int, message_id bigint);"
            "CREATE TABLE three (id int, a bigint, b bigint,"
            "    FOREIGN KEY (a, b) REFERENCES ingestion_message (channel_id, message_id));"
            "ALTER TABLE ingestion_messageraw ADD COLUMN run_id bigint"
            "    REFERENCES ingestion_syncrun (id)"
        )
    found = " ".join(what_does_not_fit(distributed()))
    assert "one is unique without channel_id" in found
    assert "two: channel_id is integer, null" in found
    assert "three: three_a_b_fkey names ingestion_message, which is distributed" in found
    assert "names ingestion_syncrun, which is no reference table" in found
    assert "storedfile, which" not in found
