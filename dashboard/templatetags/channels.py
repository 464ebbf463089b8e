"""Parts of the pages about channels."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard import states
from dashboard.channels import schedules
from dashboard.channels.filters import Filters
from dashboard.drawn.parts import icon
from dashboard.states import Badge
from dashboard.templatetags.ui import badge
from ingestion.models import Account, Channel, ChannelAccess
from ingestion.records import ChannelKind
from ingestion.services.adding import LineState
from ingestion.services.listening import Live, Standing

register = template.Library()

_KINDS = {
    ChannelKind.BROADCAST: gettext_lazy("Channel"),
    ChannelKind.SUPERGROUP: gettext_lazy("Supergroup"),
    ChannelKind.GIGAGROUP: gettext_lazy("Gigagroup"),
    ChannelKind.FORUM: gettext_lazy("Forum"),
    ChannelKind.BASIC_GROUP: gettext_lazy("Basic group"),
}


@register.simple_tag
def sort_head(head: dict[str, str], words: str, classes: str = "") -> SafeString:
    """The head of a column by which the list can be ordered."""
    return format_html(
        '<th scope="col" class="{}" aria-sort="{}"><a href="{}">{}{}</a></th>',
        classes,
        head["sorted"] or "none",
        head["address"],
        words,
        icon(head["icon"]) if head["sorted"] else "",
    )


@register.simple_tag
def live_counts(counts: dict[str, int]) -> list[tuple[Badge, int]]:
    """How many channels are followed how: `(badge, how many)`."""
    order = [standing for standing in Standing if str(standing) in counts]
    return [
        (followed, counts[str(standing)])
        for standing in order
        if (followed := states.of_live(Live(standing)))
    ]


@register.simple_tag
def tag_address(filters: Filters, tag: str) -> str:
    """Where a tag leads: the list with it as one more filter."""
    return filters.with_tag(tag)


@register.filter
def kind_name(kind: str) -> str:
    """`Channel`, `Supergroup` …: what a channel's kind is called in a sentence of its own."""
    return str(_KINDS[ChannelKind(kind)]) if kind in set(ChannelKind) else kind


@register.simple_tag
def line_badge(item: LineState) -> SafeString:
    """What became of a line: icon, word, tint."""
    if item.there:
        return badge(Badge(_("Already here"), "check"))
    if item.error_code == "REPEATED":
        return badge(Badge(_("Twice"), "copy"))
    if item.error_code == "INVITE_REQUEST_SENT":
        return badge(Badge(_("Asked to join"), "clock", "warn"))
    if item.stage == "found" and not item.can_add:
        return badge(Badge(_("Not possible"), "lock", "warn"))
    if item.can_add and item.joins:
        return badge(Badge(_("Joins"), "user-plus", "warn"))
    return badge(_badges()[item.stage])


def _badges() -> dict[str, Badge]:
    return {
        "looking": Badge(_("Looking"), "refresh-cw", "info", spins=True),
        "found": Badge(_("Found"), "circle-check", "ok"),
        "wrong": Badge(_("Wrong"), "circle-x", "bad"),
        "adding": Badge(_("Adding"), "refresh-cw", "info", spins=True),
        "added": Badge(_("Added"), "circle-check", "ok"),
        "refused": Badge(_("Refused"), "circle-x", "bad"),
        "left": Badge(_("Left out"), "ban"),
    }


@register.simple_tag
def readers(channel: Channel) -> list[Account]:
    """The accounts that read a channel the visitor may see."""
    able = Account.objects.filter(accesses__channel=channel, accesses__state=ChannelAccess.State.OK)
    return list(able.order_by("pk"))


@register.simple_tag
def schedule_presets(channel: Channel) -> list[tuple[int | None, str, bool]]:
    """`(minutes, short words, whether it is so now)`; None is no schedule."""
    words = {None: _("Off"), 15: _("15 min"), 60: _("Hour"), 360: _("6 hours"), 1440: _("Day")}
    return [
        (minutes, words[minutes], minutes == channel.sync_every_minutes)
        for minutes, _words in schedules.PRESETS
    ]
