"""Exports that failed, and that were not made again since."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from archive.models import Export
from dashboard.attention.problem import Action, Problem, since
from dashboard.shell import Shell
from workspaces.access import within

#: Exports are made again, not mended.
RECENT = timedelta(days=2)
MOST = 5
SOME = """
EXISTS (SELECT FROM archive_export
        WHERE workspace_id = %(workspace)s AND state = 'failed'
          AND created_at > now() - interval '2 days')
"""


def problems(shell: Shell) -> list[Problem]:
    same_channel = Q(channel__isnull=False, channel=OuterRef("channel"), format=OuterRef("format"))
    same_schedule = Q(schedule__isnull=False, schedule=OuterRef("schedule"))
    again = Export.objects.filter(
        same_channel | same_schedule, workspace=OuterRef("workspace"), pk__gt=OuterRef("pk")
    )
    failed = Export.objects.filter(
        ~Exists(again), state=Export.State.FAILED, created_at__gt=timezone.now() - RECENT
    )
    rows = within(shell.workspace, failed).select_related("channel", "workspace", "schedule")
    return [_problem(shell, export) for export in rows.order_by("-pk")[:MOST]]


def _problem(shell: Shell, export: Export) -> Problem:
    channel, schedule = export.channel, export.schedule
    before = _("The %(format)s export failed of") % {"format": export.get_format_display()}
    name, address = export.workspace.name, reverse("exports")
    if schedule:
        before, name = _("The scheduled export failed:"), schedule.name
        address = reverse("schedules")
    elif channel:
        name, address = channel.title, reverse("channel", args=[channel.pk])
    return Problem(
        tone="bad",
        icon="package",
        before=before,
        name=name,
        address=address,
        cause=str(export.error) or _("The export ended with an error."),
        safe=_("No half file was left behind."),
        next=_("It is tried again at its next time.") if schedule else _("It can be made again."),
        action=_action(shell, export),
        **since(export.ended_at),
    )


def _action(shell: Shell, export: Export) -> Action:
    """The same again in one press; one that was filtered has to be chosen again."""
    narrowed = export.filters.keys() - {"channel"}
    plain = not any(
        (
            narrowed,
            export.columns,
            export.gzip,
            export.zstd,
            export.with_media,
            export.partition,
            export.redaction,
            export.schedule_id,
            export.without_senders,
        )
    )
    if export.schedule_id:
        return Action(_("See schedules"), reverse("schedules"))
    if not (shell.can["export"] and export.channel_id and plain):
        return Action(_("See exports"), reverse("exports"))
    fields = [("channel", str(export.channel_id)), ("format", export.format)]
    if export.with_deleted:
        fields.append(("with_deleted", "on"))
    return Action(_("Make it again"), reverse("export-make"), posts=True, fields=tuple(fields))
