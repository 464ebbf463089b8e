"""Starting everything in order, watching it, and stopping it in order.

One thread does it all: children end with the thread that started them (PR_SET_PDEATHSIG), and
one loop has nothing to lock.
"""

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

from tgadmin import env
from tgadmin.embedded import (
    PostgresServer,
    ServerError,
    ValkeyServer,
    remove_socket_directory,
)
from tgadmin.management.supervisor import preflight
from tgadmin.management.supervisor.children import Child, Start
from tgadmin.management.supervisor.instance import Instance
from tgadmin.management.supervisor.keys import make_missing_keys
from tgadmin.management.supervisor.output import ChildOutput, rotate_in_place, say
from tgadmin.management.supervisor.preflight import UpError
from tgadmin.management.supervisor.programs import Programs, has_command
from tgadmin.management.supervisor.readiness import Readiness

_PATIENCE = 8.0
"""Seconds that programs have to end by themselves; a worker ends its slice at the next page."""
_STOP_SECONDS = 9.2
_HOPELESS = 3
"""Ends of one program before it was ever ready: waiting for it longer helps nobody."""
_NAME_WIDTH = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `up` was asked for."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    #: Show nothing of what the programs print; their logs have it.
    quiet: bool = False


class Stop(BaseException):
    """A signal asked for the end."""


