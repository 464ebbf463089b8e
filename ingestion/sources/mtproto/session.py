"""One account, connected: everything that can be asked of Telegram."""

from typing import Any

from telethon.tl import functions

from ingestion.sources.mtproto.around import Around
from ingestion.sources.mtproto.directory import Directory
from ingestion.sources.mtproto.files import Files
from ingestion.sources.mtproto.history import History
from ingestion.sources.mtproto.invites import Invites
from ingestion.sources.mtproto.login import Login
from ingestion.sources.mtproto.qr import QrLogin
from ingestion.sources.mtproto.roads import Road
from ingestion.sources.mtproto.takeout import Takeout
from ingestion.sources.mtproto.updates import Updates
from ingestion.sources.mtproto.wire import Wire


class TelegramSession(Login, QrLogin, Directory, Invites, Around, History, Updates, Files, Takeout):
    """What `connect()` gives. A `HistorySource` and a `LiveSource`; raises only `ingestion.errors`.

    After a TransientError the connection may be gone: leave it and connect anew.
    """

    def __init__(self, wire: Wire, road: Road | None = None) -> None:
        super().__init__(wire)
        self._wire = wire
        #: How Telegram was reached.
        self.road = road

    def session_string(self) -> str:
        """Return the login as a string, to be kept encrypted; it may change while logging in."""
        text: str = self._wire.client.session.save()
        return text

    async def surroundings(self) -> tuple[Any, Any]:
        """Return Telegram's help.NearestDc and Config, as anybody may ask for them."""
        nearest = await self._wire.send(functions.help.GetNearestDcRequest())
        return nearest, await self._wire.send(functions.help.GetConfigRequest())

    def take_sent(self) -> dict[str, int]:
        """Return how many requests were sent since the last look, by kind (`Wire.take_sent`)."""
        return self._wire.take_sent()

    @property
    def connected(self) -> bool:
        """False once the connection was lost; it never comes back by itself."""
        return bool(self._wire.client.is_connected())
