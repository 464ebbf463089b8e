"""Runs `manage.py import --json` in this process."""

import io
import json
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.core.management import call_command


def run_import(path: Path, **options: Any) -> dict[str, Any]:
    """What the command prints. Raises its `CommandError`."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with patch.object(sys, "stdout", out):
        call_command("import", str(path), json=True, **options)
    return json.loads(out.buffer.getvalue())  # type: ignore[no-any-return]
