"""`manage.py people`: whether the workspace keeps who its people are, and taking them out."""

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ingestion.errors import IngestionError
from ingestion.management._common import print_json, workspace
from ingestion.services import people

#: Seconds after which it says how far it is.
TOLD_EVERY = 5.0


class Command(BaseCommand):
    help = "Shows or changes whether personal data of group members is stored, and removes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--hide", action="store_true", help="store hashed ids from now on")
        choice.add_argument("--show", action="store_true", help="store who wrote from now on")
        choice.add_argument("--dry-run", action="store_true", help="say what --apply would change")
        choice.add_argument(
            "--apply", action="store_true", help="take people out of what is archived, for good"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *, json: bool, **options: Any) -> None:
        here = workspace()
        answer: dict[str, Any] = {}
        try:
            if options["hide"] or options["show"]:
                people.set_hidden(workspace=here, hidden=options["hide"])
            if options["dry_run"]:
                answer = asdict(people.look(workspace=here))
            if options["apply"]:
                people.apply_to_archived(workspace=here)
                while people.work(workspace_id=here.pk, seconds=TOLD_EVERY):
                    if not json:
                        print(f"{people.policy_of(here).hidden_messages} messages changed so far")
        except IngestionError as error:
            raise CommandError(str(error)) from error
        policy = people.policy_of(here)
        answer = {"hidden": policy.hidden, "changed": policy.hidden_messages, **answer}
        if json:
            print_json(answer)
            return
        print("People are hidden." if policy.hidden else "People are kept.")
        if options["dry_run"]:
            print(
                f"Would change {answer['messages']} messages and {answer['revisions']} earlier "
                f"versions, and delete the records of {answer['senders']} people."
            )
        elif options["apply"]:
            print(f"{policy.hidden_messages} messages were changed.")
