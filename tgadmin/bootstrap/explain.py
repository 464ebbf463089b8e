"""What went wrong at an install, in words, from what pip or uv printed."""

import platform
import re
import sys

from tgadmin.bootstrap.errors import SetupError

UNREACHABLE = (
    "NewConnectionError",
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
    "Name or service not known",
    "nodename nor servname",
    "Network is unreachable",
    "Connection refused",
    "Connection reset",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "Could not fetch URL",
    "dns error",
    "error sending request",
    "Failed to fetch",
    "Network connectivity is disabled",
)
_NO_SPACE = ("No space left on device", "Disk quota exceeded", "os error 28")
_NO_PERMISSION = ("Permission denied", "Operation not permitted", "Read-only file system")
_WRONG_HASH = ("DO NOT MATCH THE HASHES", "Hash mismatch")
_NO_WHEEL = (
    "No matching distribution found",
    "Could not find a version that satisfies",
    "not a supported wheel on this platform",
    "has no wheels with a matching",
    "No solution found when resolving",
    "no wheels are available",
)

PLATFORMS = (
    "tgadmin runs on Linux with glibc (x86-64 and arm64) and on macOS. On Windows, install WSL2 "
    "(`wsl --install`) and start it there; everywhere else, use the Docker image (README.md)."
)


def this_platform() -> str:
    return f"{platform.system()} on {platform.machine()}, Python {platform.python_version()}"


def check_platform() -> None:
    """Refuse systems that lack the servers' wheels before anything is downloaded."""
    if sys.platform == "win32":
        raise SetupError(f"There are no servers for Windows to install. {PLATFORMS}")
    if sys.platform == "linux" and platform.libc_ver(sys.executable)[0] == "":
        raise SetupError(f"This Linux has no glibc (musl, as in Alpine). {PLATFORMS}")


def explain(output: str, *, folder: str) -> SetupError:
    """Return the error for a failed installer that printed `output`.

    The order matters: pip without network first complains about the connection and then, as if
    that were the cause, that no version was found.
    """
    told = "\n".join(output.strip().splitlines()[-12:])

    def any_of(signs: tuple[str, ...]) -> bool:
        return any(re.search(re.escape(sign), output, re.IGNORECASE) for sign in signs)

    if any_of(_NO_SPACE):
        text = f"No space is left on the disk. Make room (1 GB) in {folder} and start again."
    elif any_of(_WRONG_HASH):
        text = (
            "A downloaded package is not the one that requirements.txt names, so it was not "
            "installed. Check which package index pip is set to use, and that the checkout is "
            "unchanged (git status)."
        )
    elif any_of(UNREACHABLE):
        text = (
            "The packages could not be downloaded: no connection to the package index. Check the "
            "network (behind a proxy, set HTTPS_PROXY) and start again. Once installed, tgadmin "
            "starts without network."
        )
    elif any_of(_NO_PERMISSION):
        text = (
            f"{folder} may not be written to. Start this as the user whom the folder belongs to, "
            "or put the checkout into a folder of your own."
        )
    elif any_of(_NO_WHEEL):
        text = (
            f"A package does not exist for this platform ({this_platform()}). {PLATFORMS} "
            "A very new Python may have no packages yet: try the one before it."
        )
    else:
        text = "The packages could not be installed. The installer's last words are above."
    return SetupError(f"{told}\n\n{text}")
