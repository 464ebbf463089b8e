"""Asking the web: where the settings meet the preview, and its answers become errors of ours."""

from typing import Final

from django.conf import settings

from ingestion.errors import AccessError, FloodWait, IngestionError, TransientError
from tgadmin.lib import outbound
from tgadmin.lib.told import Seconds

#: Seconds to wait when the server is asked too much and does not say how long.
PAUSE: Final = 60
LONGEST_PAUSE: Final = 3600


class PreviewWait(FloodWait):
    """The preview's server asks for a pause of `seconds`."""

    def __init__(self, *, seconds: int) -> None:
        IngestionError.__init__(
            self,
            "PREVIEW_WAIT",
            "Telegram's web server asked to wait %(time)s before the next page.",
            "Nothing to do: the run goes on by itself when the time is over.",
            time=Seconds(seconds),
        )
        self.seconds = seconds
        self.method = "web preview"


def fetch(url: str) -> str:
    """A page's text. Raises `PreviewWait`, `TransientError` or `AccessError`."""
    try:
        answer = outbound.get(url, allow_private=settings.OUTBOUND_PRIVATE)
    except outbound.RefusedError as error:
        raise AccessError(
            "OUTBOUND_REFUSED",
            "The request was refused: %(reason)s.",
            "An administrator can allow private addresses with TGADMIN_OUTBOUND_PRIVATE.",
            reason=str(error),
        ) from error
    except outbound.OutboundError as error:
        raise TransientError(
            "PREVIEW_AWAY",
            "Telegram's web server could not be reached: %(reason)s.",
            "It is tried again by itself.",
            reason=str(error),
        ) from error
    if answer.status == 429:
        raise PreviewWait(seconds=_pause(answer.headers.get("retry-after", "")))
    if answer.status >= 500:
        raise TransientError(
            "PREVIEW_BROKEN",
            "Telegram's web server answered with the error %(status)s.",
            "It is tried again by itself.",
            status=str(answer.status),
        )
    return answer.body.decode("utf-8", "replace")


def _pause(text: str) -> int:
    seconds = int(text) if text.isdecimal() else PAUSE
    return min(max(seconds, 1), LONGEST_PAUSE)
