"""The memory of a process, as the kernel counts it (proc(5))."""

from pathlib import Path


def peak_mb(pid: int | str = "self") -> float:
    """Peak resident megabytes so far (VmHWM); 0 when the process is gone or nothing is told."""
    return _megabytes(pid, "VmHWM:")


def rss_mb(pid: int | str) -> float:
    """Resident megabytes now (VmRSS), what a forked child shares with its parent included."""
    return _megabytes(pid, "VmRSS:")


def _megabytes(pid: int | str, name: str) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    for line in status.splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0
