"""Looking which data centre answers through which proxy, and writing down what was seen."""

import asyncio
from typing import Any

from django.conf import settings
from django.utils import timezone

from ingestion.errors import IngestionError
from ingestion.models import Account, RoadCheck
from ingestion.sources.mtproto.config import Credentials
from ingestion.sources.mtproto.datacenters import Datacenter
from ingestion.sources.mtproto.probe import TIMEOUT, Answered, look, options
from ingestion.sources.mtproto.roads import TRANSPORTS, ProxyServer, Road, Way
from ingestion.telegram import proxy_server, server


def check(check_id: int) -> None:
    """Ask all data centres by all transports, at port 80 by one, and over IPv6 where there is no
    proxy. Takes some 12 s at most.
    """
    row = RoadCheck.objects.select_related("proxy").filter(pk=check_id).first()
    if row is None or row.state == RoadCheck.State.DONE:
        return
    try:
        proxy = proxy_server(row.proxy) if row.proxy else None
    except IngestionError as error:
        results = [{"dc": 0, "transport": "", "error": error.told.as_json()}]
    else:
        results = asyncio.run(_look(proxy, _application(row)))
    RoadCheck.objects.filter(pk=row.pk).update(
        state=RoadCheck.State.DONE, results=results, finished_at=timezone.now()
    )


def _application(row: RoadCheck) -> Credentials | None:
    """Of some account of the workspace: Telegram tells its addresses to applications only."""
    account = Account.objects.filter(workspace=row.workspace_id).order_by("pk").first()
    return Credentials(account.api_id, account.api_hash) if account else None


async def _look(proxy: ProxyServer | None, application: Credentials | None) -> list[dict[str, Any]]:
    nearest, places = await _places(proxy, application)
    ipv4 = [place for place in places if ":" not in place.host]
    ipv6 = [place for place in places if ":" in place.host]
    common: dict[str, Any] = {"server": server(), "proxy": proxy, "timeout": _timeout()}
    looks = [look(roads=[Road(name) for name in TRANSPORTS], places=ipv4, **common)]
    if server() is None:  # another server answers at one port
        looks.append(look(roads=[Road("intermediate", 80)], places=ipv4, **common))
    if server() is None and proxy is None:
        looks.append(look(roads=[Road("full")], ipv6=True, places=ipv6, **common))
    seen = [one for some in await asyncio.gather(*looks) for one in some]
    return [{**_plain(one), "nearest": one.dc == nearest} for one in seen]


def _timeout() -> float:
    """People's calls wait behind a look."""
    return float(min(settings.TELEGRAM_CONNECT_TIMEOUT, TIMEOUT))


async def _places(
    proxy: ProxyServer | None, application: Credentials | None
) -> tuple[int, list[Datacenter]]:
    """What Telegram says of its data centres; nothing when it does not answer."""
    if application is None:
        return 0, []
    way = Way(proxy=proxy, transport="full", connect_timeout=_timeout(), attempts=1)
    try:
        return await options(application, server=server(), way=way, timeout=_timeout())
    except IngestionError:
        return 0, []


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
