"""Looking which data centre answers through which proxy, and writing down what was seen."""

import asyncio
from typing import Any

from django.conf import settings
from django.utils import timezone

from ingestion.errors import IngestionError
from ingestion.models import RoadCheck
from ingestion.sources.mtproto.probe import Answered, look
from ingestion.sources.mtproto.roads import PORTS, TRANSPORTS
from ingestion.telegram import proxy_server, server


def check(check_id: int) -> None:
    """Ask all data centres by all transports and ports, and IPv6 as well where there is no proxy."""
    row = RoadCheck.objects.select_related("proxy").filter(pk=check_id).first()
    if row is None or row.state == RoadCheck.State.DONE:
        return
    try:
        proxy = proxy_server(row.proxy) if row.proxy else None
    except IngestionError as error:
        results = [{"dc": 0, "transport": "", "error": error.told.as_json()}]
    else:
        results = [_plain(one) for one in asyncio.run(_look(proxy))]
    RoadCheck.objects.filter(pk=row.pk).update(
        state=RoadCheck.State.DONE, results=results, finished_at=timezone.now()
    )


async def _look(proxy: Any) -> list[Answered]:
    timeout = settings.TELEGRAM_CONNECT_TIMEOUT
    seen = await look(
        server=server(), proxy=proxy, transports=TRANSPORTS, ports=PORTS, timeout=timeout
    )
    if proxy is None and server() is None:
        seen += await look(transports=["full"], ipv6=True, timeout=timeout)
    return seen


def _plain(one: Answered) -> dict[str, Any]:
    made: dict[str, Any] = {
        "dc": one.dc,
        "host": one.host,
        "port": one.port,
        "transport": one.transport,
        "ms": one.ms,
    }
    if one.error is not None:
        made["error"] = one.error.told.as_json()
    return made
