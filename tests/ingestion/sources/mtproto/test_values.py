"""Single values, live and stored."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ingestion.sources.mtproto.config import TelegramServer
from ingestion.sources.mtproto.mapping.values import (
    as_base64,
    as_datetime,
    bare_channel_id,
    channel_mark,
)

NOON = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        NOON,
        NOON.replace(tzinfo=None),
        NOON.astimezone(timezone(timedelta(hours=5, minutes=30))),
        "2024-05-17T12:00:00+00:00",
        "2024-05-17T12:00:00Z",
        "2024-05-17T17:30:00+05:30",
        "2024-05-17T12:00:00",
        int(NOON.timestamp()),
    ],
)
def test_dates_are_in_utc(value: object) -> None:
    found = as_datetime(value)
    assert (found, found.tzinfo) == (NOON, UTC)


def test_bytes_in_every_form() -> None:
    assert as_base64(b"\x00\xff") == as_base64([0, 255]) == as_base64("AP8=") == "AP8="


def test_marked_ids() -> None:
    assert channel_mark(1234567890) == -1001234567890
    assert bare_channel_id(-1001234567890) == 1234567890
    assert channel_mark(3_000_000_000) == -1003000000000


@pytest.mark.parametrize(
    ("address", "host"), [("2:127.0.0.1:4430", "127.0.0.1"), ("2:[::1]:4430", "::1")]
)
def test_addresses_of_servers(address: str, host: str) -> None:
    key = Path("key.pem")
    assert TelegramServer.parse(address, key) == TelegramServer(2, host, 4430, key)


@pytest.mark.parametrize("address", ["", "127.0.0.1:4430", "2:127.0.0.1", "x:127.0.0.1:1", "2::1"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(ValueError, match="<dc id>:<host>:<port>"):
        TelegramServer.parse(address)
