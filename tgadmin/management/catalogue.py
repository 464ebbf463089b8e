"""The catalogue of translations: what the code says, and what it is in another language.

Made with Babel, so that nobody needs the system's gettext. The files stay small and stable: sorted,
without dates and line numbers, so that a change of a sentence is a change of a line.
"""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from babel.messages import pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from django.conf import settings
from django.utils.translation.template import templatize

from tgadmin.management import told

APPS: Final = ("tgadmin", "workspaces", "ingestion", "archive", "dashboard", "alerts", "api")

_MARKS: Final[dict[str, Any]] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
_NO_DATE: Final = datetime(2026, 1, 1, tzinfo=UTC)
_FIELD: Final = re.compile(r"%\((\w+)\)[sd]|%%")


def po_file(language: str) -> Path:
    """Where a language's catalogue is; the compiled one lies beside it."""
    base: Path = settings.BASE_DIR
    return base / "locale" / language / "LC_MESSAGES" / "django.po"


def languages() -> list[str]:
    """The languages that need a catalogue: English is in the code."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def extracted() -> Catalog:
    """Every marked string of the product's code and templates, and what errors are told in."""
    catalog = Catalog()
    for message, context in _marked():
        catalog.add(message, context=context)
    return catalog


def confused() -> set[str]:
    """Singulars that stand with different plurals: gettext finds both by the singular alone, so
    one of them needs a context.
    """
    plurals: dict[tuple[str | None, str], Any] = {}
    return {
        message[0]
        for message, context in _marked()
        if isinstance(message, tuple)
        and plurals.setdefault((context, message[0]), message) != message
    }


def _marked() -> Iterator[tuple[Any, str | None]]:
    for source in _sources():
        for _line, message, _comments, context in extract("python", source, keywords=_MARKS):
            yield message, context
    for file in modules():
        for sentence in told.sentences(file):
            yield sentence, None


def modules() -> Iterator[Path]:
    """The product's Python files."""
    base: Path = settings.BASE_DIR
    for app in APPS:
        yield from sorted((base / app).rglob("*.py"))


def _sources() -> Iterator[io.BytesIO]:
    for file in modules():
        yield io.BytesIO(file.read_bytes())
    base: Path = settings.BASE_DIR
    folders = [base / "templates", *(base / app / "templates" for app in APPS)]
    for folder in folders:
        for file in sorted([*folder.rglob("*.html"), *folder.rglob("*.txt")]):
            # What is no string becomes lines of X; indented ones are no Python.
            code = templatize(file.read_text(encoding="utf-8"))
            yield io.BytesIO(re.sub(r"(?m)^[ \t]+", "", code).encode())


def stored(language: str) -> Catalog:
    """The catalogue as it is in the repository; an empty one for a new language."""
    file = po_file(language)
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as stream:
        return pofile.read_po(stream, locale=language)


def merged(language: str, code: Catalog) -> Catalog:
    """The strings of the code with the translations that are there; what went is dropped."""
    old = stored(language)
    new = Catalog(locale=language, fuzzy=False, header_comment="")
    for message in code:
        if message.id:
            known = old.get(message.id, message.context)
            string = known.string if known else None
            new.add(message.id, string, context=message.context, flags=message.flags - {"fuzzy"})
    return new


def untranslated(catalog: Catalog) -> list[Message]:
    """The strings, or plural forms, that a catalogue lacks."""
    return [message for message in catalog if message.id and not _is_whole(catalog, message)]


def _is_whole(catalog: Catalog, message: Message) -> bool:
    strings = _forms(message.string)
    return bool(all(strings)) and (not message.pluralizable or len(strings) == catalog.num_plurals)


def mistaken(catalog: Catalog) -> list[Message]:
    """Translations whose placeholders are not those of the code, which would fail on a page.

    The plural form for one thing may leave the number out.
    """
    return [message for message in catalog if message.id and not _fields_agree(message)]


def _fields_agree(message: Message) -> bool:
    ours = [set(_FIELD.findall(form)) for form in _forms(message.id)]
    everything = set().union(*ours)
    theirs = [set(_FIELD.findall(form)) for form in _forms(message.string) if form]
    if message.pluralizable:
        return all(fields <= everything for fields in theirs)
    return all(fields == everything for fields in theirs)


def _forms(text: Any) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (text or "",)


def po_text(catalog: Catalog) -> bytes:
    """A catalogue as a .po file with nothing in it that changes by itself."""
    out = io.BytesIO()
    pofile.write_po(out, catalog, width=96, no_location=True, omit_header=True, sort_output=True)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalog.locale}\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    return header.encode() + out.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    """The same, compiled: the same bytes for the same translations."""
    catalog.creation_date = catalog.revision_date = _NO_DATE
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def write(language: str, catalog: Catalog) -> None:
    """Write both files, the one for people and the one that Django loads."""
    file = po_file(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(po_text(catalog))
    file.with_suffix(".mo").write_bytes(mo_bytes(catalog))
