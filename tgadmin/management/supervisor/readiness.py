"""Asking the web process whether everything works, and telling the person when it does."""

import http.client
import json
import time
from pathlib import Path

from tgadmin import env
from tgadmin.management.supervisor.output import say
from tgadmin.management.supervisor.preflight import is_loopback

_EVERY = 0.2
_TELL_AFTER = 30.0
FIRST_PASSWORD = Path("secrets") / "first-password"
"""The generated password, kept from the moment it was made until somebody was told."""
USER_NAME = Path("administrator")


class Readiness:
    """Whether the installation answers as ready, and the line that says so."""

    def __init__(self, host: str, port: int) -> None:
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - listened on, not connected to
        self._host = everywhere.get(host, host).strip("[]")
        self._port = port
        name = host
        if not is_loopback(host):
            name = next(iter(env.allowed_hosts()), host)
        self.url = f"http://{f'[{name}]' if ':' in name else name}:{port}/"
        self.is_announced = False
        self._began = self._told = time.monotonic()
        self._asked = 0.0

    def ask(self) -> bool:
        """Ask /readyz, not too often."""
        if time.monotonic() - self._asked < _EVERY:
            return False
        self._asked = time.monotonic()
        connection = http.client.HTTPConnection(self._host, self._port, timeout=3)
        try:
            # The name that ALLOWED_HOSTS always has; a proxy's name may not be among them.
            connection.request("GET", "/readyz", headers={"Host": "localhost"})
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            self._tell("the web process does not answer yet")
            return False
        finally:
            connection.close()
        if answer.status != http.HTTPStatus.OK:
            self._tell(_lacking(body))
        return answer.status == http.HTTPStatus.OK

    def announce(self, data: Path) -> None:
        self.is_announced = True
        say(f"tgadmin is ready: {self.url}")
        say(f"user name: {_read(data / USER_NAME) or env.admin_user()}")
        password = _read(data / FIRST_PASSWORD)
        if password:
            say(f"password:  {password}   (shown this once; change it after the first login)")
            (data / FIRST_PASSWORD).unlink()

    def _tell(self, reason: str) -> None:
        if time.monotonic() - self._told > _TELL_AFTER:
            self._told = time.monotonic()
            say(f"Not ready after {self._told - self._began:.0f} s: {reason}")


def _lacking(body: bytes) -> str:
    try:
        checks = json.loads(body)["checks"]
    except (ValueError, KeyError, TypeError):
        return "/readyz answers with an error; see logs/web.log in the data directory"
    return ", ".join(f"{name}: {text}" for name, text in checks.items() if text != "ok")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
