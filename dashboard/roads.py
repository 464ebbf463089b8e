"""What a look at Telegram's data centres showed, as a page shows it."""

from dataclasses import dataclass
from typing import Any

from ingestion.models import Proxy, RoadCheck
from ingestion.services import proxies
from tgadmin.lib.told import Told
from workspaces.models import Workspace


@dataclass(frozen=True)
class Seen:
    """One data centre: the quickest answer, and how each transport did."""

    dc: int
    ms: int | None
    error: Told
    tried: list[dict[str, Any]]
    #: What Telegram says of this machine's address.
    nearest: bool = False


@dataclass(frozen=True)
class Through:
    """A proxy (or none), and the last look at it."""

    proxy: Proxy | None
    check: RoadCheck | None
    waiting: bool
    seen: list[Seen]

    @property
    def fastest(self) -> Seen | None:
        """None when nothing answered, or nobody looked."""
        answered = [one for one in self.seen if one.ms is not None]
        return min(answered, key=lambda one: one.ms or 0, default=None)

    @property
    def dead(self) -> bool:
        """Looked, and nothing answered."""
        return bool(self.check and self.check.finished_at and self.fastest is None)


def overview(workspace: Workspace) -> list[Through]:
    """Directly first, then the workspace's proxies."""
    checks = proxies.newest(workspace)
    rows: list[Proxy | None] = [None, *Proxy.objects.filter(workspace=workspace).order_by("pk")]
    return [through(row, checks.get(row.pk if row else None)) for row in rows]


def through(proxy: Proxy | None, check: RoadCheck | None) -> Through:
    waiting = check is not None and proxies.is_open(check)
    return Through(proxy, check, waiting, _seen(check.results if check else []))


def _is_nearest(tried: list[dict[str, Any]]) -> bool:
    return any(one.get("nearest") for one in tried)


def _seen(results: list[dict[str, Any]]) -> list[Seen]:
    by_dc: dict[int, list[dict[str, Any]]] = {}
    for one in results:
        by_dc.setdefault(one["dc"], []).append(one)
    found = []
    for dc, tried in sorted(by_dc.items()):
        times = [one["ms"] for one in tried if one.get("ms") is not None]
        wrong: list[Any] = next((one["error"] for one in tried if one.get("error")), [])
        rows = [{**one, "error": Told.from_json(one.get("error") or [])} for one in tried]
        found.append(
            Seen(dc, min(times, default=None), Told.from_json(wrong), rows, _is_nearest(tried))
        )
    return found
