"""What can be asked of a running server, and done to its world."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import struct
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from sandbox.faults import Fault
from sandbox.push import MISHAPS
from sandbox.rpc.errors import RpcFailure
from sandbox.rpc.qr import accept
from sandbox.tl import content, files
from sandbox.tl.media import THIS_DC
from sandbox.world import codec, truth
from sandbox.world.model import Invite

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator

    from sandbox.mtproto.session import AuthKey
    from sandbox.server import Server
    from sandbox.world.channel import Channel
    from sandbox.world.live import Live
    from sandbox.world.model import Message
    from sandbox.world.world import World

JSON = dict[str, Any]


@dataclass
class Context:
    """What commands work on."""

    server: Server
    live: Live
    stop: asyncio.Event
    info: JSON

    @property
    def world(self) -> World:
        return self.server.world


COMMANDS: dict[str, Callable[..., Any]] = {}
STREAMS: dict[str, Callable[..., Iterator[Any]]] = {}


def command(function: Callable[..., Any]) -> Callable[..., Any]:
    """Registers a function under its name."""
    COMMANDS[function.__name__] = function
    return function


@command
def status(context: Context) -> JSON:
    """Where the server is, who can log in, which channels there are."""
    world, server = context.world, context.server
    return {
        **context.info,
        "frozen": world.frozen,
        "rate": context.live.rate,
        "seed": world.spec.get("seed"),
        "requests": server.requests.last,
        "connections": len(server.connections),
        "apps": [{"api_id": i, "api_hash": h} for i, h in world.apps.items()],
        "accounts": [
            {
                "user_id": item.user_id,
                "phone": item.phone,
                "code": item.code,
                "password": item.password,
                "banned": item.banned,
                "sessions": sum(key.dc == THIS_DC for key in server.keys.of_user(item.user_id)),
                "channels": sum(item.user_id in c.info.members for c in world.channels.values()),
            }
            for item in world.accounts.values()
        ],
        "channels": [
            {**truth.card(channel), "messages": len(channel.ids)}
            for channel in world.channels.values()
        ],
        "faults": faults(context),
    }


def truth_lines(context: Context, channel: str | int | None = None) -> Iterator[JSON]:
    """Channel, messages, deleted ids: of one channel or of all."""
    found = context.world.channels.values() if channel is None else [context.world.find(channel)]
    for item in list(found):
        yield from truth.lines(item)


STREAMS["truth"] = truth_lines


@command
def file(context: Context, channel: str | int, id: int) -> JSON:  # noqa: A002 - as in post
    """Size and SHA-256 of the document of a message, or of its photo's largest size."""
    message = context.world.find(channel).get(id)
    media = message.media if message else None
    if media is None:
        return {}
    if media.kind != "photo":
        return {"size": media.size, "sha256": content.sha256(media)}
    letter = files.photo_letters(media)[-1]
    data = files.read(media, letter, 0, 1 << 30) or b""
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


@command
def freeze(context: Context) -> JSON:
    context.world.freeze(frozen=True)
    return {"frozen": True}


@command
def unfreeze(context: Context) -> JSON:
    context.world.freeze(frozen=False)
    return {"frozen": False}


@command
def tick(context: Context, count: int = 1) -> list[str]:
    """Lets `count` events of the living world happen now, frozen or not."""
    return [context.live.tick() for _ in range(count)]


@command
def rate(context: Context, rate: float) -> JSON:
    """Events a second while the world is not frozen."""
    context.live.rate = rate
    return {"rate": rate}


@command
def pace(context: Context, delay: float = 0.0, max_rate: float = 0.0) -> JSON:
    """Every answer `delay` seconds late, and at most `max_rate` answers a second."""
    context.server.delay = delay
    context.server.pace = 1 / max_rate if max_rate else 0.0
    return {"delay": delay, "max_rate": max_rate}


