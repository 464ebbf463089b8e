"""A data directory as a first start leaves it.

Its tables take as long to make as all that most tests do with them, so an installation that is not
about the first start begins with a copy.
"""

import subprocess
from pathlib import Path

from django.conf import settings

from tests.tgadmin.running import manage
from tgadmin.embedded import PostgresServer, ValkeyServer

#: What it was made with. The tests' own keys, so that their models read what it keeps.
GIVEN = {
    "TGADMIN_ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
    "TGADMIN_ADMIN_PASSWORD": "for-this-test-only",
}


def settle(data: Path) -> Path:
    """Make one; no server is left running."""
    servers = PostgresServer(data), ValkeyServer(data)
    for server in servers:
        server.start()
    try:
        answer = manage("setup", timeout=120, TGADMIN_DATA=str(data), **GIVEN)
        assert answer.returncode == 0, answer.stderr
    finally:
        for server in servers:
            server.stop()
    return data


def copy_data(made: Path, data: Path) -> None:
    """Copy one, with its owners: PostgreSQL may run as another user."""
    data.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", made, data], check=True)