class Supervisor:
    """Everything of one data directory, from the first key to the last process."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.data = env.data_dir()
        self.demo = env.demo()
        self.programs = Programs(self.data, demo=self.demo)
        self.readiness = Readiness(options.host, options.port)
        self.instance = Instance(self.data)
        self.postgres: Child | None = None
        self.valkey: Child | None = None
        self.sandbox: Child | None = None
        self.apps: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self._stopping = False
        self._kill_now = False
        self._rotated = time.monotonic()

    def run(self) -> int:
        """Start everything and stay until a signal comes; returns the exit code."""
        os.umask(0o077)  # what is archived here is its owner's
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Under nohup it has to survive the terminal.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        try:
            preflight.check_host(self.options.host, env.allowed_hosts())
            self.instance.refuse_second()
            preflight.check_port(self.options.host, self.options.port)
            preflight.prepare_data(self.data, demo=self.demo)
            self.instance.acquire(url=self.readiness.url)
            for line in make_missing_keys(self.data):
                say(line)
            self._start()
            while True:
                self._watch()
        except Stop:
            return 0
        except (UpError, ServerError) as error:
            # What was starting is stopped in `finally`; the reason stands above that.
            say(f"\n{error}")
            return 1
        finally:
            self._stop()
            self.instance.release()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self._stopping:
            self._kill_now = True  # a second Ctrl-C
            return
        self._stopping = True
        raise Stop

    # Starting

    def _start(self) -> None:
        setup = self._add("setup", self.programs.setup, once=True)
        self._start_sandbox()
        self._start_postgres()
        self._start_valkey()
        self._run_to_its_end(setup)
        self._add("web", lambda: self.programs.web(self.options.host, self.options.port))
        if has_command("worker"):
            for number in range(1, self.options.workers + 1):
                self._add(f"worker-{number}", lambda: self.programs.worker("slices"))
            self._add("calls", lambda: self.programs.worker("calls"))
            self._add("exports", lambda: self.programs.worker("exports"))
            self._add("media", lambda: self.programs.worker("media"))
        if has_command("listener"):
            self._add("listener", lambda: self.programs.manage("listener"))
        if has_command("tick"):
            self._add("tick", lambda: self.programs.manage("tick"))
        if self.demo and has_command("demo_setup"):
            self._add("demo", lambda: self.programs.manage("demo_setup"), once=True)

    def _start_postgres(self) -> None:
        if env.database_is_given():
            preflight.check_database(env.database_url(), data=self.data, demo=self.demo)
            return
        server = PostgresServer(self.data)
        rotate_in_place(server.log)
        self.postgres = Child("postgres", server.spawn, socket=server.socket)
        try:
            server.start(say)
        finally:
            self.postgres.process = server.process

    def _start_valkey(self) -> None:
        if env.redis_is_given():
            preflight.check_valkey(env.redis_url())
            return
        server = ValkeyServer(self.data)
        rotate_in_place(server.log)
        self.valkey = Child("valkey", server.spawn, socket=server.socket)
        try:
            server.start()
        finally:
            self.valkey.process = server.process

    def _start_sandbox(self) -> None:
        if not self.demo:
            return
        say("Starting the sandbox, a Telegram server of its own for the demo …")
        file = self.programs.sandbox_file
        before = file.stat().st_mtime_ns if file.exists() else None
        self.sandbox = child = Child(
            "sandbox", self.programs.sandbox, output=self._output("sandbox")
        )
        self._launch(child)
        while not file.exists() or file.stat().st_mtime_ns == before:
            self._read_output(0.05)
            if not child.is_running:
                raise UpError(f"The sandbox ended at its start:\n{self._tail(child)}")
        self.programs.point_at_sandbox()

    def _add(self, name: str, start: Start, *, once: bool = False) -> Child:
        child = Child(name, start, output=self._output(name), once=once)
        self.apps.append(child)
        self._launch(child)
        return child

    def _run_to_its_end(self, child: Child) -> None:
        """Let a program that waits go on, and wait until it has ended well."""
        if child.process and child.process.stdin:
            with contextlib.suppress(BrokenPipeError), child.process.stdin as stdin:
                stdin.write(b"go\n")
        while child.is_running:
            self._read_output(0.05)
        self._read_output(0)
        if not child.is_done:
            raise UpError(f"The set-up failed; see above, and {self.data / 'logs'}.")
        self.apps.remove(child)

    def _output(self, name: str) -> ChildOutput:
        log = self.data / "logs" / f"{name}.log"
        return ChildOutput(name, log, width=_NAME_WIDTH, shown=not self.options.quiet)

    def _launch(self, child: Child) -> None:
        child.start()
        self._follow(child)

    def _follow(self, child: Child) -> None:
        """Read from a child's pipe, from now until it closes."""
        pipe = child.process.stdout if child.process else None
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ, (child, pipe))

    # Watching

    def _watch(self) -> None:
        self._read_output(0.5 if self.readiness.is_announced else 0.1)
        for child in self._all():
            if child.look_after():
                self._follow(child)
        if not self.readiness.is_announced:
            self._become_ready()
        if time.monotonic() - self._rotated > 60:
            self._rotated = time.monotonic()
            for name in ("postgres", "valkey"):
                rotate_in_place(self.data / "logs" / f"{name}.log")

    def _become_ready(self) -> None:
        for child in self.apps:
            if child.failures >= _HOPELESS:
                raise UpError(f"{child.name} does not start:\n{self._tail(child)}")
        if all(child.is_done for child in self.apps if child.once) and self.readiness.ask():
            self.readiness.announce(self.data)

    def _all(self) -> Iterator[Child]:
        yield from (child for child in (self.postgres, self.valkey, self.sandbox) if child)
        yield from self.apps

    def _read_output(self, seconds: float) -> None:
        """Read what children print, waiting so long for it; a closed pipe is let go."""
        if not self._selector.get_map():
            time.sleep(seconds)
            return
        for key, _ in self._selector.select(seconds):
            child, pipe = key.data
            try:
                chunk = os.read(key.fd, 65536)
            except BlockingIOError:
                continue
            if child.output:
                child.output.feed(chunk) if chunk else child.output.end()
            if not chunk:
                self._selector.unregister(pipe)
                pipe.close()

    def _tail(self, child: Child) -> str:
        self._read_output(0)
        return child.output.tail() if child.output else ""

    # Stopping

    def _stop(self) -> None:
        """Stop programs first, then what they use; within 10 s, whatever they do."""
        self._stopping = True
        began = time.monotonic()
        if any(child.is_running for child in self._all()):
            say("Stopping …")
        self._end(self.apps, signal.SIGTERM, until=began + _PATIENCE)
        for child in self._some(self.sandbox, self.valkey):
            child.signal(signal.SIGTERM)
        # Fast, then immediate shutdown: what the second leaves unwritten is recovered at the start.
        postgres, until = (
            self._some(self.postgres),
            max(began + _STOP_SECONDS, time.monotonic() + 1),
        )
        if not self._end(postgres, signal.SIGINT, until=until, kill=False):
            self._end(postgres, signal.SIGQUIT, until=time.monotonic() + 0.4)
        self._end(self._some(self.sandbox, self.valkey), signal.SIGTERM, until=until)
        for child in self._all():
            if child.output:
                child.output.close()
        remove_socket_directory(self.data)

    def _some(self, *children: Child | None) -> list[Child]:
        return [child for child in children if child]

    def _end(
        self, children: list[Child], number: signal.Signals, *, until: float, kill: bool = True
    ) -> bool:
        """Ask children to end and wait; tell whether they did, killing them if not (and asked)."""
        for child in children:
            child.signal(number)

        def running() -> bool:
            return any(child.is_running for child in children)

        while running() and time.monotonic() < until and not (self._kill_now and kill):
            self._read_output(0.02)
        ended = not running()
        if not ended and kill:
            for child in children:
                child.kill()
        return ended
