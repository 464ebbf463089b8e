"""What every command takes: --data and --demo say which archive is meant, -v and -q how much is
told.
"""

import re
from pathlib import Path

from tgadmin.bootstrap.errors import SetupError

#: What Django's `--verbosity` means for the log; 1 leaves it as LOG_LEVEL says.
_LEVELS = {"0": "WARNING", "2": "DEBUG", "3": "DEBUG"}
#: They hand their arguments over to programs that have options of their own.
_OTHERS = {"sandbox", "test"}


def take_options(arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """Take --data, --demo, -v and -q out of a command's arguments.

    Returns the other arguments and the environment variables that they stand for. What follows
    `--` is left alone. How much is told becomes Django's `--verbosity`, right behind the command
    (behind a subcommand Django would not know it), and `LOG_LEVEL`.
    """
    rest: list[str] = []
    changes: dict[str, str] = {}
    verbosity = ""
    left = iter(arguments)
    for argument in left:
        if argument == "--" or (rest and rest[0] in _OTHERS and argument.startswith(("-q", "-v"))):
            rest += [argument, *left]
        elif argument in {"-q", "--quiet"}:
            verbosity = "0"
        elif argument in {"-v", "--verbosity"}:
            verbosity = _verbosity(next(left, ""))
        elif re.fullmatch(r"-v\d|--verbosity=.*", argument):
            verbosity = _verbosity(argument.removeprefix("--verbosity=").removeprefix("-v"))
        elif argument == "--demo":
            changes["TGADMIN_DEMO"] = "1"
        elif argument == "--data" or argument.startswith("--data="):
            name = argument[7:] if argument.startswith("--data=") else next(left, "")
            if not name or name.startswith("--"):
                raise SetupError("--data needs a folder, for example: --data /srv/tgadmin")
            changes["TGADMIN_DATA"] = str(Path(name).expanduser().absolute())
        else:
            rest.append(argument)
    if verbosity and rest and rest[0] not in _OTHERS:
        rest.insert(1, f"--verbosity={verbosity}")
        changes |= {"LOG_LEVEL": _LEVELS[verbosity]} if verbosity in _LEVELS else {}
    return rest, changes


def _verbosity(text: str) -> str:
    if text not in {"0", "1", "2", "3"}:
        raise SetupError("-v needs a number from 0 (as -q: only what went wrong) to 3 (everything)")
    return text
