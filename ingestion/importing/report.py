"""What an import did, or would do, a channel: as it is kept with it and printed as JSON.

`{"channels": [{"id", "peer_id", "title", "read", "new", "changed", "unchanged", "skipped",
"errors", "why": {reason: count}, "files": {"found", "stored", "known", "left_out", "missing",
"errors", "bytes", "why": {reason: count}}}], "left_out": {"chats", "messages"}, "problems": [{"channel",
"message_id", "error"}]}`; an `error` is kept as `Told.as_json`, and printed as its sentences. Of
each channel `read` is the sum of the five figures behind it. `id` is null for a channel that is not
there yet.

Of `files`, which messages name: `found` are in the export, and are the sum of `stored` (new here, of
`bytes` in all), `known` (here already), `left_out` (by reason) and `errors`; `missing` are not in it.

`files_at` is how far in the file (as `Import.position` counts) the files of messages are dealt with,
which come after the messages; `files_done` how many of those behind it.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingestion.models import Channel
from ingestion.sources.base import Chat, Portion
from tgadmin.lib.told import Told

#: Errors that are told one by one; the rest are counted.
MOST_PROBLEMS: Final = 200
#: The file has the same message twice.
REPEATED: Final = "repeated"
#: The message was let go, or is of somebody whose messages are not kept.
LET_GO: Final = "let_go"
#: Why a file was left out: the channel's policy; no room; it is not the one that the message has
#: now; the message has none now.
POLICY: Final = "policy"
NO_ROOM: Final = "no_room"
DIFFERS: Final = "differs"
NO_FILE: Final = "no_file"
_FILES: Final = ("found", "stored", "known", "left_out", "missing", "errors", "bytes")
_FIGURES: Final = ("read", "new", "changed", "unchanged", "skipped", "errors")


class Report:
    """The figures of one import; `as_dict` is stored and read again by the next slice."""

    def __init__(self, stored: Mapping[str, Any] | None = None, *, position: int = 0) -> None:
        stored = stored or {}
        self.files_at: int = stored.get("files_at", position)
        self.files_done: int = stored.get("files_done", 0)
        self.channels: list[dict[str, Any]] = [dict(row) for row in stored.get("channels", ())]
        self.problems: list[dict[str, Any]] = list(stored.get("problems", ()))
        left_out = stored.get("left_out") or {}
        self.left_out = {
            "chats": left_out.get("chats", 0),
            "messages": left_out.get("messages", 0),
        }
        self._last_left_out = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "channels": self.channels,
            "left_out": self.left_out,
            "problems": self.problems,
            "files_at": self.files_at,
            "files_done": self.files_done,
        }

    def total(self, figure: str) -> int:
        """The sum over all channels."""
        return sum(row[figure] for row in self.channels)

    def leave_out(self, portion: Portion) -> None:
        """Chats that are no channels: how many, and not whose."""
        if portion.chat.title != self._last_left_out or not self.left_out["chats"]:
            self.left_out["chats"] += 1
            self._last_left_out = portion.chat.title
        self.left_out["messages"] += portion.read

    def add(self, chat: Chat, channel: Channel | None, figures: Mapping[str, int]) -> None:
        """Count what a batch did."""
        row = self._row(chat)
        if channel is not None:
            row["id"], row["peer_id"] = channel.pk, channel.peer_id
            row["title"] = channel.title
        for name in _FIGURES:
            row[name] += figures.get(name, 0)

    def skip(self, chat: Chat, reasons: Mapping[str, int]) -> None:
        """Items that were left out, by reason; `add` has them in its sum."""
        why = self._row(chat)["why"]
        for reason, count in reasons.items():
            why[reason] = why.get(reason, 0) + count

    def file(self, chat: Chat, became: str, *, size: int = 0, why: str = "") -> None:
        """Count what became of a file: one of `files`' figures; `size` of one that is stored."""
        files = self._row(chat).setdefault("files", no_files())
        files[became] += 1
        files["found"] += became != "missing"
        files["bytes"] += size
        if why:
            files["why"][why] = files["why"].get(why, 0) + 1

    def problem(self, chat: Chat, message_id: int | None, error: Told | str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            kept = error.as_json() if isinstance(error, Told) else error
            told = {"channel": chat.title, "message_id": message_id, "error": kept}
            self.problems.append(told)

    def _row(self, chat: Chat) -> dict[str, Any]:
        """Of the chat as the file names it, also when its channel is called something else."""
        key = str(chat.peer_id) if chat.peer_id is not None else f"title:{chat.title}"
        found = [row for row in self.channels if row["key"] == key]
        if found:
            return found[0]
        made: dict[str, Any] = {
            "key": key,
            "id": None,
            "peer_id": chat.peer_id,
            "title": chat.title,
            **dict.fromkeys(_FIGURES, 0),
            "why": {},
            "files": no_files(),
        }
        self.channels.append(made)
        return made


def problems_told(stored: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The problems of a stored report, their errors said in the language that is active."""
    return [{**problem, "error": _said(problem["error"])} for problem in stored.get("problems", ())]


def _said(kept: str | list[list[Any]]) -> str:
    """What a program said stays as it is; so does all that reports of earlier versions keep."""
    return kept if isinstance(kept, str) else str(Told.from_json(kept))


def no_files() -> dict[str, Any]:
    """The figures of files before the first."""
    return {**dict.fromkeys(_FILES, 0), "why": {}}
