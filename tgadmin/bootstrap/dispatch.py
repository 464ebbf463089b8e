"""Running a Django command, and saying in a sentence what a person can do about the usual errors."""

import os
import sys


def run(argv: list[str]) -> int:
    """Run a command of Django's or of an app; returns the exit code."""
    # Not setdefault: the shell's own variable may name another project. --settings still works.
    os.environ["DJANGO_SETTINGS_MODULE"] = "tgadmin.settings"
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - the settings come first
    from django.core.management import execute_from_command_line  # noqa: PLC0415
    from django.db import OperationalError  # noqa: PLC0415
    from redis.exceptions import ConnectionError as ValkeyConnectionError  # noqa: PLC0415

    try:
        execute_from_command_line(argv)
    except ImproperlyConfigured as error:
        return _fail(str(error))
    except (OperationalError, ValkeyConnectionError) as error:
        sentence = _servers_are_down(error)
        if sentence is None:
            raise
        return _fail(sentence)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (`head`, say) has had enough. Nothing is left to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return 0


def _fail(text: str) -> int:
    print(text, file=sys.stderr)  # noqa: T201
    return 1


def _servers_are_down(error: Exception) -> str | None:
    """Return what to do when no server answered; None when the error is another one."""
    from django.db import OperationalError, connection  # noqa: PLC0415

    from tgadmin import env  # noqa: PLC0415

    if isinstance(error, OperationalError):
        if connection.connection is not None and not connection.connection.closed:
            return None
        given, name, variable = env.database_is_given(), "PostgreSQL", "DATABASE_URL"
    else:
        given, name, variable = env.redis_is_given(), "Valkey", "REDIS_URL"
    if given:
        reason = str(error).strip().splitlines()[0]
        return f"{name} does not answer at the address of {variable}: {reason}"
    return f"The servers of {env.data_dir()} are not running. Start them with: {env.up_command()}"
