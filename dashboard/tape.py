"""The tape: which ids are had, absent, let go, hidden or never asked for, drawn as one bar."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.wording import number, percent
from ingestion.coverage import CoverageReport
from tgadmin.lib.ranges import IdRanges

#: Of the bar's width, in percent: a gap is never drawn thinner, however small it is.
_VISIBLE: Final = 0.35
#: More pieces of a kind than these would not be seen apart.
_MOST: Final = 160


@dataclass(frozen=True, slots=True)
class Piece:
    """`x` and `width` in percent of the bar, ready for the attributes of a <rect>. `messages`: how
    many are archived in it, or at most, where that is not `exact`; None where nobody counted.
    """

    kind: str
    x: str
    width: str
    low: int
    high: int
    messages: int | None = None
    exact: bool = True

    @property
    def title(self) -> str:
        """What is said of it under the pointer."""
        ids = _("%(kind)s: %(low)s – %(high)s") % {
            "kind": _NAMES[self.kind],
            "low": number(self.low),
            "high": number(self.high),
        }
        if self.messages is None:
            return ids
        if self.exact:
            words = ngettext(
                "%(ids)s, %(count)s message", "%(ids)s, %(count)s messages", self.messages
            )
        else:
            words = ngettext(
                "%(ids)s, at most %(count)s message",
                "%(ids)s, at most %(count)s messages",
                self.messages,
            )
        return words % {"ids": ids, "count": number(self.messages)}


@dataclass(frozen=True, slots=True)
class Share:
    """One of the kinds in the legend."""

    kind: str
    ids: int
    percent: float

    @property
    def name(self) -> str:
        return str(_NAMES[self.kind])


@dataclass(frozen=True, slots=True)
class Tape:
    """A bar and what it says."""

    top_id: int
    pieces: list[Piece]
    shares: list[Share]
    percent: float

    @property
    def label(self) -> str:
        """For who cannot see the bar."""
        if not self.top_id:
            return _("Nothing known yet")
        words = (_WORDS[s.kind] % {"share": percent(s.percent)} for s in self.shares)
        return _("Of %(count)s ids: %(shares)s") % {
            "count": number(self.top_id),
            "shares": ", ".join(words),
        }

    @property
    def ticks(self) -> list[tuple[str, str, int]]:
        """`(x, anchor, id)` of the scale below the bar."""
        top = self.top_id
        if top < 2:
            return []
        anchors = {0: "start", 4: "end"}
        return [
            (f"{25 * quarter}%", anchors.get(quarter, "middle"), max(1, top * quarter // 4))
            for quarter in range(5)
        ]


_NAMES: Final = {
    "have": gettext_lazy("Have"),
    "absent": gettext_lazy("Absent, not on Telegram"),
    "letgo": gettext_lazy("Let go on purpose"),
    "hid": gettext_lazy("Hidden from newcomers"),
    "never": gettext_lazy("Never asked"),
}
_WORDS: Final = {
    "have": gettext_lazy("%(share)s here"),
    "absent": gettext_lazy("%(share)s absent"),
    "letgo": gettext_lazy("%(share)s let go"),
    "hid": gettext_lazy("%(share)s hidden"),
    "never": gettext_lazy("%(share)s never asked"),
}


def draw(report: CoverageReport, absent: Iterable[tuple[int, int]] | None = None) -> Tape:
    """The tape of a channel. `absent` are its longest absent stretches (both ends inclusive); without
    them it is a small one, under whose pieces nothing is said.
    """
    top = report.top_id
    have = report.messages
    pieces: list[Piece] = []
    if top:
        held = report.covered - report.let_go_ranges
        pieces += _pieces("have", held, top, least=0)
        if absent is not None:
            gone = IdRanges.of(absent)
            pieces = _counted(pieces, held - gone, have)
            pieces += _pieces("absent", gone, top, least=0)
        pieces += _pieces("letgo", report.let_go_ranges, top, least=_VISIBLE)
        pieces += _pieces("hid", report.hidden, top, least=_VISIBLE)
        pieces += _pieces("never", report.gaps, top, least=_VISIBLE)
    counts = {
        "have": have,
        "absent": report.absent,
        # Most channels never let anything go, and need no word for it.
        **({"letgo": report.let_go} if report.let_go else {}),
        "hid": len(report.hidden),
        "never": len(report.gaps),
    }
    shares = [Share(kind, n, 100 * n / top if top else 0.0) for kind, n in counts.items()]
    return Tape(top, pieces, shares, report.percent)


def _pieces(kind: str, ranges: IdRanges, top: int, *, least: float) -> list[Piece]:
    pairs = ranges.pairs
    if len(pairs) > _MOST:
        longest = sorted(pairs, key=lambda pair: pair[0] - pair[1])[:_MOST]
        pairs = tuple(sorted(longest)) if kind != "have" else _joined(pairs, top)
    out = []
    for low, high in pairs:
        width = max(100 * (high - low + 1) / top, least)
        x = min(100 * (low - 1) / top, 100 - width)
        out.append(Piece(kind, f"{x:.2f}%", f"{width:.2f}%", low, high))
    return out


def _counted(pieces: list[Piece], answered: IdRanges, messages: int) -> list[Piece]:
    """With the messages of each, of which there are `messages` in all. `answered` are the ids of
    them, as far as it is known which ids are absent: it has more where that is not known of all.
    """
    counts = [
        sum(
            min(high, piece.high) - max(low, piece.low) + 1
            for low, high in answered.overlapping(piece.low, piece.high)
        )
        for piece in pieces
    ]
    exact = sum(counts) == messages
    if len(pieces) == 1 and counts[0] > messages:
        counts, exact = [messages], True
    return [
        replace(piece, messages=min(count, messages), exact=exact)
        for piece, count in zip(pieces, counts, strict=True)
    ]


def _joined(pairs: Iterable[tuple[int, int]], top: int) -> tuple[tuple[int, int], ...]:
    """Neighbours that lie closer than what is visible, as one."""
    near = int(top * _VISIBLE / 100)
    joined: list[tuple[int, int]] = []
    for low, high in pairs:
        if joined and low - joined[-1][1] <= near:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return tuple(joined)
