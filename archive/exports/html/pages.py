"""The pages, as text. Everything that people wrote is escaped; nothing here runs."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import get_language, get_language_bidi, ngettext
from django.utils.translation import gettext as _

from archive.exports.html.text import render
from archive.exports.redaction import Row

#: Nothing of a page may run or be fetched from elsewhere, whatever a message holds.
_POLICY: Final = "script-src 'none'; object-src 'none'; frame-src 'none'; base-uri 'none'"


def _document(title: str, body: str, *, up: str) -> str:
    direction = "rtl" if get_language_bidi() else "ltr"
    return (
        f'<!doctype html>\n<html lang="{escape(get_language() or "en")}" dir="{direction}">\n'
        f'<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
        f'content="{_POLICY}"><meta name="viewport" content="width=device-width">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="{up}style.css"></head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def index(channels: Sequence[tuple[str, str, int]]) -> str:
    """The first page: the channels, `(address, title, messages)`."""
    lines = [
        f'<li><a href="{escape(address)}"><bdi>{escape(title)}</bdi></a> · {_messages(rows)}</li>'
        for address, title, rows in channels
    ]
    title = _("Telegram archive")
    body = f"<header><h1>{escape(title)}</h1></header><main><ul>{''.join(lines)}</ul></main>"
    return _document(title, body, up="")


def contents(title: str, rows: int, pages: Sequence[tuple[str, str]]) -> str:
    """A channel's pages, `(address, days)`."""
    lines = "".join(f'<li><a href="{escape(to)}">{escape(days)}</a></li>' for to, days in pages)
    empty = f"<p>{escape(_('No messages.'))}</p>" if not pages else ""
    body = (
        f'<nav><a href="../index.html">{escape(_("All channels"))}</a></nav>'
        f'<header><h1 dir="auto">{escape(title)}</h1><p>{_messages(rows)}</p></header>'
        f"<main><ol>{lines}</ol>{empty}</main>"
    )
    return _document(title, body, up="../")


def page(title: str, number: int, messages: str, *, is_last: bool) -> str:
    """One page of a channel, counted from 1."""
    around = [f'<a href="index.html">{escape(_("All pages"))}</a>']
    if number > 1:
        around.append(f'<a rel="prev" href="{number - 1}.html">{escape(_("Earlier"))}</a>')
    if not is_last:
        around.append(f'<a rel="next" href="{number + 1}.html">{escape(_("Later"))}</a>')
    links = "".join(around)
    above = f'<nav aria-label="{escape(_("Pages"))}">{links}</nav>'
    below = f'<nav aria-label="{escape(_("Pages, again"))}">{links}</nav>'
    head = f'<header><h1 dir="auto">{escape(title)}</h1></header>'
    return _document(
        f"{title} · {number}", f"{above}{head}<main>{messages}</main>{below}", up="../"
    )


def day(moment: datetime) -> str:
    return f'<h2 class="day">{escape(date_format(moment, "DATE_FORMAT"))}</h2>'


def message(
    row: Row, moment: datetime, media: Sequence[tuple[str, dict[str, Any]]], reply: str
) -> str:
    """One message. `media` are `(address, file)`; `reply` is where the answered message is."""
    parts = []
    if author := row.get("author"):
        parts.append(f'<p class="who text"><bdi>{escape(author)}</bdi></p>')
    if reply:
        target = reply.rpartition("#m")[2]
        words = escape(_("Answer to message %(id)s") % {"id": target})
        parts.append(f'<p class="answer"><a href="{escape(reply)}">{words}</a></p>')
    if forward := (row.get("forward") or {}).get("from_name"):
        words = escape(_("Forwarded from %(name)s") % {"name": forward})
        parts.append(f'<p class="answer" dir="auto">{words}</p>')
    parts += [_figure(address, file) for address, file in media]
    if not media and row.get("kind") not in {None, "text"}:
        parts.append(f'<p class="about"><span>{escape(_kind(row))}</span></p>')
    if text := row.get("text"):
        parts.append(f'<p class="text" dir="auto">{render(text, row.get("entities") or [])}</p>')
    parts += [_revision(old) for old in row.get("revisions") or []]
    parts.append(f'<p class="about">{_about(row, moment)}</p>')
    gone = ' class="gone"' if row.get("deleted_at") else ""
    return f'<article id="m{row["message_id"]}"{gone}>{"".join(parts)}</article>'


def _kind(row: Row) -> str:
    told = row.get("media") or {}
    name = told.get("file_name") or told.get("title") or told.get("question") or ""
    return f"[{row['kind']}] {name}".strip()


def _figure(address: str, file: dict[str, Any]) -> str:
    kind = str(file["mime"]).partition("/")[0]
    name = escape(file.get("name") or address.rpartition("/")[2])
    link = escape(address)
    if kind == "image":
        return (
            f'<figure><a href="{link}"><img src="{link}" alt="{name}" loading="lazy"></a></figure>'
        )
    if kind in {"video", "audio"}:
        return f'<figure><{kind} src="{link}" controls preload="none"></{kind}></figure>'
    return f'<figure><a href="{link}" download><bdi>{name}</bdi></a></figure>'


def _revision(old: dict[str, Any]) -> str:
    words = escape(_("Earlier version"))
    text = render(old.get("text") or "", old.get("entities") or [])
    return f'<details><summary>{words}</summary><p class="text" dir="auto">{text}</p></details>'


def _about(row: Row, moment: datetime) -> str:
    exact = escape(moment.isoformat(sep=" "))
    datetime_ = escape(moment.isoformat())
    time = f'<time datetime="{datetime_}" title="{exact}">{moment:%H:%M}</time>'
    told = [f'<a href="#m{row["message_id"]}">{time}</a>']
    if row.get("edit_date"):
        told.append(f"<span>{escape(_('edited'))}</span>")
    if row.get("deleted_at"):
        told.append(f"<span>{escape(_('deleted on Telegram'))}</span>")
    if (views := row.get("views")) is not None:
        words = ngettext("%(n)s view", "%(n)s views", views) % {"n": f"{views:,}"}
        told.append(f"<span>{escape(words)}</span>")
    told += [f"<span>{escape(str(name))} {n}</span>" for name, n in _reactions(row)]
    return "".join(told)


def _reactions(row: Row) -> list[tuple[str, int]]:
    found = (row.get("reactions") or {}).items()
    return [(name, n) for name, n in found if not name.startswith("custom:")]


def _messages(rows: int) -> str:
    return escape(ngettext("%(n)s message", "%(n)s messages", rows) % {"n": f"{rows:,}"})
