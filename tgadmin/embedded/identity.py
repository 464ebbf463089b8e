"""As whom PostgreSQL runs: it refuses to be root.

An ordinary user runs it as themselves. Root enters a user namespace where root is called
something else; where the kernel or a container forbids that, it becomes the owner of the data
directory, and where root owns that too, a system user without rights.
"""

import functools
import os
import pwd
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tgadmin.embedded.errors import ServerError

_LAUNCH = Path(__file__).with_name("launch.py")
_UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a server is: the present user, root in a namespace, or another user."""

    namespace: bool = False
    uid: int | None = None
    gid: int | None = None

    def arguments(self) -> list[str]:
        """Return the options of launch.py that make a process this."""
        if self.namespace:
            return ["--namespace"]
        if self.uid is not None:
            return [f"--uid={self.uid}", f"--gid={self.gid}"]
        return []

    def own(self, path: Path) -> None:
        """Hand a file or folder to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


@functools.cache
def namespaces_work() -> bool:
    """Tell whether this process may make user namespaces (containers often forbid it)."""
    if not sys.platform.startswith("linux"):
        return False
    trial = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            str(_LAUNCH),
            f"--parent={os.getpid()}",
            f"--signal={int(signal.SIGKILL)}",
            "--namespace",
            "--",
            sys.executable,
            "-I",
            "-S",
            "-c",
            "import os; raise SystemExit(os.geteuid() == 0)",
        ],
        capture_output=True,
        check=False,
    )
    return trial.returncode == 0


def choose_identity(cluster: Path) -> Identity:
    """Say who runs PostgreSQL for the data directory `cluster` (which need not exist yet)."""
    if os.geteuid() != 0:
        return Identity()
    owner = _owner(cluster)
    if owner is not None and owner[0] != 0:
        return Identity(uid=owner[0], gid=owner[1])
    if namespaces_work():
        return Identity(namespace=True)
    owner = _owner(cluster.parent)
    if owner is not None and owner[0] != 0:
        return Identity(uid=owner[0], gid=owner[1])
    for name in _UNPRIVILEGED:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Identity(uid=user.pw_uid, gid=user.pw_gid)
    raise ServerError(
        "PostgreSQL does not run as root, and this system lets root become nobody else. "
        "Run this as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
    )


def _owner(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_uid, found.st_gid
