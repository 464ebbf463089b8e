"""One turn on an account's connection: catch up, then listen until somebody else wants it."""

import asyncio
import logging
import math
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Final, TypeVar

from ingestion import budget, calls, descriptions, holding, usage
from ingestion.errors import (
    AccessError,
    AccountError,
    DataError,
    IngestionError,
    LeaseLost,
    TransientError,
    Wait,
)
from ingestion.leases import Priority
from ingestion.live import store
from ingestion.live.hearing import Listened
from ingestion.models import Account, ChannelLive
from ingestion.services import listening
from ingestion.sources.live import Difference, EventKind, LiveEvent, Standing
from ingestion.telegram import open_session
from ingestion.writer import write
from tgadmin.lib.threads import DatabaseThread

logger = logging.getLogger(__name__)

T = TypeVar("T")
State = ChannelLive.State

#: Request types without which nothing can be caught up with.
METHODS: Final = (
    "updates.getState",
    "updates.getDifference",
    "updates.getChannelDifference",
    "messages.getPeerDialogs",
)
#: Seconds that events of a burst are gathered for before they are written.
GATHER: Final = 0.25
#: Events that are written at once, however fast they come.
MOST_AT_ONCE: Final = 500
#: Seconds between two looks for who waits, and between two looks at what is to be listened to.
LOOK: Final = 0.7
RELOAD: Final = 2.0
#: Seconds between two signs of life.
SIGN_OF_LIFE: Final = 4.0
#: Seconds of a turn in which it may catch up although somebody waits.
CATCH_UP: Final = 10.0
#: "If no updates were received for 15 minutes, the client should fetch the difference"
#: (https://core.telegram.org/api/updates#recovering-gaps).
QUIET: Final = 900.0
#: Channels that one question about their standing names.
CHUNK: Final = 100
#: Of more channels that are to be asked at once it is asked first which of them have news.
FEW: Final = 3
#: Seconds after which a channel is asked again that Telegram had trouble with.
TROUBLE: Final = 30.0
#: Seconds between two descriptions of a channel that tells again and again that it changed.
DESCRIBED: Final = 600.0


