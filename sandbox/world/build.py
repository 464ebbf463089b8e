"""Builds the world that a specification names: the demo's, a made one, or a file's."""

from __future__ import annotations

from dataclasses import dataclass, fields
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.world import codec, kinds
from sandbox.world.author import Author, Profile
from sandbox.world.channel import Channel
from sandbox.world.demo import DEMO, Plan, made
from sandbox.world.model import (
    Account,
    Admin,
    ApiApp,
    ChannelInfo,
    Invite,
    Topic,
    User,
    marked_channel,
)
from sandbox.world.source import FixedSource, GeneratedSource
from sandbox.world.voices import VOICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.world.source import Source

YEAR = 31_557_600
APPS = (ApiApp(20_041, "5f0c1d2e3b4a59687f6e5d4c3b2a1908"),)
ACCOUNTS = (
    Account(7_000_000_001, "15550001001", "11111"),
    Account(7_000_000_002, "15550001002", "22222", "tide & harbour 2", "a place by the sea"),
    Account(7_000_000_003, "15550001003", "33333"),
    Account(7_000_000_004, "15550001999", "44444", banned=True),
    Account(7_000_000_005, "15550001005", "55555", "salt & cedar 5", "two things that keep"),
)
_NAMES = (
    ("Demo", "Reader"),
    ("Двойная", "Защита"),
    ("Outside", "Observer"),
    ("Banned", "One"),
    ("Guarded", "Too"),
)
FIRST_CHANNEL = 1_500_000_001


@dataclass(slots=True)
class Parts:
    """What a world is made of."""

    accounts: list[Account]
    apps: list[ApiApp]
    users: dict[int, User]
    channels: list[Channel]
    profiles: dict[int, Author]


def build(spec: Mapping[str, Any]) -> Parts:
    """Makes a world; `spec` has `kind` (``demo``, ``made``, ``file``), `seed` and `end`."""
    users = {
        account.user_id: User(account.user_id, first, last, phone=account.phone)
        for account, (first, last) in zip(ACCOUNTS, _NAMES, strict=True)
    }
    parts = Parts(list(ACCOUNTS), list(APPS), users, [], {})
    if spec["kind"] == "file":
        _from_file(parts, spec)
        return parts
    plans = DEMO if spec["kind"] == "demo" else made(spec["channels"], spec["messages"])
    _from_plans(parts, plans, spec)
    return parts


def _from_plans(parts: Parts, plans: Iterable[Plan], spec: Mapping[str, Any]) -> None:
    plans = tuple(plans)
    public = tuple(
        marked_channel(FIRST_CHANNEL + i * 7) for i, plan in enumerate(plans) if plan.username
    )
    discussed = {plan.linked for plan in plans}
    for number, plan in enumerate(plans):
        channel_id = FIRST_CHANNEL + number * 7
        sources = tuple(m for m in public if m != marked_channel(channel_id))
        info, source, author = _make(
            parts, plan, channel_id, number, spec, sources, comments=plan.username in discussed
        )
        for index, account in enumerate(parts.accounts):
            joined = index not in plan.outsiders and (index < 2 or number % 3 == 0)
            if joined and not account.banned:
                info.members.add(account.user_id)
        parts.channels.append(Channel(info, source))
        parts.profiles[channel_id] = author
    by_name = {channel.info.username: channel.info for channel in parts.channels}
    for plan, channel in zip(plans, parts.channels, strict=True):
        if plan.linked and plan.linked in by_name:
            channel.info.linked_id = by_name[plan.linked].id
            by_name[plan.linked].linked_id = channel.info.id


