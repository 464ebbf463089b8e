"""Numbers, times and sizes in words; the tape's pieces."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from django.utils.dateformat import format as date_format
from django.utils.translation import pgettext

from archive.stats import Heatmap, HeatmapDay
from dashboard import calendar, media, states, wording
from dashboard.gaps import stretches
from dashboard.links import telegram_link
from dashboard.tape import Tape, draw
from ingestion.coverage import CoverageReport
from ingestion.models import Channel, SyncRun
from tgadmin.lib.ranges import IdRanges

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.0k"),
        (11_249, "11.2k"),
        (999_999, "999k"),
        (3_400_000, "3.4M"),
    ],
)
def test_compact(value: int, words: str) -> None:
    assert wording.compact(value) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (45.9, "45 s"),
        (92, "1 min 32 s"),
        (480, "8 min"),
        (7500, "2 h 5 min"),
        (270_000, "3 d 3 h"),
    ],
)
def test_duration(seconds: float, words: str) -> None:
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(9, "0:09"), (872, "14:32"), (11_110, "3:05:10"), (-5, "0:00")]
)
def test_clock(seconds: float, words: str) -> None:
    assert wording.clock(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "just now"),
        (4, "4 s ago"),
        (200, "3 min ago"),
        (-720, "in 12 min"),
        (80_000, "22 h ago"),
        (100_000, "yesterday"),
        (6 * 86400, "6 days ago"),
        (-3 * 86400, "in 3 days"),
        (20 * 86400, "1 Nov"),
        (400 * 86400, "17 Oct 2025"),
    ],
)
def test_ago(seconds: float, words: str) -> None:
    assert wording.ago(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(512, "512 B"), (1_400_000, "1.4 MB"), (148_204_551, "148 MB"), (2 * 10**12, "2.0 TB")],
)
def test_size(value: int, words: str) -> None:
    assert wording.size(value) == words


@pytest.mark.parametrize(
    ("title", "letters"),
    [
        ("Хроника города", "ХГ"),
        ("开源周报", "开"),
        ("«Восток-2» станция", "ВС"),
        ("نشرة", "ن"),
        ("+447700", "4"),
        ("🎉", "🎉"),
        ("", "?"),
    ],
)
def test_initials(title: str, letters: str) -> None:
    assert wording.initials(title) == letters


def test_a_hundred_percent_is_only_said_when_it_is() -> None:
    assert wording.percent(99.99) == "99.9%"
    assert wording.percent(100.0) == "100%"
    assert wording.percent(71.0) == "71%"


def report(
    top: int, gaps: list[tuple[int, int]], hidden: int = 0, messages: int = 0
) -> CoverageReport:
    everything = IdRanges.span(1, top)
    missing = IdRanges.of(gaps)
    hides = IdRanges.span(1, hidden)
    return CoverageReport(top, everything - missing - hides, missing, hides, messages, 0)


def test_the_tape_shows_each_kind_in_its_place() -> None:
    tape = draw(report(1000, [(501, 600)], hidden=100, messages=700), [(201, 300)])
    shown = {(piece.kind, piece.x, piece.width) for piece in tape.pieces}
    assert ("never", "50.00%", "10.00%") in shown
    assert ("hid", "0.00%", "10.00%") in shown
    assert ("absent", "20.00%", "10.00%") in shown
    assert {share.kind: share.ids for share in tape.shares} == {
        "have": 700,
        "absent": 100,
        "hid": 100,
        "never": 100,
    }
    assert "100 ids" not in tape.label
    assert "10% never asked" in tape.label


def test_what_was_let_go_has_a_kind_of_its_own_and_other_channels_no_word_of_it() -> None:
    gone = IdRanges.span(1, 400)
    tape = draw(replace(report(1000, [], messages=550), let_go=390, let_go_ranges=gone))
    shown = {(piece.kind, piece.x, piece.width) for piece in tape.pieces}
    assert {("letgo", "0.00%", "40.00%"), ("have", "40.00%", "60.00%")} <= shown
    counts = {share.kind: share.ids for share in tape.shares}
    # messages + absent + let go = covered
    assert (counts["have"], counts["absent"], counts["letgo"]) == (550, 60, 390)
    assert "39% let go" in tape.label
    assert "letgo" not in {share.kind for share in draw(report(9, [])).shares}


def titles(tape: Tape) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for piece in tape.pieces:
        found.setdefault(piece.kind, []).append(piece.title)
    return found


def test_each_kind_of_piece_says_under_the_pointer_what_it_is() -> None:
    let_go = IdRanges.span(101, 150)
    found = replace(
        report(2000, [(501, 600)], hidden=100, messages=1650), let_go=50, let_go_ranges=let_go
    )
    assert titles(draw(found, [(201, 300)])) == {
        "have": ["Have: 151 – 500, 250 messages", "Have: 601 – 2,000, 1,400 messages"],
        "absent": ["Absent, not on Telegram: 201 – 300"],
        "letgo": ["Let go on purpose: 101 – 150"],
        "hid": ["Hidden from newcomers: 1 – 100"],
        "never": ["Never asked: 501 – 600"],
    }


def test_how_many_messages_a_piece_has_is_said_as_exactly_as_it_is_known() -> None:
    """Only the longest absent stretches are known."""
    gap = [(101, 200)]
    assert titles(draw(report(1000, gap, messages=700), [(1, 99)]))["have"] == [
        "Have: 1 – 100, at most 1 message",
        "Have: 201 – 1,000, at most 700 messages",
    ]
    assert titles(draw(report(1000, [(1, 200)], messages=700), []))["have"] == [
        "Have: 201 – 1,000, 700 messages"
    ]
    assert titles(draw(report(1000, [], messages=1), [(2, 1000)]))["have"] == [
        "Have: 1 – 1,000, 1 message"
    ]
    assert titles(draw(report(1000, gap, messages=900), []))["have"] == [
        "Have: 1 – 100, 100 messages",
        "Have: 201 – 1,000, 800 messages",
    ]


def test_nothing_is_counted_for_the_small_tapes_of_lists() -> None:
    pieces = draw(report(1000, [(101, 200)], messages=700)).pieces
    assert {piece.messages for piece in pieces} == {None}


def test_days_whose_messages_were_let_go_are_a_level_of_their_own() -> None:
    first = date(2026, 5, 4)
    week = tuple(HeatmapDay(first + timedelta(days=n), n % 2, n % 2) for n in range(7))
    drawn = calendar.draw(Heatmap((week,), 1, 3), channel=1, kept_since=first + timedelta(days=4))
    squares = {level: path.count("z") for level, path in drawn.levels}
    # Days 0 and 2 went; 1 and 3 have messages that came again; 4 and 6 are merely empty.
    assert squares == {0: 2, 1: 3, calendar.LET_GO: 2}
    assert drawn.kept_since == first + timedelta(days=4)


def test_a_single_missing_id_of_a_million_is_seen() -> None:
    tape = draw(report(1_000_000, [(1_000_000, 1_000_000)]))
    last = tape.pieces[-1]
    assert (last.kind, last.x, last.width) == ("never", "99.65%", "0.35%")


def test_a_thousand_gaps_are_a_bounded_number_of_pieces() -> None:
    tape = draw(report(1_000_000, [(i * 1000, i * 1000 + 5) for i in range(1, 1000)]))
    assert len(tape.pieces) < 500
    covered = [piece for piece in tape.pieces if piece.kind == "have"]
    assert covered


def test_an_unknown_channel_has_an_empty_tape() -> None:
    tape = draw(report(0, []))
    assert (tape.pieces, tape.ticks, tape.label) == ([], [], "Nothing known yet")


def test_what_can_be_mended_stands_first_among_the_gaps() -> None:
    shown = stretches(report(10_000, [(1, 5), (50, 100)], hidden=0), [(2000, 5000)])
    assert [(row.kind, row.ids) for row in shown.rows] == [
        ("never", 51),
        ("never", 5),
        ("absent", 3001),
    ]
    assert shown.gaps == 2


@pytest.mark.parametrize(
    ("kind", "meta", "words"),
    [
        ("text", None, None),
        ("photo", {"width": 1280, "height": 853}, "Photo, 1280 × 853"),
        ("video", {"width": 640, "height": 360, "duration": 42.0}, "Video, 640 × 360, 0:42"),
        ("document", {"file_name": "plan.pdf", "size": 1_400_000}, "File, plan.pdf, 1.4 MB"),
        ("poll", {"question": "Tea?"}, "Poll, Tea?"),
        ("poll", {}, "Poll"),
        ("paid_media", {}, "Paid media"),
        ("paid_media", {"stars": 50, "items": 2}, "Paid media, 50 stars"),
        ("geo", {"lat": 57.15, "long": -2.09}, "Location, 57.15, -2.09"),
        ("dice", {"emoji": "🎲", "value": 5}, "Dice, 🎲 5"),
        ("contact", {"first_name": "Ann", "phone_number": "1555"}, "Contact, Ann, +1555"),
        (
            "giveaway",
            {"type": "giveaway_results", "winners_count": 9},
            "Winners of a giveaway, 9 winners",
        ),
        (
            "invoice",
            {"title": "Berth", "currency": "EUR", "total_amount": 2450},
            "Invoice, Berth, 24.50 EUR",
        ),
        ("unknown", {"tl": "MessageMediaNew"}, "Something unknown, MessageMediaNew"),
    ],
)
def test_media_in_words(kind: str, meta: dict[str, object] | None, words: str | None) -> None:
    described = media.describe(kind, meta)
    assert (described[1] if described else None) == words


def test_links_of_public_and_private_channels() -> None:
    assert telegram_link(Channel(username="durov", peer_id=-100_5), 7) == "https://t.me/durov/7"
    private = Channel(peer_id=-1_000_000_000_123)
    assert telegram_link(private, 7) == "https://t.me/c/123/7"
    assert telegram_link(private) == "https://t.me/c/123"


@pytest.mark.parametrize(
    ("fields", "active", "failed", "word"),
    [
        ({"removed_at": NOW}, None, None, "Removed"),
        ({}, SyncRun(state="running"), None, "Running"),
        ({}, SyncRun(state="running", stop_wish="pause"), None, "Pausing"),
        ({}, SyncRun(state="waiting", error_class="rate_limit"), None, "Flood wait"),
        ({}, SyncRun(state="waiting", error_class="transient"), None, "Waiting"),
        ({"enabled": False}, None, None, "Disabled"),
        ({}, None, SyncRun(state="failed", error_class="access"), "No access"),
        ({}, None, SyncRun(state="failed", error_class="system"), "Failed"),
        ({}, None, None, "Not synced"),
        ({"last_synced_at": NOW}, None, None, "Synced"),
        ({"last_synced_at": NOW, "sync_every_minutes": 5}, None, None, "Scheduled"),
    ],
)
def test_the_state_of_a_channel(
    fields: dict[str, object], active: SyncRun | None, failed: SyncRun | None, word: str
) -> None:
    assert states.of_channel(Channel(**fields), active, failed).word == word


def test_a_run_that_waits_for_no_time_counts_nothing_down() -> None:
    assert states.seconds_until(SyncRun(state="running", not_before=timezone.now())) == 0


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_exact_time_is_what_djangos_dates_say(language: str) -> None:
    zone = ZoneInfo("America/St_Johns")
    with translation.override(language), timezone.override(zone):
        form = pgettext("date format", "d M Y, H:i:s T")
        for hours in range(0, 24 * 400, 173):
            moment = NOW + timedelta(hours=hours, seconds=hours)
            assert wording.exact(moment) == date_format(timezone.localtime(moment), form)


@pytest.mark.parametrize(
    ("value", "decimals", "words"),
    [
        (-0.4, 0, "0"),
        (999.6, 0, "1,000"),
        (-12_345, 0, "-12,345"),
        (0.06, 1, "0.1"),
        (1e6, 1, "1,000,000.0"),
    ],
)
def test_numbers_are_rounded_and_grouped(value: float, decimals: int, words: str) -> None:
    assert wording.number(value, decimals) == words
