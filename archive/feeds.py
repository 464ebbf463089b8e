"""The newest messages of a filter or a saved search as RSS or Atom, by an address that only its
readers know.

RSS 2.0: https://www.rssboard.org/rss-specification, Atom: https://www.rfc-editor.org/rfc/rfc4287.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import feedgenerator, timezone

from archive import privacy, search
from archive.exports.redaction import step_for
from archive.filters import Filters
from archive.models import Feed, SavedSearch
from ingestion.errors import InputError
from ingestion.models import Message
from workspaces.models import User, Workspace
from workspaces.services import audit

#: Messages in a feed.
LENGTH: Final = 50
#: Pages of as many that are read to find them, where many are deleted.
_PAGES: Final = 40
_TITLE: Final = 80
#: Whoever has the address may ask, again and again: PostgreSQL ends each search then.
MILLISECONDS: Final = 2_000
#: Outside of https://www.w3.org/TR/xml/#charsets
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: How exactly it is known when a feed was read: a row is not written for each reading.
_READ: Final = timedelta(minutes=1)
KINDS: Final[dict[str, type[feedgenerator.SyndicationFeed]]] = {
    "atom": feedgenerator.Atom1Feed,
    "rss": feedgenerator.Rss201rev2Feed,
}


@transaction.atomic
def make(
    *,
    workspace: Workspace,
    name: str,
    filters: Filters | SavedSearch,
    without_senders: bool,
    redaction: str = "",
    user: User,
) -> tuple[Feed, str]:
    """A feed and the secret of its address, which is kept nowhere. It follows a saved search, until
    that is removed. The caller has checked that the filter's channels are the workspace's, or that
    the person may see the search. `redaction` is the key of a profile. Raises `InputError`.
    """
    frozen = privacy.profile(workspace, redaction).frozen() if redaction else {}
    name = name.replace("\0", "").strip()[:120]
    if not name:
        raise InputError(
            "FEED_NAME", "The feed has no name.", "Type one by which you will know it again."
        )
    secret = secrets.token_urlsafe(24)
    feed = Feed.objects.create(
        workspace=workspace,
        name=name,
        filters={} if isinstance(filters, SavedSearch) else filters.as_dict(),
        search=filters if isinstance(filters, SavedSearch) else None,
        without_senders=without_senders,
        redaction=frozen,
        secret_hash=_hash(secret),
        made_by=user,
    )
    audit(workspace=workspace, user=user, action="feed.make", target=name, feed=feed.pk)
    return feed, secret


@transaction.atomic
def renew(*, feed: Feed, user: User) -> str:
    """Another secret; who has the old address reads nothing any more."""
    secret = secrets.token_urlsafe(24)
    feed.secret_hash = _hash(secret)
    feed.save(update_fields=["secret_hash"])
    audit(workspace=feed.workspace, user=user, action="feed.renew", target=feed.name, feed=feed.pk)
    return secret


@transaction.atomic
def revoke(*, feed: Feed, user: User) -> None:
    audit(workspace=feed.workspace, user=user, action="feed.revoke", target=feed.name, feed=feed.pk)
    feed.delete()


def find(secret: str) -> Feed | None:
    rows = Feed.objects.select_related("workspace", "search")
    return rows.filter(secret_hash=_hash(secret)).first()


def note_reading(feed: Feed) -> None:
    now = timezone.now()
    if feed.read_at is None or now - feed.read_at > _READ:
        Feed.objects.filter(pk=feed.pk).update(read_at=now)


def write(feed: Feed, *, kind: str, address: str, home: str) -> str:
    """The document. `address` is the feed's own, `home` that of the messages in the archive. Raises
    `search.TooSlow`, and `DataError` where filter or redaction are not understood.
    """
    name = _plain(feed.name)
    document = KINDS[kind](title=name, link=home, description=name, feed_url=address, language=None)
    for message, row in _rows(feed):
        changed = max(message.date, message.edit_date or message.date)
        channel = message.channel
        where = f"https://t.me/{channel.username}" if channel.username else ""
        text = _plain(str(row.get("text") or ""))
        document.add_item(
            title=_title(text, str(row.get("kind") or "")),
            link=f"{where}/{message.message_id}" if where else home,
            description=text,
            author_name=_plain(row.get("author") or channel.title),
            unique_id=f"tag:tgadmin,{feed.created_at:%Y}:{channel.peer_id}/{message.message_id}",
            unique_id_is_permalink=False,
            pubdate=message.date,
            updateddate=changed,
            categories=[_plain(tag) for tag in row.get("hashtags") or ()],
        )
    return str(document.writeString("utf-8"))


def _rows(feed: Feed) -> Iterator[tuple[Message, dict[str, Any]]]:
    step = step_for(feed.workspace, privacy.renewed(feed.workspace, feed.redaction))
    for message in _newest(feed.workspace, Filters.stored(feed.followed)):
        row: dict[str, Any] = {
            "channel_id": message.channel_id,
            "message_id": message.message_id,
            "text": message.text,
            "entities": message.entities,
            "kind": message.kind,
            "hashtags": message.hashtags,
        }
        if not feed.without_senders:
            row |= {"author": message.author, "sender_id": message.sender_id}
        yield message, step(row) if step else row


def _newest(workspace: Workspace, filters: Filters) -> list[Message]:
    """As many as a feed has. What Telegram has no more is none of them, unless the filter asks for
    it. Such are left out here, page after page: as a condition of the search, they would have no
    index, and it would look through the newest of everybody's messages alone.
    """
    found: list[Message] = []
    cursor: str | None = None
    until = time.monotonic() + MILLISECONDS / 1000
    for _ in range(_PAGES):
        with search.limited(MILLISECONDS):
            page = search.find(workspace=workspace, filters=filters, cursor=cursor, limit=LENGTH)
        found += [one for one in page.messages if "deleted" in filters.are or not one.deleted_at]
        cursor = page.next_cursor
        # Where a search ended at its window, a feed ends, too.
        if len(found) >= LENGTH or not cursor or page.looked_back_to or time.monotonic() > until:
            break
    return found[:LENGTH]


def _plain(text: str) -> str:
    """Without the characters that XML cannot hold in any way; one message with such does not take
    the feed away from its readers.
    """
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _title(text: str, kind: str) -> str:
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if not first:
        return kind
    return first if len(first) <= _TITLE else f"{first[: _TITLE - 1].rstrip()}…"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
