"""The client's side of the control socket."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class ControlError(RuntimeError):
    """The server refused, or is not there."""


def server_info(directory: Path) -> dict[str, Any]:
    """What a server wrote of itself: dc, host, port, pid, public_key, control."""
    path = directory / "server.json"
    if not path.exists():
        raise ControlError(f"no sandbox has been started in {directory}")
    info: dict[str, Any] = orjson.loads(path.read_bytes())
    return info


def stream(control: str, command: str, **arguments: Any) -> Iterator[Any]:
    """The items of a stream, then, last, the result."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(120)
        try:
            line.connect(control)
        except OSError as error:
            raise ControlError(f"the sandbox does not run ({control}: {error})") from error
        line.sendall(orjson.dumps({"command": command, **arguments}) + b"\n")
        with line.makefile("rb") as answers:
            for answer in answers:
                data = orjson.loads(answer)
                if "item" in data:
                    yield data["item"]
                    continue
                if not data["ok"]:
                    raise ControlError(data["error"])
                yield data["result"]
                return
    raise ControlError("the sandbox ended before it answered")


def ask(control: str, command: str, **arguments: Any) -> Any:
    """The result of a command that is no stream."""
    *_, result = stream(control, command, **arguments)
    return result
