"""What a person chooses: the pace, and when the account keeps still."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from ingestion.budget.pace import CAPS, Pace, bounds, quiet_until
from ingestion.budget.rate import Bounds
from ingestion.models import Account, AccountRequests
from ingestion.sources.mtproto.wire import KINDS, SPACES

LISBON = ZoneInfo("Europe/Lisbon")
BERLIN = ZoneInfo("Europe/Berlin")


def test_each_pace_is_faster_than_the_one_before() -> None:
    for kind in ("history", "media", "resolve", "join", "dialogs", "other"):
        found = [bounds(kind, one, least=0.3) for one in Pace]
        assert [one.start for one in found] == sorted(one.start or 0 for one in found)
        assert [one.most for one in found] == sorted(one.most or 0 for one in found)
    for caps in CAPS.values():
        assert list(caps.values()) == sorted(caps.values())


def test_logins_are_not_held_back() -> None:
    assert bounds("login", Pace.GENTLE, least=0.3) == Bounds(None, None)


def test_names_are_those_of_the_tables() -> None:
    assert set(Account.Pace.values) == set(Pace)
    assert {*KINDS.values(), *SPACES.values(), "other"} == set(AccountRequests.Kind.values)
    assert set(CAPS) <= set(KINDS.values())


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-05-01 22:59", None),
        ("2026-05-01 23:00", "2026-05-02 07:00"),
        ("2026-05-02 00:30", "2026-05-02 07:00"),
        ("2026-05-02 06:59", "2026-05-02 07:00"),
        ("2026-05-02 07:00", None),
    ],
)
def test_quiet_hours_may_go_over_midnight(now: str, until: str | None) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=LISBON)
    found = quiet_until(moment.astimezone(UTC), time(23), time(7), LISBON)
    assert (f"{found:%Y-%m-%d %H:%M}" if found else None) == until


def test_quiet_hours_are_those_of_the_zone() -> None:
    noon = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
    assert quiet_until(noon, time(12), time(13), LISBON) is None
    assert quiet_until(noon, time(13), time(14), LISBON) == datetime(2026, 5, 1, 13, tzinfo=UTC)


def test_quiet_hours_end_in_summer_time_on_the_night_of_the_change() -> None:
    night = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)  # 00:30 in Berlin; at 2:00 it is 3:00
    found = quiet_until(night, time(23), time(7), BERLIN)
    assert found == datetime(2026, 3, 29, 5, tzinfo=UTC)


def test_no_hours_are_quiet_unless_both_ends_are_set() -> None:
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert quiet_until(noon, None, time(7), LISBON) is None
    assert quiet_until(noon, time(7), None, LISBON) is None
    assert quiet_until(noon, time(7), time(7), LISBON) is None
