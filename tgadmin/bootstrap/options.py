"""--data and --demo, which every command takes: they say which archive is meant."""

from pathlib import Path

from tgadmin.bootstrap.errors import SetupError


def take_options(arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """Take --data and --demo out of a command's arguments.

    Returns the other arguments and the environment variables that the two stand for. What
    follows `--` is left alone.
    """
    rest: list[str] = []
    changes: dict[str, str] = {}
    left = iter(arguments)
    for argument in left:
        if argument == "--":
            rest += [argument, *left]
        elif argument == "--demo":
            changes["TGADMIN_DEMO"] = "1"
        elif argument == "--data" or argument.startswith("--data="):
            name = argument[7:] if argument.startswith("--data=") else next(left, "")
            if not name or name.startswith("--"):
                raise SetupError("--data needs a folder, for example: --data /srv/tgadmin")
            changes["TGADMIN_DATA"] = str(Path(name).expanduser().absolute())
        else:
            rest.append(argument)
    return rest, changes
