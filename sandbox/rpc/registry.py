"""Which request is answered by which function."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.rpc.errors import unauthorized

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.mtproto.connection import Connection
    from sandbox.mtproto.session import AuthKey, Session
    from sandbox.server import Server
    from sandbox.world.channel import Channel
    from sandbox.world.model import Account
    from sandbox.world.world import World


@dataclass(slots=True)
class Call:
    """One request: who asks what, and what the log will say of it."""

    server: Server
    connection: Connection
    session: Session
    key: AuthKey
    request: Any
    name: str
    entry: dict[str, Any] = field(default_factory=dict)
    channel: Channel | None = None

    @property
    def world(self) -> World:
        return self.server.world

    @property
    def user_id(self) -> int:
        """Who asks; an error for keys that nobody is logged in with."""
        if self.key.user_id is None:
            raise unauthorized("AUTH_KEY_UNREGISTERED")
        return self.key.user_id

    @property
    def account(self) -> Account:
        return self.world.accounts[self.user_id]


class Method(NamedTuple):
    """A method of the API; `anonymous` ones need no login."""

    name: str
    answer: Callable[[Call], Any]
    anonymous: bool


METHODS: dict[type[Any], Method] = {}


def method_name(request: type[Any]) -> str:
    """``messages.getHistory`` of Telethon's ``messages.GetHistoryRequest``."""
    short = request.__name__.removesuffix("Request")
    short = short[0].lower() + short[1:]
    module = request.__module__.rsplit(".", 1)[-1]
    return short if module == "functions" else f"{module}.{short}"


def method(
    *requests: Any, anonymous: bool = False
) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    """Registers a function as what answers a request: it returns TL or bytes."""

    def register(answer: Callable[[Call], Any]) -> Callable[[Call], Any]:
        for request in requests:
            METHODS[request] = Method(method_name(request), answer, anonymous)
        return answer

    return register
