"""Reading in a takeout session, whose limits are gentler (https://core.telegram.org/api/takeout)."""

from telethon.tl import functions

from ingestion.sources.mtproto.wire import Wire


class Takeout:
    """An account's export of its own data, as far as histories of channels go."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def begin_takeout(self) -> int:
        """Begin one, and read histories in it from now on; its number, to go on in it later.

        Raises `TakeoutDelay` while Telegram asks the owner of the account.
        https://core.telegram.org/method/account.initTakeoutSession
        """
        made = await self._wire.send(
            functions.account.InitTakeoutSessionRequest(
                message_megagroups=True, message_channels=True
            )
        )
        self._wire.takeout = made.id
        return int(made.id)

    def go_on_in_takeout(self, number: int) -> None:
        """Read histories in the one that was begun before."""
        self._wire.takeout = number

    async def finish_takeout(self, number: int) -> None:
        """Tell Telegram that everything was read.

        https://core.telegram.org/method/account.finishTakeoutSession
        """
        self._wire.takeout = None
        await self._wire.send(
            functions.InvokeWithTakeoutRequest(
                number, functions.account.FinishTakeoutSessionRequest(success=True)
            )
        )