@command
def updates(context: Context, timeout: int | None = None, script: list[str] | None = None) -> JSON:
    """How updates come: the seconds after which a channel's difference is to be asked for again;
    what happens to the next pushed packets (`sandbox.push.MISHAPS`).
    """
    if not {"", *MISHAPS}.issuperset(script or ()):
        raise LookupError(f"not one of {sorted(MISHAPS)}: {script}")
    if timeout is not None:
        context.server.difference_timeout = timeout
    context.server.pusher.script.extend(script or ())
    return {"timeout": context.server.difference_timeout}


@command
def too_long(context: Context) -> JSON:
    """Every session that takes updates is told that there are too many to push."""
    return {"told": context.server.pusher.too_long()}


@command
def forget_events(context: Context) -> JSON:
    """What happened so far is too long ago for any difference."""
    context.server.store.forget_events()
    return {}


@command
def fault(context: Context, *, channel: str | int | None = None, **fields: Any) -> JSON:
    """Adds a line to the script of faults."""
    if channel is not None:
        fields["channel"] = context.world.find(channel).info.id
    if fields.get("account") is not None:
        fields["account"] = str(fields["account"]).lstrip("+")
    return _fault(context.server.faults.add(Fault(**fields)))


@command
def faults(context: Context) -> list[JSON]:
    return [_fault(item) for item in context.server.faults.active()]


def _fault(item: Fault) -> JSON:
    made = asdict(item)
    del made["limit"]
    return made


@command
def clear_faults(context: Context, id: int | None = None) -> JSON:  # noqa: A002 - the fault's own name
    return {"cleared": context.server.faults.clear(id)}


def requests(context: Context, since: int = 0, method: str | None = None) -> Iterator[JSON]:
    yield from context.server.requests.since(since, method)


STREAMS["requests"] = requests


@command
def counts(context: Context) -> JSON:
    """How often each method was asked for."""
    return dict(context.server.requests.counts)


@command
def post(context: Context, channel: str | int, **fields: Any) -> JSON:
    """A new message with the given fields of the model; its date is the world's now."""
    world = context.world
    where = world.find(channel)
    message = codec.message({"id": 0, "date": world.now(), **fields})
    if where.info.kind in {"broadcast", "gigagroup"} and message.action is None:
        message = replace(message, views=message.views or 1, forwards=message.forwards or 0)
    return truth.message(where, world.post(where, message))


@command
def edit(context: Context, channel: str | int, id: int, **fields: Any) -> JSON:  # noqa: A002
    """Changes fields of a message, as its author would: `edit_date` moves."""
    where = context.world.find(channel)
    return truth.message(where, context.world.edit(where, id, **_fields(where, id, fields)))


@command
def counters(context: Context, channel: str | int, id: int, **fields: Any) -> JSON:  # noqa: A002
    """Sets views, forwards, replies or reactions: no edit."""
    where = context.world.find(channel)
    old = where.get(id)
    if old is None:
        raise LookupError(f"no message {id}")
    context.world.counters(where, [replace(old, **_fields(where, id, fields))])
    return truth.message(where, where.get(id) or old)


@command
def delete(context: Context, channel: str | int, ids: list[int]) -> JSON:
    where = context.world.find(channel)
    return {"deleted": context.world.delete(where, ids), "top_id": where.top_id}


@command
def channel(context: Context, channel: str | int, **fields: Any) -> JSON:
    """Changes a channel's card: title, about, username, available_min_id and so on."""
    where = context.world.find(channel)
    context.world.change_card(where, **fields)
    return truth.card(where)


@command
def member(context: Context, channel: str | int, phone: str, *, joined: bool = True) -> JSON:
    """An account joins a channel, or is thrown out of it."""
    account = _account(context, phone)
    where = context.world.find(channel)
    context.world.member(where, account, joined=joined)
    return {"joined": joined}


@command
def photo(
    context: Context, channel: str | int, *, remove: bool = False, dc: int | None = None
) -> JSON:
    """Gives a channel another picture, or none; `dc` is where it is (2 or 4)."""
    where = context.world.find(channel)
    old = where.info.photo or where.info.id
    # another one each time, and the same in the same world
    digest = hashlib.blake2b(f"{where.info.id}:{old}".encode(), digest_size=7).digest()
    made = None if remove else int.from_bytes(digest, "little")
    context.world.change_card(where, photo=made, photo_dc=dc or where.info.photo_dc)
    return {"photo": made}


