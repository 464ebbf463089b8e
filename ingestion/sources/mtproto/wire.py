"""One request, one answer: timeouts, parsing, and answers that cannot be parsed.

Requests do not go through `client(request)`: that sleeps 2 s after a server error, remembers
flood waits for itself, and copies every user and chat of every answer into the session. Only
what may have to move to another data centre (the login) takes that way.
"""

import asyncio
import gc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from telethon import TelegramClient
from telethon.extensions import BinaryReader
from telethon.tl import TLRequest, functions, types

from ingestion.errors import DataError, FloodWait, TransientError
from ingestion.sources.mtproto.elsewhere import Elsewhere, Keys, NoKeys
from ingestion.sources.mtproto.errors import UNREADABLE, method_name, telegram_errors
from ingestion.sources.mtproto.reader import FastReader
from tgadmin.lib.told import tell

#: Seconds after which a request counts as lost.
REQUEST_TIMEOUT: Final = 30.0

#: What an account's requests are paced and counted as; anything else is "other".
KINDS: Final = {
    "messages.getHistory": "history",
    "channels.getMessages": "history",
    "messages.getMessages": "history",
    "contacts.resolveUsername": "resolve",
    "channels.joinChannel": "join",
    "messages.importChatInvite": "join",
    "messages.getDialogs": "dialogs",
    "account.getPassword": "login",
    "account.initTakeoutSession": "login",
    "account.finishTakeoutSession": "login",
}
#: Bytes; a part that may be asked for.
_SMALL: Final = 65_536
SPACES: Final = {"auth": "login", "upload": "media"}


def kind_of(method: str) -> str:
    """What a method is paced and counted as: history, resolve, join, dialogs, media, login, other."""
    return KINDS.get(method) or SPACES.get(method.partition(".")[0], "other")


class Gate(Protocol):
    """What each request passes before it is sent (`ingestion.budget.Gate`)."""

    async def turn(self, kind: str, method: str) -> bool:
        """Return when it may be sent; whether it was counted already. Raises `errors.Wait` when
        that is no matter of a moment.
        """
        ...

    async def refused(self, kind: str, wait: FloodWait) -> None:
        """Take note that Telegram refused a request that was sent."""
        ...


class OpenGate:
    """Lets everything pass."""

    async def turn(self, kind: str, method: str) -> bool:  # noqa: ARG002, the Protocol's
        return False

    async def refused(self, kind: str, wait: FloodWait) -> None:
        """Nothing is learned."""


class UnreadableAnswerError(DataError):
    """An answer that is no valid object. `body` is all of it, `reason` what is said of the
    message that it is about.
    """

    def __init__(self, body: bytes, error: Exception) -> None:
        super().__init__(
            "UNREADABLE_ANSWER",
            "Telegram's answer could not be read: it has parts this program does not know.",
            "Nothing was changed. An update of this program may know them.",
        )
        self.body = body
        # Telethon puts all the remaining bytes into its message.
        self.reason = tell(
            "Telegram's answer could not be read: %(kind)s: %(reason)s.",
            "It is kept as it came and can be read again after an update.",
            kind=type(error).__name__,
            reason=str(error).partition(" Remaining bytes")[0],
        )


class _Request(functions.InvokeWithoutUpdatesRequest):  # type: ignore[misc] # telethon is untyped
    """Any request, sent without subscribing to updates, whose unreadable answer is kept."""

    @staticmethod
    def read_result(reader: BinaryReader) -> Any:
        body = reader.get_bytes()
        with gc_paused():
            try:
                return FastReader(body).tgread_object()
            except UNREADABLE as error:
                raise UnreadableAnswerError(bytes(body), error) from error


class _Subscribed(TLRequest):  # type: ignore[misc] # telethon is untyped
    """Any request as it is: on a connection that listens, what is sent must not end that."""

    read_result = staticmethod(_Request.read_result)

    def __init__(self, query: Any) -> None:
        self.query = query

    def _bytes(self) -> bytes:
        return bytes(self.query)

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = self.query.to_dict()
        return found


