"""The memory of a process, as the kernel counts it (proc(5): VmHWM, the peak resident size)."""

from pathlib import Path


def peak_mb(pid: int | str = "self") -> float:
    """Peak resident megabytes so far; 0 when the process is gone or the system tells nothing."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