@command
def invite(context: Context, channel: str | int, hash: str, **fields: Any) -> JSON:  # noqa: A002 - Telegram's own name for it
    """Makes an invite link of a channel, or changes it: approval, expires, revoked."""
    where = context.world.find(channel)
    others = [one for one in where.info.invites if one.hash != hash]
    made = next((one for one in where.info.invites if one.hash == hash), Invite(hash))
    made = replace(made, **fields)
    context.world.change_card(where, invites=(*others, made))
    return codec.plain(made)


@command
def session(context: Context, phone: str) -> JSON:
    """A new session of an account, made without logging in, as a string for Telethon."""
    key, user_id = os.urandom(256), _account(context, phone)
    dc = context.server.home(user_id)
    context.server.keys.add(key, user_id=user_id, dc=dc)
    address = socket.inet_aton(context.server.host)
    packed = struct.pack(">B4sH256s", dc, address, context.server.ports[dc], key)
    return {"session": "1" + base64.urlsafe_b64encode(packed).decode()}


@command
def revoke(context: Context, phone: str, error: str | None = None, **only: Any) -> JSON:
    """Ends all sessions of an account (those in data centre `dc`); with `error`, they get that one
    from now on; with `forget`, not even their keys are known any more.
    """
    keys: list[AuthKey] = context.server.keys.of_user(_account(context, phone))
    keys = [key for key in keys if only.get("dc") in {None, key.dc}]
    for key in keys:
        if only.get("forget"):
            context.server.keys.drop(key)
            continue
        if error:
            context.server.kill(key, error)
        key.user_id = None
        context.server.keys.save(key)
    return {"revoked": len(keys)}


@command
def home(context: Context, phone: str, dc: int = THIS_DC) -> JSON:
    """An account is at home in this data centre (2 or 4) from now on."""
    context.server.homes[_account(context, phone)] = dc
    return {"dc": dc}


@command
def accept_login_token(context: Context, phone: str, url: str) -> JSON:
    """An account's phone reads a QR code with this address (tg://login?token=…), and accepts it."""
    text = url.partition("token=")[2]
    token = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    try:
        accept(context.server, token, _account(context, phone))
    except RpcFailure as failure:
        raise LookupError(failure.message) from None
    return {"accepted": True}


@command
def login_tokens(context: Context, seconds: float | None = None) -> JSON:
    """What the QR codes say that nobody has accepted, oldest first; and how long the next ones are
    good.
    """
    tokens = context.server.login_tokens
    if seconds is not None:
        tokens.seconds = seconds
    texts = [base64.urlsafe_b64encode(one).decode().rstrip("=") for one in tokens.waiting()]
    return {"urls": [f"tg://login?token={text}" for text in texts]}


@command
def expire_codes(context: Context) -> JSON:
    """Every login code that was sent is too old now."""
    for phone in context.world.by_phone:
        sent = context.server.store.code(phone)
        if sent is not None:
            context.server.store.put_code(phone, {**sent, "expires": 0})
    return {}


@command
def drop(context: Context) -> JSON:
    """Ends every connection of clients."""
    connections = list(context.server.connections)
    for connection in connections:
        connection.close()
    return {"dropped": len(connections)}


@command
def reset(context: Context) -> JSON:
    """Everything as at the first start, for the next test: all sessions end."""
    context.server.reset()
    context.live.ticks = 0
    return {}


@command
def stop(context: Context) -> JSON:
    context.stop.set()
    return {}


def _account(context: Context, phone: str) -> int:
    account = context.world.by_phone.get(str(phone).lstrip("+"))
    if account is None:
        raise LookupError(f"no account {phone}")
    return account.user_id


def _fields(where: Channel, message_id: int, fields: JSON) -> JSON:
    """Plain values as the model has them: lists as tuples, dicts as their classes."""
    old = where.get(message_id)
    if old is None:
        raise LookupError(f"no message {message_id}")
    made: Message = codec.message({"id": old.id, "date": old.date, **fields})
    return {name: getattr(made, name) for name in fields}