def _wrapped(request: Any, *, listening: bool) -> Any:
    # Telegram may acknowledge a logout without answering, which Telethon takes for the answer
    # when it recognises the request.
    if isinstance(request, functions.auth.LogOutRequest):
        return request
    return _Subscribed(request) if listening else _Request(request)


class Wire:
    """The requests of one connection. Both ways raise `ingestion.errors` and nothing else."""

    def __init__(
        self,
        client: TelegramClient,
        timeout: float = REQUEST_TIMEOUT,
        *,
        gate: Gate | None = None,
        listening: bool = False,
        keys: Keys | None = None,
    ) -> None:
        self.client = client
        self.timeout = timeout
        self.gate: Gate = gate or OpenGate()
        self.listening = listening
        #: The takeout session that histories are read in; None: none.
        self.takeout: int | None = None
        self._sent: Counter[str] = Counter()
        self.elsewhere = Elsewhere(client, self.count, keys or NoKeys())

    def count(self, method: str) -> None:
        """A request goes out, whatever becomes of it: Telegram counts it, too."""
        self._sent[kind_of(method)] += 1

    def take_sent(self) -> dict[str, int]:
        """How many requests were sent since the last look, by kind (`kind_of`); without those
        that the gate has counted.
        """
        sent, self._sent = self._sent, Counter()
        return dict(sent)

    async def send(self, request: Any) -> Any:
        """Send a request and return its answer."""
        method = method_name(request)
        if self.takeout is not None and kind_of(method) == "history":
            request = functions.InvokeWithTakeoutRequest(self.takeout, request)
        # The sender is the one part of the client that does nothing else.
        return await self._pass(
            method,
            lambda: self.client._sender.send(  # noqa: SLF001
                _wrapped(request, listening=self.listening)
            ),
        )

    async def call(self, request: Any) -> Any:
        """Send a request that may have to move to the account's own data centre."""
        return await self._pass(method_name(request), lambda: self.client(request))

    async def _pass(self, method: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """Do what sends a request of this method when its turn has come."""
        kind = kind_of(method)
        if not await self.gate.turn(kind, method):
            self._sent[kind] += 1
        try:
            with telegram_errors(method), _connection_lost(method):
                async with asyncio.timeout(self.timeout):
                    return await work()
        except FloodWait as wait:
            await self.gate.refused(kind, wait)
            raise

    async def move(self, dc_id: int) -> None:
        """Go on in another data centre, with a new key, as long as nobody is logged in.

        https://core.telegram.org/api/datacenter#user-migration
        """
        self.count("help.getConfig")
        with telegram_errors("help.getConfig"), _connection_lost("help.getConfig"):
            async with asyncio.timeout(self.timeout):
                await self.client._switch_dc(dc_id)  # noqa: SLF001 - as after PHONE_MIGRATE_X

    async def send_to(self, dc_id: int, request: Any) -> Any:
        """Send a request to a data centre, which has to be logged in to first where it is not
        the account's own (https://core.telegram.org/api/datacenter).
        """
        if dc_id == self.client.session.dc_id:
            return await self.send(request)
        return await self._pass(
            method_name(request),
            lambda: self.elsewhere.send(dc_id, _wrapped(request, listening=False)),
        )

    async def small_file(self, location: Any, dc_id: int) -> bytes:
        """Return the first 64 KB of a file, which is all of a small photo.

        One request, to the data centre that has it
        (https://core.telegram.org/api/files#downloading-files).
        """
        part = await self.send_to(dc_id, functions.upload.GetFileRequest(location, 0, _SMALL))
        if not isinstance(part, types.upload.File):
            raise DataError(
                "NO_FILE", "Telegram sent %(what)s and no file.", what=type(part).__name__
            )
        return bytes(part.bytes)


@contextmanager
def gc_paused() -> Iterator[None]:
    """Work without the garbage collector, which finds nothing to free and costs a third."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _connection_lost(method: str) -> Iterator[None]:
    """Tell Telethon's cancellation from our own.

    When a connection breaks, Telethon may cancel the futures of its requests, which looks to
    the waiting task as if itself had been cancelled.
    """
    try:
        yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise TransientError(
            "CONNECTION_LOST",
            "The connection to Telegram broke during a %(method)s request.",
            "It is tried again in a moment.",
            method=method,
        ) from None
