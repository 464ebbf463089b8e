"""What many people read, worked out once: kept in Valkey, by workspace.

    cache.remember(workspace.pk, "bars", stats.stacked_days, channels=…, since=…, until=…)

Every key has the workspace's generation in it. `forget` gives it another one, and so everything that
was kept of the workspace is gone at once. Who reads asks for the generation first: what is worked out
while a batch is written is kept under the generation that the batch ends. Valkey may be away: then
everything is worked out each time. What could not be forgotten meanwhile is forgotten as soon as it
answers; and nothing is kept longer than its kind allows, so that is also the longest that anybody
could see something old, should both Valkey be cut off and the process that wrote be killed.

Only figures are kept, never what people wrote.
"""

import hashlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, ParamSpec, TypeVar, cast
from uuid import uuid4

from django.conf import settings
from django.core.cache import caches
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from redis import RedisError

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds for which something of a kind is kept at most.
KINDS: Final = {"bars": 300, "calendar": 300, "sparklines": 300, "top": 300, "facets": 60}
#: Seconds for which Valkey is left alone after it did not answer.
_PATIENCE: Final = 2.0
#: Seconds between two times that counts are sent.
_TELL_EVERY: Final = 1.0
_WARM: Final = "warm"
_KEEPS: Final = "keeps"

_NOTHING: Final = object()
_lock = threading.Lock()
_counts: Counter[str] = Counter()
#: Generations that Valkey is still to hear of, by workspace.
_owed: dict[int, str] = {}
_away_until = 0.0
_told_at = 0.0
_warmers: list[Callable[[int], object]] = []


@dataclass(frozen=True, slots=True)
class Figures:
    """How often something of a kind was there (`hits`), or had to be worked out."""

    kind: str
    hits: int
    misses: int

    @property
    def asked(self) -> int:
        return self.hits + self.misses

    @property
    def percent(self) -> float | None:
        return 100 * self.hits / self.asked if self.asked else None


def remember(
    workspace_id: int, kind: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """What `function` returns for these arguments, which are plain values (their `repr` tells them
    apart), from the messages of one workspace. `kind` is one of `KINDS`.
    """
    seconds = min(KINDS[kind], _longest())
    key = _key(workspace_id, kind, function, args, kwargs)
    found = _asked(lambda: caches["shared"].get(key, _NOTHING), _NOTHING) if key else _NOTHING
    _count(f"{kind}:{'miss' if found is _NOTHING else 'hit'}")
    if found is not _NOTHING:
        return cast("T", found)
    made = function(*args, **kwargs)
    if key:
        _asked(lambda: caches["shared"].set(key, made, timeout=seconds), None)
    return made


def forget(workspace_id: int) -> None:
    """All that was kept of a workspace. Call it after the commit."""
    with _lock:
        _owed[workspace_id] = uuid4().hex
    _asked(lambda: None, None)


def forget_after_commit(workspace_id: int) -> None:
    """`forget`, once this transaction is over: at once where there is none."""
    transaction.on_commit(lambda: forget(workspace_id))


def figures() -> list[Figures] | None:
    """Since Valkey was started; None when it does not answer."""
    names = [f"count:{kind}:{what}" for kind in KINDS for what in ("hit", "miss")]
    found = _asked(lambda: caches["shared"].get_many(names), None)
    if found is None:
        return None
    return [
        Figures(kind, found.get(f"count:{kind}:hit", 0), found.get(f"count:{kind}:miss", 0))
        for kind in KINDS
    ]


def register_warmer(warmer: Callable[[int], object]) -> None:
    """It is given a workspace's key, and asks for what people will ask for first."""
    _warmers.append(warmer)


def is_cold() -> bool:
    """Whether Valkey answers, keeps what it is given, and has forgotten everything."""
    return _asked(_is_cold, otherwise=False)


def warm(workspaces: Iterable[int]) -> None:
    """Work out what people will ask for first. What fails is left out."""
    _asked(lambda: caches["shared"].set(_WARM, 1, timeout=None), None)
    for workspace_id in workspaces:
        for warmer in _warmers:
            try:
                warmer(workspace_id)
            except Exception:
                logger.exception("Workspace %s could not be warmed", workspace_id)


def _is_cold() -> bool:
    caches["shared"].set(_KEEPS, 1, timeout=60)
    found = caches["shared"].get_many([_KEEPS, _WARM])
    return _KEEPS in found and _WARM not in found


def _key(workspace_id: int, kind: str, function: Any, args: Any, kwargs: Any) -> str:
    """Empty when Valkey does not answer."""
    generation = _asked(lambda: _generation(workspace_id), "")
    if not generation:
        return ""
    said = repr(
        (connection.alias, function.__module__, function.__qualname__, args, sorted(kwargs.items()))
    )
    digest = hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
    return f"{kind}:{workspace_id}:{generation}:{digest}"


def _longest() -> float:
    """A replica may not have the batch yet that the generation is of."""
    return float("inf") if connection.alias == DEFAULT_DB_ALIAS else settings.REPLICA_MAX_LAG


def _generation(workspace_id: int) -> str:
    """One that Valkey has forgotten is replaced by one that never was."""
    name = f"generation:{workspace_id}"
    return str(caches["shared"].get_or_set(name, lambda: uuid4().hex, timeout=None) or "")


def _asked(question: Callable[[], T], otherwise: T) -> T:
    """What Valkey says; `otherwise` when it does not answer. Debts are paid first."""
    global _away_until  # noqa: PLW0603 - a fact about this process
    if time.monotonic() < _away_until:
        return otherwise
    try:
        _pay()
        return question()
    except (RedisError, OSError) as error:
        _away_until = time.monotonic() + _PATIENCE
        logger.info("Valkey does not answer (%s); figures are worked out each time", error)
        return otherwise


def _pay() -> None:
    """Forget what is to be forgotten, and send counts now and then."""
    global _told_at  # noqa: PLW0603 - a fact about this process
    with _lock:
        owed, counts = dict(_owed), Counter[str]()
        if _counts and time.monotonic() - _told_at >= _TELL_EVERY:
            _told_at = time.monotonic()
            counts = Counter(_counts)
            _counts.clear()
    for workspace_id, generation in owed.items():
        caches["shared"].set(f"generation:{workspace_id}", generation, timeout=None)
    with _lock:
        for workspace_id, generation in owed.items():
            if _owed.get(workspace_id) == generation:  # else there was another change meanwhile
                del _owed[workspace_id]
    for name, number in counts.items():
        caches["shared"].add(f"count:{name}", 0, timeout=None)
        with suppress(ValueError):  # forgotten already, or a cache that keeps nothing
            caches["shared"].incr(f"count:{name}", number)


def _count(name: str) -> None:
    with _lock:
        _counts[name] += 1