def _make(
    parts: Parts,
    plan: Plan,
    channel_id: int,
    number: int,
    spec: Mapping[str, Any],
    sources: tuple[int, ...],
    *,
    comments: bool = False,
) -> tuple[ChannelInfo, Source, Author]:
    seed, end = f"{spec['seed']}:{channel_id}", int(spec["end"])
    rng = Random(f"{seed}:channel")  # noqa: S311 - a world, not a secret
    voice = VOICES[plan.voice]
    people = _people(parts.users, plan, number, rng)
    start = int(end - plan.years * YEAR)
    topics = tuple(Topic(2 + i, title) for i, title in enumerate(plan.topics))
    group = plan.kind in {"supergroup", "forum"}
    author = Author(
        Profile(
            channel_id,
            voice,
            plan.title,
            group,
            people,
            plan.audience,
            sources,
            topics,
            tuple(f"{first} {last}" for first, last in voice.people[:3]) if plan.signatures else (),
            comments=comments and plan.username is not None,
            gigagroup=plan.kind == "gigagroup",
            media=plan.media,
            albums=plan.albums,
            polls=plan.polls,
        )
    )
    info = ChannelInfo(
        channel_id,
        plan.title,
        plan.kind,
        plan.username,
        plan.about,
        start,
        plan.language,
        plan.voice,
        plan.audience * 3 if plan.audience else 40 + len(people) * 11,
        plan.signatures,
        plan.verified,
        plan.hidden,
        topics=topics,
        pts=plan.messages + 5,
        admins=_admins(people) if group else (),
        photo=channel_id,
        photo_dc=4 if number % 4 == 3 else 2,
        invites=(Invite(plan.invite, plan.approval),) if plan.invite else (),
    )
    if plan.kinds:
        fixed = FixedSource(kinds.messages(channel_id, people, start))
        info.pts = fixed.top_id + 5
        return info, fixed, author
    source = GeneratedSource(
        author, seed=seed, top_id=plan.messages, start=start, end=end, holes=plan.holes
    )
    return info, source, author


def _admins(people: tuple[int, ...]) -> tuple[Admin, ...]:
    """The first member made the group, the second helps."""
    ranks = ("founder", None)
    return tuple(
        Admin(user_id, rank, creator=not place)
        for place, (user_id, rank) in enumerate(zip(people, ranks, strict=False))
    )


def _people(users: dict[int, User], plan: Plan, number: int, rng: Random) -> tuple[int, ...]:
    names = VOICES[plan.voice].people
    out = []
    for index in range(plan.people):
        user_id = 5_200_000_000 + number * 1_000 + index
        first, last = names[index % len(names)][0], names[rng.randrange(len(names))][1]
        username = f"{plan.voice}_{index}" if index % 3 == 0 else None
        users[user_id] = User(
            user_id,
            first,
            last if rng.random() < 0.8 else None,
            username,
            bot=index == plan.people - 1,
            verified=index == 0,
            deleted=rng.random() < 0.02,
        )
        out.append(user_id)
    return tuple(out)


def _from_file(parts: Parts, spec: Mapping[str, Any]) -> None:
    """A world file: accounts, apps, users, and channels with `messages` or `generate`."""
    data: Mapping[str, Any] = spec["data"]
    if "accounts" in data:
        parts.accounts[:] = [
            codec.account({k: v for k, v in item.items() if k not in {"first_name", "last_name"}})
            for item in data["accounts"]
        ]
        for item in data["accounts"]:
            parts.users[item["user_id"]] = User(
                item["user_id"],
                item.get("first_name", "Account"),
                item.get("last_name"),
                phone=item["phone"],
            )
    if "apps" in data:
        parts.apps[:] = [ApiApp(**item) for item in data["apps"]]
    parts.users.update({item["id"]: codec.user(item) for item in data.get("users", ())})
    everybody = {account.user_id for account in parts.accounts}
    for number, item in enumerate(data["channels"]):
        values = {k: v for k, v in item.items() if k in _INFO}
        values["members"] = set(item.get("members", everybody))
        if item.get("kind") == "basic_group" and len(values["members"]) > 1:
            raise ValueError("a basic group belongs to one account: name its `members`")
        values["topics"] = tuple(Topic(**topic) for topic in item.get("topics", ()))
        values["admins"] = tuple(Admin(**admin) for admin in item.get("admins", ()))
        values["invites"] = tuple(Invite(**invite) for invite in item.get("invites", ()))
        values = {"photo": item["id"], "photo_dc": 2, **values}
        if "generate" in item:
            generate = {"voice": "harbor", "title": "", "kind": "broadcast", **item["generate"]}
            names = {field.name for field in fields(Plan)}
            plan = Plan(**{k: v for k, v in {**item, **generate}.items() if k in names})
            info, source, author = _make(parts, plan, item["id"], number, spec, ())
            parts.profiles[info.id] = author
            for name in ("members", "photo", "photo_dc", "invites"):
                setattr(info, name, values[name])
        else:
            messages = [codec.message(message) for message in item.get("messages", ())]
            source = FixedSource(messages, item.get("top_id", 0))
            info = ChannelInfo(**{"pts": source.top_id + 5, **values})
        parts.channels.append(Channel(info, source))


_INFO = {field.name for field in fields(ChannelInfo)}
