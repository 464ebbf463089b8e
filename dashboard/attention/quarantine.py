"""Messages that could not be read."""

import json

from django.db.models import Count, Max, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import wording
from dashboard.attention.problem import Problem
from dashboard.shell import Shell
from ingestion.models import Quarantine
from tgadmin.lib.told import Told
from workspaces.access import within

MOST = 5
SOME = """
EXISTS (SELECT FROM ingestion_quarantine record
        JOIN ingestion_channel channel ON channel.id = record.channel_id
        WHERE channel.workspace_id = %(workspace)s AND channel.removed_at IS NULL)
"""


def problems(shell: Shell) -> list[Problem]:
    rows = (
        within(shell.workspace, Quarantine.objects.filter(channel__removed_at=None))
        .values("channel_id", "channel__title")
        .annotate(records=Count("pk"), sample=Max(Cast("error", TextField())))
        .order_by("-records")[:MOST]
    )
    return [_problem(**row) for row in rows]


def _problem(channel_id: int, channel__title: str, records: int, sample: str) -> Problem:
    return Problem(
        tone="warn",
        icon="triangle-alert",
        before=_("Messages that could not be read in"),
        name=channel__title,
        address=reverse("channel", args=[channel_id]),
        cause=str(Told.from_json(json.loads(sample))),
        safe=_("Their bytes are kept as they came; nothing else is held up by them."),
        next=_("A version that can read them takes them in; they count as never asked until then."),
        figure=wording.number(records),
        unit=ngettext("record", "records", records),
    )
