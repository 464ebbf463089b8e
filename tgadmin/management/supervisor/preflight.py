"""What is looked at before anything is made or started."""

import errno
import hashlib
import ipaddress
import os
import shutil
import socket
import time
from pathlib import Path

import psycopg
import redis

_SPACE_NEEDED = 300 * 2**20
"""Bytes for a new PostgreSQL data directory and its first write-ahead log."""
_PORT_PATIENCE = 3.0
"""Seconds in which the web processes of an `up` that was killed give up their port."""
_DEMO_MARK = "demo"


class UpError(Exception):
    """`up` cannot go on; the text says why and what to do."""


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_host(host: str, allowed: list[str]) -> None:
    """Insist on named hosts before the network is let in (else any Host header would do)."""
    if not is_loopback(host) and not allowed:
        raise UpError(
            f"--host {host} lets other machines in, so tgadmin must know the names it is reached "
            "by. Set TGADMIN_ALLOWED_HOSTS, for example:\n\n"
            f"    TGADMIN_ALLOWED_HOSTS=archive.example.org python3 manage.py up --host {host}\n\n"
            "and put a proxy with TLS before it (TGADMIN_HTTPS=1): passwords travel here."
        )


def check_port(host: str, port: int) -> None:
    """Refuse a port that is taken, before anything is started."""
    deadline = time.monotonic() + _PORT_PATIENCE
    while True:
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, socket.SOCK_STREAM) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                if time.monotonic() < deadline:
                    time.sleep(0.2)
                    continue
                raise UpError(
                    f"Port {port} is in use by another program. Choose another one: "
                    f"python3 manage.py up --port {port + 1 if port < 65535 else 8000}"
                ) from error
            if error.errno == errno.EACCES:
                raise UpError(
                    f"Port {port} is for the system's own services (below 1024). Choose another "
                    "one, for example: python3 manage.py up --port 8000"
                ) from error
            raise UpError(
                f"Nothing can listen on {host}, port {port}: {error.strerror}."
            ) from error
        else:
            return


def prepare_data(data: Path, *, demo: bool) -> None:
    """Make the data directory, or find it in order; a demo's is never an archive's."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UpError(
            f"The data directory {data} cannot be made ({error.strerror}). Choose another one with "
            "--data."
        ) from error
    if not os.access(data, os.W_OK | os.X_OK):
        raise UpError(
            f"You may not write to the data directory {data}. Start this as the user whom it "
            "belongs to, or choose another one with --data."
        )
    free = shutil.disk_usage(data).free
    if free < _SPACE_NEEDED:
        raise UpError(
            f"{free // 2**20} MB are free on the disk of {data}, and at least "
            f"{_SPACE_NEEDED // 2**20} MB are needed. Make room, or choose a data directory on "
            "another disk with --data."
        )
    mark = data / _DEMO_MARK
    if demo:
        if (data / "postgres").exists() and not mark.exists():
            raise UpError(
                f"{data} holds an archive, and a demo must not be mixed into it. Leave out --demo, "
                "or choose another data directory with --data."
            )
        mark.touch()
    elif mark.exists():
        raise UpError(f"{data} holds a demo. Add --demo, or choose another data directory.")


def check_database(url: str, *, data: Path, demo: bool) -> None:
    """Reach the PostgreSQL that DATABASE_URL names; refuse to play in somebody's archive."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            used = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
            where = connection.execute(
                "SELECT system_identifier::text || current_database() FROM pg_control_system()"
            ).fetchone()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise UpError(f"The PostgreSQL of DATABASE_URL cannot be used: {reason}") from error
    if demo:
        name = hashlib.sha256(str(where).encode()).hexdigest()
        mark = data / _DEMO_MARK
        if used and used[0] and mark.read_text(encoding="ascii").strip() != name:
            raise UpError(
                "The database of DATABASE_URL is in use, and a demo must not be mixed into it. "
                "Unset DATABASE_URL for the demo, or give it an empty database."
            )
        mark.write_text(name + "\n", encoding="ascii")


def check_valkey(url: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=10) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        raise UpError(f"The Valkey or Redis of REDIS_URL cannot be used: {error}") from error
