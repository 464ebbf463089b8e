"""The command line: ``python -m sandbox COMMAND --data DIR``."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from sandbox import serve
from sandbox.control.client import ControlError, ask, server_info, stream

if TYPE_CHECKING:
    from collections.abc import Callable


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; the result is the exit code."""
    options = _parser().parse_args(arguments)
    values = {k: v for k, v in vars(options).items() if k not in {"command", "json", "data"}}
    try:
        if options.command == "serve":
            logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
            values.pop("demo")
            serve.run(serve.Options(data=options.data, json=options.json, **values))
            return 0
        control = server_info(options.data)["control"]
        return _talk(control, options.command, values, as_json=options.json)
    except (ControlError, serve.StartError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _talk(control: str, command: str, values: dict[str, Any], *, as_json: bool) -> int:
    values = {k: v for k, v in values.items() if v is not None}
    if command == "truth":
        _truth(control, values)
    elif command == "requests":
        *entries, _ = stream(control, "requests", **values)
        for entry in entries:
            _out(entry if as_json else _request_line(entry))
    elif command == "fault":
        if values.pop("list"):
            _out(ask(control, "faults"))
        elif values.pop("clear"):
            _out(ask(control, "clear_faults"))
        else:
            if values.get("count") == 0:
                values["count"] = None
            values["kind"] = values.pop("kind", "internal")
            _out(ask(control, "fault", **{k: v for k, v in values.items() if k != "clear"}))
    elif command == "status" and not as_json:
        _status(ask(control, "status"))
    else:
        fields = values.pop("set", None) or ()
        for name, _, text in (item.partition("=") for item in fields):
            values[name] = _value(text)
        _out(ask(control, command, **values))
    return 0


def _truth(control: str, values: dict[str, Any]) -> None:
    """Lines as they come, or, for one channel, one object with everything."""
    as_lines = values.pop("lines")
    if as_lines:
        for item in stream(control, "truth", **values):
            if "type" in item:
                _out(item)
        return
    *items, _ = stream(control, "truth", **values)
    channels: list[dict[str, Any]] = []
    for item in items:
        kind = item.pop("type")
        if kind == "channel":
            channels.append({**item, "messages": [], "deleted": []})
        elif kind == "message":
            item.pop("channel_id")
            channels[-1]["messages"].append(item)
        else:
            channels[-1]["deleted"] = item["ids"]
    _out(channels[0] if "channel" in values else channels)


def _value(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _out(value: Any) -> None:
    line = value if isinstance(value, str) else orjson.dumps(value).decode()
    sys.stdout.write(line + "\n")


def _request_line(entry: dict[str, Any]) -> str:
    outcome = entry.get("error") or entry["answer"]
    return f"{entry['seq']:>6} {entry['account'] or '-':<12} {entry['method']} {entry['username'] or ''} {outcome}"


def _status(status: dict[str, Any]) -> None:
    _out(f"{status['dc']}  {'frozen' if status['frozen'] else 'going on'}")
    for app in status["apps"]:
        _out(f"api_id {app['api_id']}  api_hash {app['api_hash']}")
    for account in status["accounts"]:
        password = f"  password {account['password']!r}" if account["password"] else ""
        banned = "  banned" if account["banned"] else ""
        _out(f"phone +{account['phone']}  code {account['code']}{password}{banned}")
    for channel in status["channels"]:
        name = f"@{channel['username']}" if channel["username"] else str(channel["id"])
        links = "".join(
            f"  https://t.me/+{invite['hash']}{' (approval)' * invite.get('approval', False)}"
            for invite in channel["invites"]
        )
        _out(
            f"{name:<20} {channel['kind']:<11} top {channel['top_id']:>6}  {channel['title']}{links}"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text)
        made.add_argument("--data", type=Path, required=True, help="the data directory")
        made.add_argument("--json", action="store_true", help="print JSON")
        return made

    _serve_options(add("serve", "run the server"))
    add("status", "address, accounts and channels")
    one = add("truth", "every message there is, as JSON")
    one.add_argument("--channel", help="@name or id; without it all channels")
    one.add_argument("--lines", action="store_true", help="JSONL: channel, messages, deleted")
    add("freeze", "stop posting, editing and deleting")
    add("unfreeze", "go on")
    _fault_options(add("fault", "let something go wrong"))
    one = add("requests", "what was asked so far")
    one.add_argument("--since", type=int, default=0, help="after this number")
    one.add_argument("--method")
    for name, text in (
        ("post", "a new message"),
        ("edit", "change a message"),
        ("counters", "set views, reactions, …"),
    ):
        one = add(name, text)
        one.add_argument("--channel", required=True)
        if name != "post":
            one.add_argument("--id", type=int, required=True)
        one.add_argument("--text")
        one.add_argument("--set", action="append", metavar="FIELD=JSON", help="any other field")
    one = add("delete", "delete messages")
    one.add_argument("--channel", required=True)
    one.add_argument("ids", type=int, nargs="+")
    _channel_options(add)
    one = add("session", "a session string that is logged in")
    one.add_argument("--phone", required=True)
    one = add("revoke", "end all sessions of an account")
    one.add_argument("--phone", required=True)
    one.add_argument("--error", help="what these sessions get from now on")
    one.add_argument("--dc", type=int, choices=(2, 4), help="those in this data centre only")
    one.add_argument("--forget", action="store_true", help="not even their keys are known any more")
    one = add("tick", "let events happen now")
    one.add_argument("--count", type=int, default=1)
    one = add("pace", "slow every answer down")
    one.add_argument("--delay", type=float, default=0.0)
    one.add_argument("--max-rate", type=float, default=0.0)
    add("stop", "end the server")
    return parser


def _channel_options(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    one = add("channel", "change what a channel is called, says of itself …")
    one.add_argument("--title")
    one.add_argument("--about")
    one.add_argument("--participants", type=int, metavar="MEMBERS")
    one.add_argument("--set", action="append", metavar="FIELD=JSON", help="any other field")
    photo = add("photo", "give a channel another picture")
    photo.add_argument("--remove", action="store_true", help="or none")
    photo.add_argument("--dc", type=int, choices=(2, 4), help="the data centre that has it")
    member = add("member", "let an account join a channel")
    member.add_argument("--phone", required=True)
    member.add_argument("--out", dest="joined", action="store_false", help="throw it out instead")
    invite = add("invite", "make an invite link, or change it")
    invite.add_argument("--hash", required=True, help="what stands after t.me/+")
    invite.add_argument(
        "--approval", action=argparse.BooleanOptionalAction, help="an administrator has to agree"
    )
    invite.add_argument("--expires", type=int, metavar="SECONDS", help="Unix time")
    invite.add_argument("--revoked", action=argparse.BooleanOptionalAction)
    for parser in (one, photo, member, invite):
        parser.add_argument("--channel", required=True, help="@name or id")


def _serve_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("--host", default="127.0.0.1")
    one.add_argument("--port", type=int, default=0, help="default: as before, or any free one")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--demo", action="store_true", help="the demo world (the default)")
    one.add_argument("--world", type=Path, help="a world file")
    one.add_argument("--channels", type=int, default=0, help="a made world of so many channels")
    one.add_argument("--messages", type=int, default=500, help="ids in each of them")
    one.add_argument("--frozen", action="store_true", help="nothing happens by itself")
    one.add_argument("--rate", type=float, default=0.5, help="events a second")
    one.add_argument("--prepared", action="store_true", help="write all messages at start")
    one.add_argument("--gzip", action=argparse.BooleanOptionalAction)
    one.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    one.add_argument("--max-rate", type=float, default=0.0, help="answers a second")
    one.add_argument("--die-with-parent", action="store_true")


def _fault_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("kind", nargs="?", help="see sandbox/faults.py")
    one.add_argument("--method", default="*")
    one.add_argument("--count", type=int, default=1, help="0: until it is cleared")
    one.add_argument("--skip", type=int, default=0, help="requests that go well before")
    one.add_argument("--account", help="phone")
    one.add_argument("--channel")
    one.add_argument("--seconds", type=float, default=0.0)
    one.add_argument("--requests", type=int, default=0, help="of a limit")
    one.add_argument("--penalty", type=float, default=0.0, help="of a limit: seconds, however full")
    one.add_argument("--growth", type=float, default=1.0, help="of a penalty: times, each time")
    one.add_argument("--hold", action="store_true", help="refuse all until the wait is over")
    one.add_argument("--error")
    one.add_argument("--code", type=int)
    one.add_argument("--ids", type=int, nargs="*", default=[])
    one.add_argument("--list", action="store_true")
    one.add_argument("--clear", action="store_true")
