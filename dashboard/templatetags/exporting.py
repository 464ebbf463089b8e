"""What the table of exports says of one: which messages, how far, how fast."""

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from archive.exports import Options
from archive.models import Export
from dashboard import wording
from dashboard.chips import chips

register = template.Library()

#: Seconds before which a rate says nothing.
_TOO_EARLY = 1.0
#: Seconds without a sign of life after which a worker may be gone; it gives one every second.
_SILENT = 8.0


@register.filter
def asked_for(export: Export) -> list[str]:
    """Its filters and options in words, those that are as usual excepted."""
    options = Options.of(export)
    found = [f"“{options.filters.words}”"] if options.filters.words else []
    if export.schedule:
        found.append(_("by the schedule %(name)s") % {"name": export.schedule.name})
    shown = chips(options.filters, {})
    found += [f"{chip.label}: {chip.word}" for chip in shown if chip.name != "channel"]
    if not options.with_deleted:
        found.append(_("without deleted"))
    if options.without_senders:
        found.append(_("without senders"))
    if options.redaction:
        found.append(_("redacted: %(name)s") % {"name": options.redaction.get("name", "")})
    if options.columns:
        number = len(options.columns_of(export.format))
        found.append(ngettext("%(n)s column", "%(n)s columns", number) % {"n": number})
    return found + _form(options)


def _form(options: Options) -> list[str]:
    """How the file is packed and parted, and its clock."""
    found: list[str] = []
    if options.gzip:
        found.append("gzip")
    if options.zstd:
        found.append("Zstandard")
    if options.with_media:
        found.append(_("with media"))
    if options.partition:
        by_month = options.partition == "month"
        found.append(_("by month") if by_month else _("by channel"))
    if options.time_zone != "UTC":
        found.append(options.time_zone)
    return found


@register.filter
def of_channels(export: Export) -> str:
    """Of which channels, where it is not one."""
    number = len(Options.of(export).filters.channels)
    if number:
        return ngettext("%(n)s channel", "%(n)s channels", number) % {"n": number}
    return _("Every channel")


@register.filter
def pace(export: Export) -> str:
    """`12,400/s, 4 s left`, unless its worker is silent; nothing as long as nothing can be said."""
    if export.state != Export.State.RUNNING or export.started_at is None:
        return ""
    silence = (timezone.now() - (export.heartbeat_at or timezone.now())).total_seconds()
    if silence > _SILENT:
        return _("no sign of its worker for %(time)s") % {"time": wording.duration(silence)}
    took = (timezone.now() - export.started_at).total_seconds() - export.paused_for
    if took < _TOO_EARLY or not export.rows:
        return ""
    rate = export.rows / took
    words = _("%(number)s/s") % {"number": wording.compact(int(rate))}
    if not export.rows_expected or export.rows_expected <= export.rows:
        return words
    left = wording.duration((export.rows_expected - export.rows) / rate)
    return _("%(rate)s, %(time)s left") % {"rate": words, "time": left}
