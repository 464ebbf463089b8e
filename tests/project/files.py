"""The files of the repository, as the tests of this folder read them."""

import subprocess
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent.parent
DOCS = BASE / "docs"


def committed() -> list[Path]:
    """Every file that git knows of and that is there; of a copy without git, what is not ignored."""
    answer = subprocess.run(
        ["git", "ls-files", "-z", "--cached"], cwd=BASE, capture_output=True, check=False
    )
    if answer.returncode:
        ignored = {".venv", ".data", ".data-demo", "__pycache__", ".git"}
        files = [path for path in BASE.rglob("*") if not ignored & set(path.parts)]
    else:
        files = [BASE / name for name in answer.stdout.decode().split("\0") if name]
    return [file for file in files if file.is_file()]


def text_of(file: Path) -> str:
    """The text of a file; empty for pictures and the like."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
