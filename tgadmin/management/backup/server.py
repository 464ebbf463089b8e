"""The database of a data directory, also while `up` does not run."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from django.db import connection

from tgadmin import env
from tgadmin.embedded import PostgresServer, ServerError
from tgadmin.management.backup.manifest import BackupError
from tgadmin.management.supervisor import UpError, preflight
from tgadmin.management.supervisor.instance import Instance

Say = Callable[[str], None]


@contextlib.contextmanager
def to_read(data: Path, say: Say) -> Iterator[None]:
    """The database that is there: the running one, else started for as long as this takes."""
    server = PostgresServer(data)
    if env.database_is_given() or server.socket.exists():
        yield
        return
    if not server.cluster.exists():
        raise BackupError(
            f"There is no archive in {data}. Name its data directory with --data, or start it "
            f"with: {env.up_command()}"
        )
    with _alone(data), _started(server, say):
        yield


@contextlib.contextmanager
def to_fill(data: Path, say: Say) -> Iterator[None]:
    """A database that nothing else uses: `up` must not run, a new data directory is made."""
    os.umask(0o077)  # what is archived is its owner's
    try:
        preflight.prepare_data(data, demo=env.demo())
    except UpError as error:
        raise BackupError(str(error)) from error
    with _alone(data):
        if env.database_is_given():
            yield
            return
        with _started(PostgresServer(data), say):
            yield


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    instance = Instance(data)
    try:
        instance.acquire(url="a backup or a restore")
    except UpError as error:
        raise BackupError(str(error)) from error
    try:
        yield
    finally:
        instance.release()


@contextlib.contextmanager
def _started(server: PostgresServer, say: Say) -> Iterator[None]:
    try:
        server.start(say)
        yield
    except ServerError as error:
        raise BackupError(str(error)) from error
    finally:
        connection.close()
        server.stop()
