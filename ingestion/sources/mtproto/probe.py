"""Looking which data centre answers, through what, and how fast. Needs neither a login nor an
application: it is the first question of an exchange of keys, which anybody may ask.
"""

import asyncio
import os
import struct
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from logging import Logger, getLogger
from typing import Any, Final

from ingestion.errors import IngestionError
from ingestion.sources.mtproto.client import connect
from ingestion.sources.mtproto.config import Credentials, TelegramServer
from ingestion.sources.mtproto.connections import connection, plain_answer
from ingestion.sources.mtproto.datacenters import Datacenter, addresses
from ingestion.sources.mtproto.errors import translate
from ingestion.sources.mtproto.roads import ProxyServer, Road, Way

#: req_pq_multi and resPQ (https://core.telegram.org/mtproto/auth_key).
_ASK: Final = 0xBE7E8EF1
_ANSWER: Final = 0x05162463
#: Seconds for one of them.
TIMEOUT: Final = 6.0


@dataclass(frozen=True, slots=True)
class Answered:
    """One look: milliseconds from the first packet of TCP to the answer, or what went wrong."""

    dc: int
    host: str
    port: int
    transport: str
    ms: int | None
    error: IngestionError | None = None


async def look(
    *,
    server: TelegramServer | None = None,
    proxy: ProxyServer | None = None,
    roads: Sequence[Road] = (Road("full"),),
    ipv6: bool = False,
    places: Sequence[Datacenter] | None = None,
    timeout: float = TIMEOUT,  # noqa: ASYNC109 - for each look
) -> list[Answered]:
    """Ask each data centre by each road, all at once; `places` where they are known
    better than by what every client is born with.
    """
    if proxy is not None and proxy.kind == "mtproxy":
        roads = [Road("mtproxy")]
    if server is not None:
        places = places or [Datacenter(server.dc_id, server.host, server.port)]
    places = places or addresses(ipv6=ipv6)
    return await asyncio.gather(
        *(_ask(place, road, proxy, timeout) for place in places for road in roads)
    )


async def options(
    credentials: Credentials,
    *,
    server: TelegramServer | None = None,
    way: Way | None = None,
    timeout: float = TIMEOUT,  # noqa: ASYNC109 - for each request
) -> tuple[int, list[Datacenter]]:
    """Which data centre Telegram calls nearest to this address, and where each is by now.

    https://core.telegram.org/method/help.getNearestDc, https://core.telegram.org/method/help.getConfig.
    Asked by nobody: under a key of its own, which is thrown away.
    """
    nobody = Credentials(credentials.api_id, credentials.api_hash)
    async with connect(nobody, server=server, way=way, timeout=timeout) as session:
        nearest, config = await session.surroundings()
    places = [
        Datacenter(one.id, one.ip_address, one.port)
        for one in config.dc_options
        if not (one.cdn or one.media_only or one.tcpo_only or one.this_port_only)
    ]
    return nearest.nearest_dc, places


async def _ask(
    place: Datacenter,
    road: Road,
    proxy: ProxyServer | None,
    timeout: float,  # noqa: ASYNC109
) -> Answered:
    made, through = connection(road, proxy)
    loggers: defaultdict[str, Logger] = defaultdict(lambda: getLogger("ingestion.telegram"))
    line = made(place.host, place.port, place.dc, loggers=loggers, proxy=through)
    port = line._port  # noqa: SLF001 - the road's, where it is Telegram's own
    began = time.monotonic()
    ms, wrong = None, None
    try:
        _check(await plain_answer(line, _question(), timeout))
        ms = max(1, round((time.monotonic() - began) * 1000))
    except IngestionError as error:
        wrong = error
    except Exception as error:  # noqa: BLE001, each is a result
        wrong = translate(error, method="req_pq_multi")
    return Answered(place.dc, place.host, port, road.transport, ms, wrong)


def _question() -> bytes:
    now = time.time_ns()
    msg_id = (now // 10**9) << 32 | (now % 10**9) << 2
    body = struct.pack("<I", _ASK) + os.urandom(16)
    return struct.pack("<qqi", 0, msg_id, len(body)) + body


def _check(answer: bytes) -> Any:
    if len(answer) < 24 or struct.unpack_from("<I", answer, 20)[0] != _ANSWER:
        raise ConnectionError("that is no answer of Telegram")
