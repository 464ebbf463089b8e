"""What the address of the list of channels says: filters, order, and ways to change them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Self
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ingestion.models import Channel
from ingestion.records import ChannelKind

#: What a list can be ordered by, and whether its first press goes downwards.
SORTS: Final = {
    "title": False,
    "messages": True,
    "activity": True,
    "completeness": False,
    "synced": True,
    "members": True,
}
SORT_WORDS: Final = {
    "title": gettext_lazy("Title"),
    "messages": gettext_lazy("Messages"),
    "activity": gettext_lazy("Messages in 30 days"),
    "completeness": gettext_lazy("Completeness"),
    "synced": gettext_lazy("Last sync"),
    "members": gettext_lazy("Members"),
}
STATE_WORDS: Final = {
    "running": gettext_lazy("Running"),
    "attention": gettext_lazy("Attention"),
    "scheduled": gettext_lazy("Scheduled"),
    "idle": gettext_lazy("By hand"),
    "new": gettext_lazy("Not synced"),
    "paused": gettext_lazy("Paused"),
}
KIND_WORDS: Final = {
    ChannelKind.BROADCAST: gettext_lazy("Channels"),
    ChannelKind.SUPERGROUP: gettext_lazy("Supergroups"),
    ChannelKind.GIGAGROUP: gettext_lazy("Gigagroups"),
    ChannelKind.FORUM: gettext_lazy("Forums"),
    ChannelKind.BASIC_GROUP: gettext_lazy("Basic groups"),
}
_MOST_TAGS: Final = 5


@dataclass(frozen=True, slots=True)
class Filters:
    """As the address says it; what makes no sense there is as if it were not."""

    words: str = ""
    state: str = ""
    kind: str = ""
    tags: tuple[str, ...] = ()
    #: Number of the account that reads them; 0 is any. What it is called, whoever shows it adds.
    account: int = 0
    account_name: str = ""
    removed: bool = False
    sort: str = "title"
    descending: bool = False

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        sort = query.get("sort", "")
        name = sort.removeprefix("-")
        tags = dict.fromkeys(_clean(tag)[:40] for tag in query.getlist("tag")[:_MOST_TAGS])
        return cls(
            words=_clean(query.get("q", ""))[:100],
            state=_known(query.get("state", ""), STATE_WORDS),
            kind=_known(query.get("kind", ""), KIND_WORDS),
            tags=tuple(tag for tag in tags if tag),
            account=_number(query.get("account", "")),
            removed=query.get("show") == "removed",
            sort=name if name in SORTS else "title",
            descending=name in SORTS and sort.startswith("-"),
        )

    @property
    def narrows(self) -> bool:
        """Whether fewer than all channels are asked for."""
        return bool(self.words or self.state or self.kind or self.tags or self.account)

    @property
    def order(self) -> str:
        return f"-{self.sort}" if self.descending else self.sort

    def address(self, **changes: Any) -> str:
        """The list's address with other filters; its place among the pages is left out."""
        return f"?{self.query(**changes)}"

    def query(self, **changes: Any) -> str:
        new = replace(self, **changes)
        pairs = [
            ("show", "removed" if new.removed else ""),
            ("q", new.words),
            ("state", new.state),
            ("kind", new.kind),
            *(("tag", tag) for tag in new.tags),
            ("account", new.account or ""),
            ("sort", new.order if new.order != "title" else ""),
        ]
        return urlencode([(name, value) for name, value in pairs if value])

    def without_tag(self, tag: str) -> str:
        return self.address(tags=tuple(name for name in self.tags if name != tag))

    def with_tag(self, tag: str) -> str:
        return self.address(tags=(*(name for name in self.tags if name != tag), tag))

    def sorted_by(self, name: str) -> str:
        """Where the head of a column leads: the same column again turns it round."""
        turned = not self.descending if name == self.sort else SORTS[name]
        return self.address(sort=name, descending=turned)

    def chips(self) -> list[tuple[str, str, str]]:
        """`(name, value, address without it)` of every filter but the state, which has tabs."""
        chips = []
        if self.words:
            chips.append((_("Words"), self.words, self.address(words="")))
        if self.kind:
            kind = str(KIND_WORDS[ChannelKind(self.kind)])
            chips.append((_("Kind"), kind, self.address(kind="")))
        if self.account:
            name = self.account_name or str(self.account)
            chips.append((_("Read by"), name, self.address(account=0)))
        chips += [(_("Tag"), tag, self.without_tag(tag)) for tag in self.tags]
        return chips

    def narrow(self, channels: QuerySet[Channel]) -> QuerySet[Channel]:
        """Those that fit, whatever their state."""
        rows = channels.filter(removed_at__isnull=not self.removed)
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.tags:
            rows = rows.filter(tags__contains=list(self.tags))
        if self.account:
            rows = rows.filter(accesses__account=self.account)
        for word in self.words.split():
            name = word.removeprefix("@")
            rows = rows.filter(
                Q(title__icontains=word) | Q(username__icontains=name) | Q(notes__icontains=word)
            )
        return rows


def _clean(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


def _known(value: str, among: Iterable[str]) -> str:
    return value if value in set(among) else ""


def _number(text: str) -> int:
    """A key of the database, or 0."""
    return int(text) if text.isdecimal() and len(text) < 16 else 0
