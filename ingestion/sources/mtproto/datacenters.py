"""Where Telegram's data centres are, for whoever has not asked one yet.

https://core.telegram.org/api/datacenter: a client is born with some of these, and learns the others
from help.getConfig. They have been the same for years. No Telethon in it.
"""

from typing import Final, NamedTuple


class Datacenter(NamedTuple):
    dc: int
    host: str
    port: int = 443


_IPV4: Final = {
    1: "149.154.175.53",
    2: "149.154.167.51",
    3: "149.154.175.100",
    4: "149.154.167.91",
    5: "91.108.56.130",
}
_IPV6: Final = {
    1: "2001:b28:f23d:f001::a",
    2: "2001:67c:4e8:f002::a",
    3: "2001:b28:f23d:f003::a",
    4: "2001:67c:4e8:f004::a",
    5: "2001:b28:f23f:f005::a",
}


def addresses(*, ipv6: bool = False) -> list[Datacenter]:
    return [Datacenter(dc, host) for dc, host in (_IPV6 if ipv6 else _IPV4).items()]


def address(dc: int, *, ipv6: bool) -> str | None:
    """None for one that nobody has heard of."""
    return (_IPV6 if ipv6 else _IPV4).get(dc)
