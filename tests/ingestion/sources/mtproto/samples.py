"""TL objects for tests: Telethon's own, filled field by field from their signatures."""

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from types import UnionType
from typing import Any, ForwardRef, Union, get_args, get_origin

import orjson
from telethon.tl import patched, types
from telethon.tl.tlobject import TLObject

from ingestion.records import dump_raw

CHANNEL = 1234567890
MARKED = -1001234567890
DATE = datetime(2024, 5, 17, 12, 30, 5, tzinfo=UTC)

_NAMES = {
    "datetime.datetime": datetime,
    "int": int,
    "str": str,
    "bool": bool,
    "bytes": bytes,
    "float": float,
}


def constructors(prefix: str) -> list[type]:
    """Return every TL constructor whose name begins so."""
    found = (getattr(types, name) for name in sorted(dir(types)) if name.startswith(prefix))
    return [one for one in found if inspect.isclass(one) and issubclass(one, TLObject)]


def message(**fields: Any) -> dict[str, Any]:
    """Return a post as it was just received, as a dict."""
    given = {"id": 7, "peer_id": types.PeerChannel(CHANNEL), "date": DATE, "message": "", **fields}
    return dict(patched.Message(**given).to_dict())


def service(action: TLObject, **fields: Any) -> dict[str, Any]:
    given = {"id": 7, "peer_id": types.PeerChannel(CHANNEL), "date": DATE, **fields}
    return dict(patched.MessageService(action=action, **given).to_dict())


def stored(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the same as `jsonb` gives it back."""
    return dict(orjson.loads(dump_raw(raw)))


def byte_lists(value: Any) -> Any:
    """Return the same with bytes as lists of integers and ISO dates, as older archives have it."""
    if isinstance(value, bytes):
        return list(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: byte_lists(item) for key, item in value.items()}
    if isinstance(value, list):
        return [byte_lists(item) for item in value]
    return value


def filled(constructor: type, seed: int = 1, depth: int = 5) -> Any:
    """Return an object with every field set, optional ones too, as deep as is sensible.

    Objects of different seeds differ in file references and access hashes, in nothing else.
    """
    signature = inspect.signature(constructor)
    values = {
        name: _value(name, parameter.annotation, seed, depth)
        for name, parameter in signature.parameters.items()
        if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    }
    return constructor(**values)


def _value(name: str, annotation: Any, seed: int, depth: int) -> Any:
    if isinstance(annotation, str):
        annotation = ForwardRef(annotation)
    if isinstance(annotation, ForwardRef):
        annotation = _resolve(annotation.__forward_arg__)
    origin = get_origin(annotation)
    if origin in {Union, UnionType}:
        options = [one for one in get_args(annotation) if one is not type(None)]
        optional = len(options) < len(get_args(annotation))
        if len(options) > 1 and not optional:  # a TL type with several constructors
            return filled(_first(options), seed, depth - 1)
        return None if optional and depth < 0 else _value(name, options[0], seed, depth)
    if origin is list:
        return [_value(name, get_args(annotation)[0], seed, depth)] if depth >= 0 else []
    if inspect.isclass(annotation) and issubclass(annotation, TLObject):
        return filled(annotation, seed, depth - 1)
    return _scalar(name, annotation, seed)


def _first(options: list[Any]) -> Any:
    full = [one for one in options if not one.__name__.endswith(("Empty", "Forbidden"))]
    return min(full or options, key=lambda one: "Input" in one.__name__)


def _scalar(name: str, annotation: Any, seed: int) -> Any:
    if name == "file_reference":
        return bytes([seed, 0, 255])
    if name == "access_hash":
        return seed << 40
    return {
        int: 40 + len(name),
        float: 1.5,
        bool: True,
        str: f"{name} \0 🙂",
        bytes: b"\x00\xff" + name.encode(),
        datetime: DATE,
    }[annotation]


def _resolve(name: str) -> Any:
    """Find what an annotation names: `datetime.datetime`, `int`, `TypeGeoPoint` …"""
    if name in _NAMES:
        return _NAMES[name]
    modules = [types, *(module for module in vars(types).values() if inspect.ismodule(module))]
    spellings = (name, name.removeprefix("Type"))  # some have an alias in another module only
    return next(getattr(m, one) for one in spellings for m in modules if hasattr(m, one))


def walk(value: Any) -> Iterator[Any]:
    """Yield every leaf of nested dicts and lists."""
    if isinstance(value, dict):
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from walk(item)
    else:
        yield value
