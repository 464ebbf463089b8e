"""What every program logs: in words or as JSON, with the ids of its work, and no secret."""

from collections.abc import Iterable
from typing import Any

from tgadmin.lib.logs.context import bind, bound
from tgadmin.lib.logs.formats import readable
from tgadmin.lib.logs.scrub import hide, scrub

__all__ = ["bind", "bound", "config", "hide", "readable", "scrub"]

#: They tell of every start, job and connection, which is for those who look for an error.
_TALKATIVE = ("rq.worker", "telethon", "ingestion.telegram", "axes")

_FORMATTERS = {
    "text": "tgadmin.lib.logs.formats.TextFormatter",
    "json": "tgadmin.lib.logs.formats.JsonFormatter",
}


def config(*, level: str, form: str, secrets: Iterable[str] = ()) -> dict[str, Any]:
    """A configuration for `logging.config.dictConfig`: everything to standard error.

    `form` is `text` or `json`; `secrets` are this installation's own, which no line may hold.
    """
    for secret in secrets:
        hide(secret)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": "tgadmin.lib.logs.context.ContextFilter"}},
        "formatters": {"line": {"()": _FORMATTERS[form]}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["context"],
            }
        },
        "loggers": {
            name: {"level": "DEBUG" if level == "DEBUG" else "WARNING"} for name in _TALKATIVE
        },
        "root": {"handlers": ["console"], "level": level},
    }
