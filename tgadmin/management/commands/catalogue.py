"""The translations, brought up to date with the code."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = (
        "For developers: brings locale/ up to date with the strings that are marked in the code "
        "and in the templates, compiles it, and lists what has no translation yet."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail when something is missing"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:  # noqa: ARG002
        try:
            from tgadmin.management import catalogue  # noqa: PLC0415, Babel is for developers
        except ModuleNotFoundError as error:
            raise CommandError(
                f"{error.name} is not installed. It comes with the tests' packages: "
                "`.venv/bin/pip install --require-hashes -r requirements-test.txt`."
            ) from error
        code = catalogue.extracted()
        missing = 0
        for language in catalogue.languages():
            catalog = catalogue.merged(language, code)
            if not check:
                catalogue.write(language, catalog)
            faults = [
                *(("no translation", message) for message in catalogue.untranslated(catalog)),
                *(("other placeholders", message) for message in catalogue.mistaken(catalog)),
            ]
            for fault, message in faults:
                self.stdout.write(f"{language}: {fault}: {message.id!r}")
            self.stdout.write(f"{language}: {len(catalog)} strings, {len(faults)} to mend")
            missing += len(faults)
        if check and missing:
            raise CommandError(f"{missing} strings of locale/ are to be mended.")
