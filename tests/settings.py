"""The settings under which tests run: servers and a data directory of their own.

The environment is replaced before the product's settings are read, so that neither the shell's
variables nor a .env file reach a test, and no test reaches an installation.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

for _left in Path("/tmp").glob("tgadmin-test-[0-9]*-*"):
    # Of a run that was killed: its process, whose number is in the name, is gone.
    if not Path(f"/proc/{_left.name.split('-')[2]}").exists() and Path("/proc/self").exists():
        shutil.rmtree(_left, ignore_errors=True)

_DATA = tempfile.mkdtemp(
    prefix=f"tgadmin-test-{os.getpid()}-", dir="/tmp"
)  # sockets need short paths
atexit.register(shutil.rmtree, _DATA, ignore_errors=True)

for _name in list(os.environ):
    if _name.startswith(("TGADMIN_", "TELEGRAM_", "EMAIL_")) or _name in {
        "DATABASE_URL",
        "REDIS_URL",
        "PGBOUNCER",
        "REPLICA_URL",
        "REPLICA_MAX_LAG",
    }:
        del os.environ[_name]
os.environ.update(
    TGADMIN_ENV_FILE="",
    TGADMIN_DATA=_DATA,
    TGADMIN_SECRET_KEY="for-tests-only-" + "x" * 40,
    TGADMIN_ENCRYPTION_KEYS="dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9uMTI=",
    TELEGRAM_MIN_INTERVAL="0",
    LOG_LEVEL="WARNING",
)

from tgadmin.settings import *  # noqa: E402, F403

Path(_DATA, "static").mkdir()  # WhiteNoise warns of a folder that is not there
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # noqa: F405
# Tests write rows behind its back; those about it take the real one.
SHARED_CACHE = CACHES["shared"]  # noqa: F405
CACHES["shared"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}  # noqa: F405
# Hashing passwords slowly is for people's passwords, not for those of tests.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
