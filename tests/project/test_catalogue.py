"""The translations keep up with the code.

When this fails, run `python3 manage.py catalogue`, translate what it lists in locale/, and run it
again.
"""

import pytest
from babel.messages import Catalog

from tgadmin.management import catalogue

pytestmark = pytest.mark.parametrize("language", catalogue.languages())


@pytest.fixture(scope="module")
def extracted() -> Catalog:
    return catalogue.extracted()


def test_every_marked_string_is_translated(language: str, extracted: Catalog) -> None:
    catalog = catalogue.merged(language, extracted)
    assert len(catalog) > 800
    assert [message.id for message in catalogue.untranslated(catalog)] == []


def test_a_translation_has_the_placeholders_of_its_string(
    language: str, extracted: Catalog
) -> None:
    catalog = catalogue.merged(language, extracted)
    assert [message.id for message in catalogue.mistaken(catalog)] == []


def test_both_files_are_as_the_command_writes_them(language: str, extracted: Catalog) -> None:
    catalog = catalogue.merged(language, extracted)
    file = catalogue.po_file(language)
    assert file.read_bytes() == catalogue.po_text(catalog)
    assert file.with_suffix(".mo").read_bytes() == catalogue.mo_bytes(catalog)


def test_no_two_plurals_share_a_singular(language: str) -> None:
    assert not catalogue.confused()


def test_plurals_have_the_forms_of_their_language(language: str) -> None:
    catalog = catalogue.stored(language)
    assert catalog.num_plurals == {"ru": 3}[language]
