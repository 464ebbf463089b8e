"""`manage.py pii --evaluate`: how good the detectors of personal data are."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from archive.redaction import evaluating
from ingestion.management._common import print_json, print_table


class Command(BaseCommand):
    help = "Looks for personal data, and tells how well it is found in labelled texts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--evaluate",
            action="store_true",
            required=True,
            help="precision and recall of each detector over labelled texts",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *, json: bool, **_: Any) -> None:
        found = evaluating.evaluate()
        rows = [
            {
                "kind": kind.value,
                "right": score.right,
                "wrong": score.wrong,
                "missed": score.missed,
                "precision": round(score.precision, 3),
                "recall": round(score.recall, 3),
            }
            for kind, score in found.scores.items()
        ]
        if json:
            print_json({"texts": found.texts, "kinds": rows})
            return
        print_table(("kind", "right", "wrong", "missed", "precision", "recall"), rows)
        for text, wrong, missed in found.mistakes:
            print(f"wrong {wrong}, missed {missed} in: {text}")
