"""PostgreSQL for one data directory: made, started, prepared and stopped."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from tgadmin.embedded import processes
from tgadmin.embedded.binaries import postgres_bin, postgres_major
from tgadmin.embedded.errors import ServerError
from tgadmin.embedded.identity import choose_identity
from tgadmin.embedded.paths import POSTGRES_PORT, prepare_socket_directory, socket_directory

ROLE = DATABASE = "app"
EXTENSIONS = ("pg_trgm", "btree_gin")

_SUPERUSER = "postgres"
_BUILTIN_LOCALES_SINCE = 17
_START_SECONDS = 600.0
"""Recovery after a crash may take minutes; a server that cannot start ends by itself."""
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class PostgresServer:
    """One cluster in `<data>/postgres`, reachable through a Unix socket alone."""

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self.data = data
        self.cluster = data / "postgres"
        self.sockets = socket_directory(data)
        self.socket = self.sockets / f".s.PGSQL.{POSTGRES_PORT}"
        self.log = data / "logs" / "postgres.log"
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """Start the server, making the cluster, role, database and extensions that are missing."""
        self.prepare(tell)
        self.spawn()
        self._wait_until_it_answers(tell)
        self._prepare_database()

    def prepare(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """Make what must be there before the server starts, and end the one of an earlier start."""
        programs = postgres_bin()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        prepare_socket_directory(self.sockets)
        if self.cluster.exists():
            self._refuse_other_major(postgres_major(programs))
        else:
            tell("Making the PostgreSQL data directory …")
            self._make_cluster(programs)
        self._end_predecessor(tell)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server process without waiting until it answers."""
        identity = choose_identity(self.cluster)
        identity.own(self.sockets)
        with self.log.open("ab") as output:
            self.process = processes.spawn(
                [postgres_bin() / "postgres", "-D", self.cluster, *self._settings()],
                die_with=signal.SIGINT,
                output=output,
                env=_ENVIRONMENT,
                identity=identity,
            )
        return self.process

    def stop(self, seconds: float = 30) -> None:
        """Stop fast: sessions are ended, everything is written (SIGINT, "fast shutdown")."""
        if self.process:
            processes.stop(self.process, with_signal=signal.SIGINT, seconds=seconds)

    def _refuse_other_major(self, major: int) -> None:
        try:
            made_by = (self.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        except OSError as error:
            raise ServerError(
                f"{self.cluster} is no PostgreSQL data directory, or cannot be read ({error}). "
                "Choose another data directory with --data, or restore this one from a backup."
            ) from error
        if made_by != str(major):
            raise ServerError(
                f"{self.cluster} was made by PostgreSQL {made_by}, and the one installed here is "
                f"{major}, which cannot read it. Nothing was changed. Start it with the version "
                f"of tgadmin that brought PostgreSQL {made_by}, save it with pg_dump, and restore "
                "that into a new data directory (--data)."
            )

    def _make_cluster(self, programs: Path) -> None:
        """Run initdb beside the final place and move the result there: never half a cluster."""
        self.data.mkdir(parents=True, exist_ok=True)
        for left in self.data.glob("postgres.new-*"):
            shutil.rmtree(left, ignore_errors=True)
        made = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.data))
        try:
            self._run_initdb(programs, made)
            made.rename(self.cluster)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise

    def _run_initdb(self, programs: Path, made: Path) -> None:
        identity = choose_identity(made)
        if identity.uid is not None:
            # Another user must get through; what is secret in there has folders of its own.
            self.data.chmod(self.data.stat().st_mode | 0o711)
        identity.own(made)
        answer = subprocess.run(
            processes.launch_command(
                [
                    programs / "initdb",
                    "--pgdata",
                    made,
                    f"--username={_SUPERUSER}",
                    "--auth=trust",  # the socket's folder is open to its owner alone
                    "--encoding=UTF8",
                    "--data-checksums",
                    *_locale(postgres_major(programs)),
                    *([] if self.durable else ["--no-sync"]),
                ],
                die_with=signal.SIGKILL,
                identity=identity,
            ),
            env=_ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            raise ServerError(f"PostgreSQL's initdb failed: {_explain(answer.stderr)}")

    def _end_predecessor(self, tell: Callable[[str], None]) -> None:
        """Wait for the server of an `up` that was killed; forget one that is gone.

        PostgreSQL itself refuses to start while the process id in postmaster.pid is in use, be
        it by a zombie or, after a restart of the machine or container, by anything else.
        """
        file = self.cluster / "postmaster.pid"
        try:
            pid = int(file.read_text(encoding="utf-8", errors="replace").split()[0])
        except (OSError, ValueError, IndexError):
            return
        if self._runs_here(pid):
            tell(f"Waiting for the PostgreSQL of an earlier start (process {pid}) to end …")
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGINT)
            if not processes.wait_until(lambda: not self._runs_here(pid), seconds=60):
                raise ServerError(
                    f"Another PostgreSQL (process {pid}) is using {self.cluster}, and does not "
                    f"end. Look at {self.log}; end it with: kill -INT {pid}"
                )
        file.unlink(missing_ok=True)

    def _runs_here(self, pid: int) -> bool:
        """Tell whether a process is a server of this cluster: a postmaster's folder is its cluster."""
        if not processes.is_alive(pid):
            return False
        try:
            return Path(f"/proc/{pid}/cwd").samefile(self.cluster)
        except OSError:
            if sys.platform.startswith("linux"):
                return False
        answer = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return str(self.cluster) in answer.stdout

    def _settings(self) -> list[str]:
        memory = _memory()
        settings = {
            "listen_addresses": "",
            "port": POSTGRES_PORT,
            "unix_socket_directories": self.sockets,
            "unix_socket_permissions": "0700",
            "max_connections": 100,
            "shared_buffers": f"{min(max(memory // 8, 64), 2048)}MB",
            "effective_cache_size": f"{max(memory // 2, 256)}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": f"{min(max(memory // 16, 64), 256)}MB",
            "max_wal_size": "2GB",
            "checkpoint_timeout": "15min",
            "wal_compression": "on",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %a ",
            "log_min_duration_statement": "5s",
            # Values of statements are people's messages and secrets: not for a log.
            "log_parameter_max_length": 0,
            "log_parameter_max_length_on_error": 0,
        }
        if not self.durable:
            settings |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "shared_buffers": "128MB",
            }
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets),
            port=POSTGRES_PORT,
            user=_SUPERUSER,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def _wait_until_it_answers(self, tell: Callable[[str], None]) -> None:
        assert self.process  # noqa: S101 - for the type checker
        began, told = time.monotonic(), 0
        while True:
            if self.process.poll() is not None:
                raise ServerError(f"PostgreSQL did not start: {_explain(_tail(self.log))}")
            try:
                self._connect().close()
            except psycopg.OperationalError as error:
                waited = time.monotonic() - began
                if waited > _START_SECONDS:
                    self.stop()
                    raise ServerError(
                        f"PostgreSQL did not answer within {_START_SECONDS:.0f} s: {error}. "
                        f"Look at {self.log}."
                    ) from error
                if waited // 10 > told:
                    told += 1
                    tell("PostgreSQL is still starting (it may be recovering from a crash) …")
                time.sleep(0.03)
            else:
                return

    def _prepare_database(self) -> None:
        with self._connect() as connection:
            if not connection.execute(
                "SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]
            ).fetchone():
                # CREATEDB is for the tests' databases, pg_monitor for figures about the server.
                connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB IN ROLE pg_monitor")
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        with self._connect(DATABASE) as connection:
            for extension in EXTENSIONS:
                connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
            found = connection.execute("SELECT show_trgm('Привет')").fetchone()
        if not (found and found[0]):
            self.stop()
            raise ServerError(
                "This PostgreSQL's locale knows no letters beyond ASCII (LC_CTYPE), so searching "
                "Cyrillic and other scripts would find nothing. Install the C.UTF-8 locale, or "
                "PostgreSQL 17 or newer, and start with a new data directory."
            )


def _memory() -> int:
    """Return the machine's memory in MB."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    except (ValueError, OSError):
        return 2048


def _locale(major: int) -> list[str]:
    """Return initdb's options for byte order collation and Unicode's classes of letters.

    With LC_CTYPE=C, pg_trgm takes no letter outside ASCII for one.
    """
    options = ["--lc-collate=C", "--lc-ctype=C.UTF-8"]
    if major >= _BUILTIN_LOCALES_SINCE:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options


def _tail(log: Path, lines: int = 12) -> str:
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _explain(text: str) -> str:
    """Put the commonest causes in words before PostgreSQL's own."""
    text = text.strip() or "it said nothing"
    if "No space left on device" in text:
        return f"no space is left on the disk. Make room and start again.\n{text}"
    if "Permission denied" in text or "could not access directory" in text:
        return (
            "a folder may not be read or written. Give the user who starts this the right to, "
            f"or choose another data directory with --data.\n{text}"
        )
    return text
