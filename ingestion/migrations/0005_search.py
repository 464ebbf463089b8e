"""What messages are searched by becomes richer: any script, accents aside, stems by language.

Safe on a large table: nothing is rewritten. The generated column becomes a plain one that keeps
what it has (PostgreSQL 13 and newer: only the catalogue changes), a trigger fills it from now on,
and the backfill `vectors` brings the older rows up to date while people go on searching.
Going back makes the column anew, and so rewrites the table.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

from ingestion.backfills.operations import StartBackfill

#: Scripts that put no spaces between words (Thai, Lao, Myanmar, Khmer, kana, Han), and Korean,
#: which puts endings on them.
_UNSPACED = (
    r"\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
#: Without colours of skin, which are no emoji of their own.
_EMOJI = r"\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f3fa\U0001f400-\U0001faff"
#: What PostgreSQL's parser would make addresses, paths, numbers and tags of, or words that depend
#: on the server's locale.
_SIGNS = r"]!-/:-@\\[^_`{-~\u2010-\u206f\u3000-\u3004\u3008-\u3020\u30fb\ufe0e\ufe0f"
#: Where accents can be.
_ACCENTED = (
    r"\u00df-\u024f\u0300-\u036f\u0386-\u03ce\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    r"\u1e00-\u1fff"
)
_POINTS = r"\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"


#: PostgreSQL's stemmers of the languages that `ingestion.languages` tells. Constants: a name that is
#: looked up for each message costs 2 µs.
_STEMMERS = {
    "en": "english", "ru": "russian", "ar": "arabic", "ca": "catalan", "da": "danish",
    "de": "german", "el": "greek", "es": "spanish", "fi": "finnish", "fr": "french",
    "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian",
    "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
_CONFIGS = " ".join(
    f"WHEN '{code}' THEN 'pg_catalog.{name}'::regconfig" for code, name in _STEMMERS.items()
)


def _filled(body: str) -> str:
    for name, signs in (
        ("UNSPACED", _UNSPACED), ("EMOJI", _EMOJI), ("SIGNS", _SIGNS), ("ACCENTED", _ACCENTED),
        ("POINTS", _POINTS), ("CONFIGS", _CONFIGS),
    ):  # fmt: skip
        body = body.replace("{" + name + "}", signs)
    return body


#: Case and accents aside. Marks are taken off letters of scripts where they are spelling or
#: decoration (Latin, Greek, Hebrew points, Arabic vowels); in Cyrillic й and ї are letters of
#: their own, and only ё is written as е half of the time. Most texts have none of it, and of most
#: that have, ASCII is left: no more is done than that takes.
_FOLD = r"""
CREATE FUNCTION search_fold(given text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $body$
DECLARE
    folded text := lower(given);
BEGIN
    IF octet_length(folded) = length(folded) THEN
        RETURN folded;
    END IF;
    IF folded ~ '[{ACCENTED}]' THEN
        folded := normalize(folded, NFD);
        IF folded ~ '[\u0400-\u04ff]' THEN
            folded := regexp_replace(folded, '(?<![\u0400-\u04ff])[\u0300-\u036f]+', '', 'g');
        ELSE
            folded := regexp_replace(folded, '[\u0300-\u036f]+', '', 'g');
        END IF;
        IF octet_length(folded) = length(folded) THEN
            RETURN folded;
        END IF;
        folded := normalize(regexp_replace(folded, '[{POINTS}]+', '', 'g'), NFC);
        folded := replace(replace(replace(
            translate(folded, 'øłđıς', 'oldiσ'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe');
    END IF;
    RETURN replace(folded, 'ё', 'е');
END
$body$
"""

#: Text as words with a space between, for PostgreSQL's parser.
_SPACED = r"""
CREATE FUNCTION search_spaced(given text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $body$
SELECT regexp_replace(given, '[{SIGNS}{EMOJI}{UNSPACED}]+', ' ', 'g')
$body$
"""

#: Each sign of a script without spaces with the one behind it, in their order, so that a phrase
#: of pairs is a part of the text; the last of a stretch stands alone.
_PAIRS = r"""
CREATE FUNCTION search_pairs(folded text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $body$
DECLARE
    signs text[] := string_to_array(regexp_replace(folded, '[^{UNSPACED}]+', ' ', 'g'), NULL);
BEGIN
    RETURN (
        SELECT coalesce(string_agg(
            sign || rtrim(coalesce(next, '')) || ':' || least(place, 16383), ' '), '')
        FROM unnest(signs, signs[2:]) WITH ORDINALITY AS pairs (sign, next, place)
        WHERE sign <> ' ');
END
$body$
"""

#: What a message is found by: its words, folded, in their order, those of addresses behind its
#: links too; the stems of its language, in no order, with the mark `~en`, so that a stem counts
#: only where it is one of that language; pairs; emoji one by one; `#tags`, `@names`, and the
#: domains of its addresses, whole and without what is in front. Stems are made of the text as it is
#: spelled and folded afterwards: endings have accents, too.
#:
#: Every message pays for it, so one expression asks for all that most texts have not (accents,
#: emoji, scripts without spaces), and what is not there costs no more. Of 39 µs that Russian takes,
#: 26 are PostgreSQL's own, for words and for stems (docs/architecture.md).
_VECTOR = r"""
CREATE FUNCTION search_vector(given text, links text[], language text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    whole text := lower(left(given, 65536));
    folded text;
    spaced text;
    part text;
    found tsvector;
    pairs tsvector;
    config regconfig := CASE language
        {CONFIGS} END;
    marks text[] := CASE WHEN config IS NULL THEN '{}' ELSE ARRAY['~' || language] END;
BEGIN
    IF links <> '{}' THEN
        FOREACH part IN ARRAY links[:50] LOOP
            IF position(part IN given) = 0 THEN
                whole := whole || ' ' || lower(left(part, 512));
            END IF;
        END LOOP;
    END IF;
    IF octet_length(whole) = length(whole) THEN
        folded := whole;
        spaced := regexp_replace(folded, '[{SIGNS}]+', ' ', 'g');
    ELSIF whole ~ '[{ACCENTED}{EMOJI}{UNSPACED}]' THEN
        folded := search_fold(whole);
        spaced := regexp_replace(folded, '[{SIGNS}{EMOJI}{UNSPACED}]+', ' ', 'g');
        IF folded ~ '[{EMOJI}]' THEN
            marks := marks || string_to_array(
                regexp_replace(folded, '[^{EMOJI}]+', '', 'g'), NULL);
        END IF;
        IF folded ~ '[{UNSPACED}]' THEN
            pairs := search_pairs(folded);
        END IF;
    ELSE
        folded := replace(whole, 'ё', 'е');
        spaced := regexp_replace(folded, '[{SIGNS}]+', ' ', 'g');
    END IF;
    found := to_tsvector('pg_catalog.simple', spaced);
    IF config IS NOT NULL THEN
        IF folded = whole THEN
            found := found || strip(to_tsvector(config, spaced));
        ELSE
            found := found || search_stems(whole, config);
        END IF;
    END IF;
    IF pairs IS NOT NULL THEN
        found := found || pairs;
    END IF;
    IF folded <> spaced THEN
        IF position('#' IN folded) > 0 OR position('@' IN folded) > 0 THEN
            marks := marks || ARRAY(SELECT left((regexp_matches(folded,
                '[#@][^][\s!-/:-@\\^`{-~\u2010-\u206f\u3000-\u3004]+', 'g'))[1], 256));
        END IF;
        IF folded ~ '[[:alnum:]]\.[[:alnum:]]' THEN
            FOREACH part IN ARRAY ARRAY(SELECT left((regexp_matches(folded,
                '[[:alnum:]][[:alnum:]-]*(?:\.[[:alnum:]][[:alnum:]-]*)+', 'g'))[1], 256))
            LOOP
                marks := marks || part;
                IF part LIKE '%.%.%' THEN
                    marks := marks || substr(part, position('.' IN part) + 1);
                END IF;
            END LOOP;
        END IF;
    END IF;
    IF marks <> '{}' THEN
        found := found || array_to_tsvector(marks);
    END IF;
    RETURN found;
END
$body$
"""

#: The stems of a lower-case text's words, accents aside, in no order.
_STEMS = r"""
CREATE FUNCTION search_stems(given text, config regconfig) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $body$
SELECT search_fold(strip(to_tsvector(config, search_spaced(given)))::text)::tsvector
$body$
"""

_TRIGGER = """
CREATE FUNCTION search_vector_of_row() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    NEW.tsv := search_vector(NEW.text, NEW.links, NEW.language);
    RETURN NEW;
END
$body$;
CREATE TRIGGER search_vector_of_new BEFORE INSERT ON ingestion_message
FOR EACH ROW WHEN (NEW.tsv IS NULL) EXECUTE FUNCTION search_vector_of_row();
CREATE TRIGGER search_vector_of_changed BEFORE UPDATE ON ingestion_message
FOR EACH ROW WHEN (
    NEW.tsv IS NULL OR NEW.text IS DISTINCT FROM OLD.text OR NEW.links IS DISTINCT FROM OLD.links
    OR NEW.language IS DISTINCT FROM OLD.language
) EXECUTE FUNCTION search_vector_of_row()
"""
_NO_TRIGGER = """
DROP TRIGGER search_vector_of_new ON ingestion_message;
DROP TRIGGER search_vector_of_changed ON ingestion_message;
DROP FUNCTION search_vector_of_row()
"""

_PLAIN = "ALTER TABLE ingestion_message ALTER COLUMN tsv DROP EXPRESSION"
_GENERATED = """
ALTER TABLE ingestion_message DROP COLUMN tsv;
ALTER TABLE ingestion_message ADD COLUMN tsv tsvector
    GENERATED ALWAYS AS (to_tsvector('pg_catalog.simple'::regconfig, coalesce(text, ''))) STORED;
CREATE INDEX msg_search ON ingestion_message USING gin (channel_id, tsv)
"""


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0004_privacy")]

    operations = [
        migrations.RunSQL(
            _PLAIN,
            _GENERATED,
            state_operations=[
                migrations.RemoveIndex("message", "msg_search"),
                migrations.RemoveField("message", "tsv"),
                migrations.AddField(
                    "message",
                    "tsv",
                    django.contrib.postgres.search.SearchVectorField(null=True, editable=False),
                ),
                migrations.AddIndex(
                    "message",
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["channel", "tsv"], name="msg_search"
                    ),
                ),
            ],
        ),
        migrations.AddField("message", "language", models.TextField(editable=False, null=True)),
        migrations.RunSQL(_filled(_FOLD), "DROP FUNCTION search_fold(text)"),
        migrations.RunSQL(_filled(_SPACED), "DROP FUNCTION search_spaced(text)"),
        migrations.RunSQL(_filled(_PAIRS), "DROP FUNCTION search_pairs(text)"),
        migrations.RunSQL(_STEMS, "DROP FUNCTION search_stems(text, regconfig)"),
        migrations.RunSQL(_filled(_VECTOR), "DROP FUNCTION search_vector(text, text[], text)"),
        migrations.RunSQL(_TRIGGER, _NO_TRIGGER),
        StartBackfill("vectors"),
    ]
