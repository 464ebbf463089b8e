"""`manage.py pii [CHANNEL …] [--json]`: what personal data is in messages; and how well it is found."""

from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from archive.models import PiiAudit
from archive.privacy import auditing
from archive.redaction import Kind, evaluating
from ingestion.errors import IngestionError
from ingestion.management._common import channel_from, print_json, print_table, workspace
from ingestion.models import Channel

#: Seconds after which it says how far it is.
TOLD_EVERY: Final = 5.0


class Command(BaseCommand):
    help = "Looks for personal data in channels, and tells how well it is found in labelled texts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "refs",
            metavar="CHANNEL",
            nargs="*",
            help="@name, t.me link, peer id or number; all channels without it",
        )
        parser.add_argument(
            "--evaluate",
            action="store_true",
            help="precision and recall of each detector over labelled texts, instead",
        )
        parser.add_argument("--json", action="store_true", help="one object")

    def handle(self, *, refs: list[str], evaluate: bool, json: bool, **_: Any) -> None:
        if evaluate:
            _evaluate(json=json)
            return
        here = workspace()
        everything = Channel.objects.filter(workspace=here, removed_at__isnull=True).order_by("pk")
        channels = [channel_from(ref) for ref in refs] or list(everything)
        try:
            audit = auditing.request(workspace=here, channels=channels)
        except IngestionError as error:
            raise CommandError(str(error)) from error
        while auditing.work(audit_id=audit.pk, seconds=TOLD_EVERY):
            audit.refresh_from_db()
            if not json:
                print(f"{audit.rows:,} of {audit.rows_expected:,} messages looked through")
        audit.refresh_from_db()
        _tell(audit, {channel.pk: channel.title for channel in channels}, json=json)


def _tell(audit: PiiAudit, titles: dict[int, str], *, json: bool) -> None:
    if json:
        print_json(
            {
                "messages": audit.rows,
                "with_personal_data": audit.messages,
                "channels": [
                    {"channel_id": key, "title": titles[key], **audit.counts.get(str(key), {})}
                    for key in audit.channels
                ],
                "examples": audit.examples,
            }
        )
        return
    print(f"{audit.messages:,} of {audit.rows:,} messages have personal data in them.")
    kinds = sorted({kind for counts in audit.counts.values() for kind in counts})
    rows = [
        {"channel": titles[int(key)], **{kind: counts.get(kind, 0) for kind in kinds}}
        for key, counts in audit.counts.items()
    ]
    if kinds:
        print_table(("channel", *kinds), rows)


def _evaluate(*, json: bool) -> None:
    """Raises `CommandError` when one is below the limit."""
    found = evaluating.evaluate()
    below = found.below()
    rows = [
        {
            "kind": kind.value,
            "right": score.right,
            "wrong": score.wrong,
            "missed": score.missed,
            "precision": round(score.precision, 3),
            "recall": round(score.recall, 3),
        }
        for kind in Kind
        for score in (found.scores[kind],)
    ]
    if json:
        print_json({"texts": found.texts, "least": evaluating.LEAST, "kinds": rows})
    else:
        print_table(("kind", "right", "wrong", "missed", "precision", "recall"), rows)
        for text, wrong, missed in found.mistakes:
            print(f"wrong {wrong}, missed {missed} in: {text}")
    if below:
        raise CommandError(
            f"Precision or recall is below {evaluating.LEAST} of: {', '.join(below)}."
        )