class Turn:
    """What one connection does. `stop` ends it soon."""

    def __init__(self, account: Account, lease: holding.Lease, stop: threading.Event) -> None:
        self.account = account
        self.lease = lease
        self.stop = stop
        self.listened: dict[int, Listened] = {}
        self.began = time.monotonic()
        self.gathering_since: float | None = None
        self.looked_at = self.reloaded_at = self.lived_at = self.began
        self.checked_at = self.began
        self.better = False

    async def run(self) -> None:
        """Listen until somebody who goes first wants the account; raises what ended it else."""
        async with DatabaseThread("writer") as self.writer, DatabaseThread("reader") as self.reader:
            await holding.while_held(self.lease, self.reader, self._connected)

    async def _connected(self) -> None:
        counting = usage.Counting(self.account.pk, self.reader)
        watching = asyncio.ensure_future(counting.run())
        try:
            async with open_session(
                self.account, self.lease.lasts, self.reader, listening=True
            ) as self.session:
                counting.sender = self.session
                await self._begin()
                while not self._is_over():
                    await self._step()
                await self._flush()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await counting.now()

    def _is_over(self) -> bool:
        """Somebody better waits until what was missed is caught up with, but not for long."""
        if self.stop.is_set() or not self.listened:
            return True
        return self.better and (not self._behind() or time.monotonic() - self.began >= CATCH_UP)

    def _behind(self) -> bool:
        now = time.monotonic()
        return any(one.sequence.must_ask(now) for one in self.listened.values())

    # the beginning

    async def _begin(self) -> None:
        since = await self.reader(store.account_state, self.account.pk)
        state, news = await self._ask(lambda: self.session.subscribe(since))
        hashes = await self.reader(store.chosen_by, self.account.pk)
        await self._add(await self.reader(store.load, self.account.pk, hashes))
        for peer_id in news:
            if one := self.listened.get(peer_id):
                one.sequence.behind = True
        for one in self.listened.values():
            if one.sequence.behind:
                await self._set_state(one, State.CATCHING_UP)
        await self.reader(store.listening, self.account.pk, state)

    async def _add(self, channels: Iterable[Listened]) -> None:
        """Begin to listen to these: find out where they stand, and who is behind."""
        self.checked_at = time.monotonic()
        added = {one.address.peer_id: one for one in channels}
        self.listened |= added
        peers = list(added)
        for start in range(0, len(peers), CHUNK):
            chunk = [added[peer].address for peer in peers[start : start + CHUNK]]
            try:
                standings = dict(await self._ask(partial(self.session.standings, chunk)))
            except (AccessError, DataError):
                # One that cannot be named spoils the question for all: each for itself, then.
                standings = {}
                for address in chunk:
                    standings |= await self._standing(added[address.peer_id])
            for address in chunk:
                one = added[address.peer_id]
                if one.address.peer_id in self.listened:
                    await self._place(one, standings.get(address.peer_id))

    async def _standing(self, one: Listened) -> dict[int, Standing]:
        try:
            found = await self._ask(lambda: self.session.standings([one.address]))
        except AccessError as error:
            await self._refused(one, error)
            return {}
        except DataError:
            return {}
        return dict(found)

    async def _place(self, one: Listened, standing: Standing | None) -> None:
        """Where a channel stands tells whether anything of it was missed."""
        now = time.monotonic()
        if standing is None:
            error = AccessError(
                "NOT_TOLD",
                "Telegram does not tell this account of the channel.",
                "It is asked again later; an account that is a member hears of it at once.",
            )
            await self._refused(one, error)
            return
        newly_left = one.joined and not standing.joined
        one.joined = standing.joined
        # Of a channel that is not told of, the first answer says when to ask for the next.
        one.ask_at = math.inf if one.joined else now + (0 if newly_left else one.timeout)
        if one.sequence.pts is None:
            await self._start_over(one, standing.pts, standing.top, refresh=False)
        elif standing.pts > one.sequence.pts:
            one.sequence.behind = True
        elif standing.pts < one.sequence.pts:
            await self._start_over(one, standing.pts, standing.top, refresh=True)
        if not one.sequence.behind:
            await self._set_state(one, State.LIVE if one.joined else State.POLLING)

    async def _start_over(self, one: Listened, pts: int, top: int, *, refresh: bool) -> None:
        """Go on from here: what went by unseen is left to runs."""
        await self._write(one)
        missing = one.missed(top)
        one.top, one.pts = top, pts
        claim = one.claim(self.account.pk, self.lease.token, missing=missing, refresh=refresh)
        await self.writer(write, one.batch, claim)
        one.wrote()
        for event in one.sequence.jump(pts):
            await self._collect(one, event)
        if missing or refresh:
            await self.reader(listening.request_missing, one.channel.pk)

    # listening

    async def _step(self) -> None:
        heard = await self.session.hear(self.listened.keys(), self._patience())
        now = time.monotonic()
        for event in heard.events:
            await self._take(event, now)
        if heard.lost or now - self.checked_at >= QUIET:
            self.checked_at = now
            await self._add(self.listened.values())
        if self.gathering_since is not None and now - self.gathering_since >= GATHER:
            await self._flush()
        await self._look_if_due()
        await self._poll(now)
        for one in list(self.listened.values()):
            if one.not_before <= now and one.sequence.must_ask(now):
                await self._catch_up(one)
                await self._look_if_due()
                if self._is_over():
                    return

    async def _poll(self, now: float) -> None:
        """Channels that Telegram does not tell of are asked, when it said."""
        due = [one for one in self.listened.values() if one.ask_at <= now]
        if len(due) > FEW:
            await self._add(due)
        else:
            for one in due:
                one.ask_at = now + one.timeout
                one.sequence.behind = True

    def _patience(self) -> float:
        """Seconds until there is something to do even if nothing comes."""
        if self._behind():
            return 0.05
        if self.gathering_since is None:
            return 0.3
        return max(self.gathering_since + GATHER - time.monotonic(), 0.0)

    async def _take(self, event: LiveEvent, now: float) -> None:
        one = self.listened.get(event.peer_id)
        if one is None:
            return
        if event.kind is EventKind.CHANNEL:
            await self._changed(one)
            return
        for ready in one.sequence.take(event, now):
            await self._collect(one, ready)

    async def _collect(self, one: Listened, event: LiveEvent) -> None:
        if not one.collect(event):
            await self._write(one)
            one.collect(event)
        if self.gathering_since is None:
            self.gathering_since = time.monotonic()
        if one.events >= MOST_AT_ONCE:
            await self._write(one)

    async def _flush(self) -> None:
        self.gathering_since = None
        for one in self.listened.values():
            await self._write(one)

    async def _write(self, one: Listened) -> None:
        if not one.dirty:
            return
        claim = one.claim(self.account.pk, self.lease.token)
        await self.writer(write, one.batch, claim)
        one.wrote()

    # catching up

    async def _catch_up(self, one: Listened) -> None:
        """Ask for what was not told, part by part, until there is no more of it."""
        try:
            while not await self._difference(one):
                await self._set_state(one, State.CATCHING_UP)
                await self._look_if_due()
                if self._is_over():
                    return
        except AccessError as error:
            await self._refused(one, error)
            return
        except (AccountError, Wait, LeaseLost):
            raise
        except TransientError:
            if not self.session.connected:
                raise
            # "Channel internal replication issues, try again later":
            # https://core.telegram.org/method/updates.getChannelDifference
            one.not_before = time.monotonic() + TROUBLE
            return
        except IngestionError as error:
            logger.warning("Channel %s: no difference (%s)", one.channel.pk, error)
            await self._skip(one)
        await self._set_state(one, State.LIVE if one.joined else State.POLLING)

    async def _difference(self, one: Listened) -> bool:
        """One part of the difference, and whether it was the last."""
        await self._write(one)
        pts = one.sequence.pts
        if pts is None:
            await self._skip(one)
            return True
        part: Difference = await self._ask(lambda: self.session.difference(one.address, pts))
        one.timeout = part.timeout
        if not one.joined:
            one.ask_at = time.monotonic() + part.timeout
        if part.too_long:
            await self._start_over(one, part.pts, part.top, refresh=True)
            return True
        for event in part.events:
            # Where it leads to counts for all of it, and it is written whole or not at all.
            if not one.collect(event):
                await self._write(one)
                one.collect(event)
        if part.pts != one.written:
            one.pts, one.dirty = part.pts, True
        await self._write(one)
        for event in one.sequence.jump(part.pts):
            await self._collect(one, event)
        one.sequence.behind = not part.final
        return part.final

    async def _skip(self, one: Listened) -> None:
        """What happened cannot be read: go on from where the channel stands."""
        found = await self._standing(one)
        standing = found.get(one.address.peer_id)
        if standing is not None:
            await self._start_over(one, standing.pts, standing.top, refresh=True)
        else:
            one.not_before = time.monotonic() + TROUBLE

    async def _refused(self, one: Listened, error: AccessError) -> None:
        self.listened.pop(one.address.peer_id, None)
        await self.reader(store.refuse, one.channel.pk, self.account.pk, error)

    async def _changed(self, one: Listened) -> None:
        """The channel has another title, or the account was thrown out of it."""
        await self._write(one)
        found = await self._standing(one)
        if one.address.peer_id not in self.listened:
            return
        await self._place(one, found.get(one.address.peer_id))
        now = time.monotonic()
        if one.address.peer_id in self.listened and now - one.described_at >= DESCRIBED:
            one.described_at = now
            channel = await self.reader(store.renewed, one.channel.pk)
            await descriptions.renew(
                self.account.pk, self.session, self.reader, channel, one.address, _as_it_is
            )

    # looking around

    async def _look_if_due(self) -> None:
        now = time.monotonic()
        if now - self.looked_at < LOOK:
            return
        self.looked_at = now
        waiting = await self.reader(holding.waiting, self.account.pk, Priority.LISTENER)
        self.better = waiting.better
        if waiting.calls:
            await self._flush()
            await calls.answer_waiting(self.account, self.session, self.reader)
        if now - self.lived_at >= SIGN_OF_LIFE:
            self.lived_at = now
            await self.reader(store.alive, self.account.pk)
        if now - self.reloaded_at >= RELOAD:
            self.reloaded_at = now
            await self._reload()

    async def _reload(self) -> None:
        """Channels were switched on or off meanwhile."""
        await self.reader(budget.check_quiet_hours, self.account)
        hashes = await self.reader(store.chosen_by, self.account.pk)
        here = {one.channel.pk: one for one in self.listened.values()}
        for key in here.keys() - hashes.keys():
            self.listened.pop(here[key].address.peer_id)
        new = {key: hashes[key] for key in hashes.keys() - here.keys()}
        if new and (added := await self.reader(store.load, self.account.pk, new)):
            await self._add(added)

    async def _set_state(self, one: Listened, state: ChannelLive.State) -> None:
        if one.state != state:
            one.state = state
            await self.reader(store.set_state, one.channel.pk, state)

    async def _ask(self, request: Callable[[], Awaitable[T]]) -> T:
        """One request; its turn comes in the account's budget."""
        return await request()


async def _as_it_is(request: Awaitable[T]) -> T:
    return await request
