"""Messages that could not be read."""

import json
from typing import Final

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import wording
from dashboard.attention.problem import Problem
from dashboard.shell import Shell
from tgadmin.lib.told import Told

MOST: Final = 5
#: Records of a channel that are counted.
COUNTED: Final = 1_000
SOME = """
EXISTS (SELECT FROM ingestion_quarantine record
        JOIN ingestion_channel channel ON channel.id = record.channel_id
        WHERE channel.workspace_id = %(workspace)s AND channel.removed_at IS NULL)
"""
#: The channels with most of them; of each so many are counted, and one more where there are more.
_WORST: Final = """
SELECT channel.id, channel.title, told.records, told.sample
FROM ingestion_channel channel
CROSS JOIN LATERAL (
    SELECT count(*) AS records, max(error::text) AS sample FROM (
        SELECT record.error FROM ingestion_quarantine record
        WHERE record.channel_id = channel.id LIMIT %(counted)s + 1
    ) AS looked
) AS told
WHERE channel.workspace_id = %(workspace)s AND channel.removed_at IS NULL AND told.records > 0
ORDER BY told.records DESC, channel.id LIMIT %(most)s
"""


def problems(shell: Shell) -> list[Problem]:
    with connection.cursor() as cursor:
        cursor.execute(_WORST, {"workspace": shell.workspace.pk, "counted": COUNTED, "most": MOST})
        return [_problem(*row) for row in cursor.fetchall()]


def _problem(channel_id: int, title: str, records: int, sample: str) -> Problem:
    counted = min(records, COUNTED)
    figure = wording.number(counted)
    return Problem(
        tone="warn",
        icon="triangle-alert",
        before=_("Messages that could not be read in"),
        name=title,
        address=reverse("channel", args=[channel_id]),
        cause=str(Told.from_json(json.loads(sample))),
        safe=_("Their bytes are kept as they came; nothing else is held up by them."),
        next=_("A version that can read them takes them in; they count as never asked until then."),
        figure=_("at least %(n)s") % {"n": figure} if records > counted else figure,
        unit=ngettext("record", "records", counted),
    )
