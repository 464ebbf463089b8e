"""The local Telegram server, alone or of a demo: `python -m sandbox` with our data directory."""

import os
import sys
from typing import NoReturn

from django.core.management.base import BaseCommand

from tgadmin import env


class Command(BaseCommand):
    help = (
        "Runs a local Telegram server (`sandbox serve`, also without an argument), or talks to "
        "the running one: status, truth, freeze, fault. See `sandbox --help`."
    )

    def run_from_argv(self, argv: list[str]) -> NoReturn:
        """Hand everything over: the sandbox is a program of its own, with its own options."""
        arguments = argv[2:] or ["serve"]
        if not arguments[0].startswith("-"):
            folder = str(env.data_dir() / "sandbox")
            demo = ["--demo"] if env.demo() and arguments[0] == "serve" else []
            arguments = [arguments[0], "--data", folder, *demo, *arguments[1:]]
        os.chdir(env.BASE_DIR)
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "sandbox", *arguments])  # noqa: S606

    def handle(self, *args: object, **options: object) -> None:
        """Never reached."""
