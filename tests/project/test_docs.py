"""The documentation keeps up with the code: commands, options, settings, links."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from archive.filters import KINDS
from ingestion.sources.mtproto.mapping import kept_raw
from ingestion.sources.mtproto.mapping.entities import TYPES
from tests.project.files import BASE, DOCS

OURS = ("tgadmin", "workspaces", "ingestion", "archive", "dashboard")
# Commands of an app that nobody types: `up` does.
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PAGES = sorted([*DOCS.rglob("*.md"), *BASE.glob("*.md")])


def own_commands() -> list[str]:
    return sorted(
        name for name, app in get_commands().items() if str(app).split(".", maxsplit=1)[0] in OURS
    )


def options_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the long options of a parser and of its subcommands."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, part in action.choices.items():
                yield name
                yield from options_of(part)
        else:
            yield from (option for option in action.option_strings if option.startswith("--"))


def section_of(command: str) -> str:
    """Return what docs/commands.md says of a command, up to the next one."""
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    match = re.search(rf"^## {command}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return match[1] if match else ""


@pytest.mark.parametrize("command", own_commands())
def test_every_command_and_option_is_described(command: str) -> None:
    section = section_of(command)
    assert section, f"docs/commands.md has no heading “## {command}”"
    made = load_command_class(get_commands()[command], command)
    everybodys = set(options_of(BaseCommand().create_parser("manage.py", "any")))
    options = set(options_of(made.create_parser("manage.py", command))) - everybodys
    hidden = {"--noinput"}  # another spelling of --no-input
    missing = sorted(option for option in options - hidden if not _names(section, option))
    assert not missing


def _names(section: str, option: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", section) is not None


def test_no_command_is_described_that_does_not_exist() -> None:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^## ([a-z_]+)$", text, re.MULTILINE))
    assert described == {*own_commands(), "test"}


def test_every_setting_is_described() -> None:
    names = set(
        re.findall(
            r"^# ([A-Z0-9_]+)=", (BASE / ".env.example").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    described = set(
        re.findall(
            r"^\| `([A-Z0-9_]+)`", (DOCS / "configuration.md").read_text("utf-8"), re.MULTILINE
        )
    )
    assert names == described


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(BASE)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(_without_code(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f"{target} is not there"
        if anchor:
            assert anchor in _anchors(file), f"{target}: there is no such heading"


def test_every_page_can_be_found_from_the_first_one() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    linked = {target.partition("#")[0] for target in LINK.findall(index)}
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} - {"README.md"}
    assert pages <= linked


def test_the_readme_shows_a_picture_and_both_commands() -> None:
    text = (BASE / "README.md").read_text(encoding="utf-8")
    assert "python3 manage.py up" in text
    assert "python3 manage.py test" in text
    pictures = re.findall(r'(?:src|srcset)="([^"]+\.png)"', text)
    assert pictures
    assert all((BASE / picture).stat().st_size > 10_000 for picture in pictures)


def _without_code(text: str) -> str:
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", _without_code(page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in headings}


def test_every_kind_of_message_is_documented() -> None:
    page = (DOCS / "kinds.md").read_text()
    kinds = re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]*\|$", page, re.MULTILINE)
    assert set(kinds) == set(KINDS)
    types = page[page.index("## Formatting") : page.index("## Replies")]
    assert {*TYPES.values(), "unknown"} <= set(re.findall(r"`(\w+)`", types))


def test_what_is_kept_raw_only_is_documented_with_its_reason() -> None:
    page = (DOCS / "kinds.md").read_text()
    tables = (table for name, table in vars(kept_raw).items() if name.isupper() and name[0] != "_")
    listed = [line for table in tables for line in table.items()]
    assert len(listed) > 20
    for name, reason in listed:
        assert f"| `{name}` | {reason} |" in page
