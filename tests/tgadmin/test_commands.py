"""What every command of ours takes, and each of its subcommands: `-q`, `-v 2`, `--help`."""

import argparse
from collections.abc import Iterator

import pytest
from django.core.management import get_commands, load_command_class

from tests.tgadmin.running import BASE
from tgadmin.bootstrap.options import take_options

#: A program of its own, with options of its own.
_OTHERS = {"sandbox"}
APPS = {path.parent.parent.parent.name for path in BASE.glob("*/management/commands/__init__.py")}
COMMANDS = sorted(
    name for name, app in get_commands().items() if app in APPS and name not in _OTHERS
)


def parser_of(command: str) -> argparse.ArgumentParser:
    """Its parser, asking for nothing: what a command needs besides is not what is looked at."""
    parser = load_command_class(get_commands()[command], command).create_parser(
        "manage.py", command
    )
    for _, each in _parsers((), parser):
        for action in each._actions:
            action.required = False
        for group in each._mutually_exclusive_groups:
            group.required = False
    return parser


def _parsers(
    path: tuple[str, ...], parser: argparse.ArgumentParser
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """A parser and those of its subcommands, each with the words that lead to it."""
    yield path, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                yield from _parsers((*path, name), sub)


@pytest.mark.parametrize("command", COMMANDS)
def test_it_can_be_told_to_say_less_and_more(command: str) -> None:
    parser = parser_of(command)
    for path, _ in _parsers((), parser):
        for given, wanted in (("-q", 0), ("--quiet", 0), ("-v2", 2)):
            (name, *rest), _changes = take_options([command, *path, given])
            assert name == command
            assert parser.parse_args(rest).verbosity == wanted
        (_, *rest), changes = take_options([command, *path, "-v", "2"])
        assert parser.parse_args(rest).verbosity == 2
        assert changes == {"LOG_LEVEL": "DEBUG"}


@pytest.mark.parametrize("command", COMMANDS)
def test_it_tells_how_it_is_used(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = parser_of(command)
    for path, _ in _parsers((), parser):
        with pytest.raises(SystemExit) as ended:
            parser.parse_args([*path, "--help"])
        assert ended.value.code == 0
        assert capsys.readouterr().out.startswith(f"usage: manage.py {command}")


def test_all_of_them_are_asked() -> None:
    files = BASE.glob("*/management/commands/[a-z]*.py")
    assert {file.stem for file in files} == {*COMMANDS, *_OTHERS}
