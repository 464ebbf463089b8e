"""What a process loads. import-linter sees the code; this sees the running program."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.project.files import BASE

PROGRAMS = {
    "web": "import tgadmin.wsgi",
    "tick": "import django; django.setup(); import ingestion.management.commands.tick",
    # Before there is something to listen to; its children do.
    "listener": "import django; django.setup(); import ingestion.management.commands.listener",
    "exports": "import django; django.setup(); import archive.tasks, archive.exports.work",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_nothing_heavy_is_loaded_by_what_does_not_need_it(program: str) -> None:
    """Telethon is for those that ask Telegram, Arrow and Excel for the jobs that write them."""
    heavy = "{'telethon', 'pyarrow', 'xlsxwriter'}"
    code = f"{PROGRAMS[program]}\nimport sys; print(bool({heavy} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE.replace("tests", "tgadmin"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stdout.strip() == "False", answer.stderr
