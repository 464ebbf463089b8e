"""Which channel a file's messages go to."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q

from ingestion.errors import InputError
from ingestion.importing.restoring import make_channel
from ingestion.models import Channel
from ingestion.provisional import provisional_id
from ingestion.sources.base import ArchiveSource, Chat
from ingestion.sources.jsonl import Original
from ingestion.sources.refs import ChannelRef, PeerId, Username, parse_ref
from workspaces.models import Workspace


class Destinations:
    """Finds the channels of one workspace, and makes those that are not there.

    `ref` is what a person named: everything goes there, and the file may hold one channel only.
    """

    def __init__(self, workspace: Workspace, ref: str = "") -> None:
        self._workspace = workspace
        self._originals: dict[int, Original] = {}
        self._ref: ChannelRef | None = parse_ref(ref) if ref else None
        self._known: dict[Chat, Channel] = {}

    def restore(self, originals: Mapping[int, Original]) -> None:
        """Make these channels, by marked id, as they were where they were exported."""
        self._originals = dict(originals)

    def check(self, source: ArchiveSource) -> None:
        """Where one channel was named the file holds no other. Raises `InputError`."""
        if self._ref is None:
            return
        chats = source.chats()
        first = next(chats, None)
        if first is None:
            return
        self.find(first)
        second = next((chat for chat in chats if chat != first), None)
        if second is not None:
            raise InputError(
                "MANY_CHANNELS",
                "The file holds several channels (“%(first)s”, “%(second)s” …), and only one was "
                "named for all of them.",
                "Import it without naming a channel: each message finds its own.",
                first=first.title,
                second=second.title,
            )

    def find(self, chat: Chat) -> Channel | None:
        """The channel, if it is there. Raises `InputError` where the file is of another one."""
        if chat in self._known:
            return self._known[chat]
        channel = self._named() if self._ref is not None else self._by_itself(chat)
        if channel is not None:
            _check_same(channel, chat)
            self._known[chat] = channel
        return channel

    def ensure(self, chat: Chat) -> Channel:
        """The channel, made if need be, and back on the list if it was removed."""
        channel = self.find(chat) or self._make(chat)
        self._known[chat] = channel
        changes = []
        if channel.is_provisional and chat.peer_id is not None:
            channel.peer_id = chat.peer_id
            changes.append("peer_id")
        if channel.removed_at is not None:
            channel.removed_at = None
            changes.append("removed_at")
        if changes:
            channel.save(update_fields=changes)
        return channel

    @contextmanager
    def tried(self, chat: Chat) -> Iterator[tuple[Channel, bool]]:
        """For a dry run: the channel, and whether it is there; one that is not is made for the
        length of the block, so that what holds for the workspace is looked up as for any other.
        """
        channel = self.find(chat)
        with transaction.atomic():
            yield channel or self._make(chat), channel is not None
            transaction.set_rollback(True)

    def _named(self) -> Channel | None:
        if isinstance(self._ref, Username):
            wanted = Q(username__iexact=self._ref.name)
        elif isinstance(self._ref, PeerId):
            wanted = Q(peer_id=self._ref.marked)
        else:
            raise InputError(
                "CHANNEL_BY_INVITE",
                "An invite link does not say which channel it leads to.",
                "Name the channel by its @name or its number.",
            )
        return Channel.objects.filter(wanted, workspace=self._workspace).first()

    def _by_itself(self, chat: Chat) -> Channel | None:
        number = chat.peer_id if chat.peer_id is not None else provisional_id(_key(chat))
        channels = Channel.objects.filter(workspace=self._workspace)
        return channels.filter(peer_id=number).first()

    def _make(self, chat: Chat) -> Channel:
        original = self._originals.get(chat.peer_id or 0)
        if original is not None:
            return make_channel(self._workspace.pk, original)
        username, number = chat.username, chat.peer_id
        if isinstance(self._ref, Username):
            username = self._ref.name
        elif isinstance(self._ref, PeerId) and number is None:
            number = self._ref.marked
        if number is None:
            number = provisional_id(_key(Chat(None, chat.title, username=username)))
        return Channel.objects.get_or_create(
            workspace=self._workspace,
            peer_id=number,
            defaults={
                "title": chat.title[:255] or username or str(number),
                "kind": chat.kind,
                "username": username[:64],
                "is_private": chat.is_private,
            },
        )[0]


def _key(chat: Chat) -> str:
    return f"@{chat.username.lower()}" if chat.username else f"title:{chat.title}"


def _check_same(channel: Channel, chat: Chat) -> None:
    if chat.peer_id in (None, channel.peer_id) or channel.is_provisional:
        return
    raise InputError(
        "OTHER_CHANNEL",
        "The file is an export of “%(theirs)s” (%(their_id)d), and “%(ours)s” is %(our_id)d.",
        "Import it without naming a channel, or name the one that it is of.",
        theirs=chat.title,
        their_id=chat.peer_id,
        ours=channel.title,
        our_id=channel.peer_id,
    )
