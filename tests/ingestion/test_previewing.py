"""Channels that are read from the web: runs without an account, on pages of this machine."""

from collections.abc import Iterator
from typing import Any

import pytest

from ingestion import previewing, scheduler
from ingestion.calls.channels import save_channel
from ingestion.coverage import report
from ingestion.errors import AccessError, InputError
from ingestion.models import Account, Channel, Coverage, Message, MessageRevision, SyncRun
from ingestion.records import ChannelKind, ChannelRecord, Page
from ingestion.services import previews, runs
from ingestion.writer import Batch, write
from tests.factories import make_record, make_workspace
from tests.ingestion.sources.web_preview.site import Shown, Site, serving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(settings: Any) -> Iterator[Site]:
    with serving() as site:
        settings.WEB_PREVIEW_URL = site.url
        settings.WEB_PREVIEW_INTERVAL = 0
        settings.OUTBOUND_PRIVATE = True
        yield site


@pytest.fixture
def shown(site: Site) -> Shown:
    shown = site.show("the_preview")
    shown.write(*range(1, 66))
    del shown.posts[30]
    return shown


def add(name: str = "@the_preview") -> Channel:
    return previews.add(workspace=make_workspace(), text=name)


def work(channel: Channel) -> list[SyncRun]:
    """Until nothing is due."""
    for _ in range(20):
        due = scheduler.claim_due()
        if not due:
            break
        for item in due:
            assert previewing.work_slice(run_id=item.run_id, slice_number=item.slice)
    channel.refresh_from_db()
    return list(SyncRun.objects.filter(channel=channel).order_by("pk"))


def test_a_channel_is_added_read_and_found_out(site: Site, shown: Shown) -> None:
    channel = add()
    assert channel.is_provisional
    done = work(channel)

    assert [(run.kind, run.state, run.source, run.account) for run in done] == [
        ("update", "done", "web_preview", None),
        ("backfill", "done", "web_preview", None),
    ]
    assert channel.peer_id == -1_001_600_000_001
    assert (channel.title, channel.members, channel.top_id) == ("The Preview", 2500, 65)
    assert set(Message.objects.values_list("message_id", flat=True)) == set(range(1, 66)) - {30}
    assert site.asked[0] == "/s/the_preview"
    assert "/s/the_preview?before=46" in site.asked


def test_its_coverage_is_its_own_and_proves_no_absence(shown: Shown, site: Site) -> None:
    channel = add()
    work(channel)
    covered = Coverage.objects.get(channel=channel)
    assert (covered.source, len(covered.ranges), 30 in covered.ranges) == ("web_preview", 64, False)
    assert report(channel).gaps.pairs == ((1, 65),)


def test_the_next_sync_reads_forwards_and_asks_for_nothing_twice(shown: Shown, site: Site) -> None:
    channel = add()
    work(channel)
    site.asked.clear()
    shown.write(*range(66, 121))
    shown.write(65, views="9K")
    runs.request_sync(channel=channel)
    done = work(channel)[2:]

    assert [(run.kind, run.new) for run in done] == [("update", 55), ("backfill", 0)]
    assert site.asked == ["/s/the_preview", "/s/the_preview?after=65", "/s/the_preview?after=85"]
    assert Message.objects.filter(channel=channel).count() == 119
    site.asked.clear()
    runs.request_sync(channel=channel)
    assert work(channel)[-1].state == "done"
    assert site.asked == ["/s/the_preview"]


def test_a_pause_of_the_server_is_a_wait_of_the_run(shown: Shown, site: Site) -> None:
    channel = add()
    site.faults = [(429, "42")]
    (run, _) = work(channel)
    assert (run.state, run.error_code, run.error_class) == ("waiting", "PREVIEW_WAIT", "rate_limit")
    assert run.not_before is not None
    SyncRun.objects.filter(pk=run.pk).update(not_before=run.created_at)
    site.faults = [(503, "")]
    (run, _) = work(channel)
    assert (run.state, run.error_code) == ("waiting", "PREVIEW_BROKEN")
    SyncRun.objects.filter(pk=run.pk).update(not_before=run.created_at)
    assert [run.state for run in work(channel)] == ["done", "done"]


@pytest.mark.parametrize(
    ("name", "code", "words", "stays"),
    [
        ("nobody_has_it", "PREVIEW_UNKNOWN", "There is no public channel @nobody_has_it.", False),
        ("off_channel", "PREVIEW_OFF", "switched it off", True),
        ("some_person", "PREVIEW_NO_CHANNEL", "is a person, a bot", False),
    ],
)
def test_what_cannot_be_seen_is_explained_and_what_is_nobodys_taken_off_the_list(
    site: Site, name: str, code: str, words: str, stays: bool
) -> None:
    channel = add(name)
    found = work(channel)
    assert (found[0].state, found[0].error_code, found[0].error_class) == ("failed", code, "access")
    assert words in str(found[0].error)
    assert (channel.removed_at is None) == stays
    assert stays or not SyncRun.objects.filter(state__in=SyncRun.ACTIVE).exists()


def test_a_name_that_was_taken_off_can_be_added_again(site: Site) -> None:
    channel = add("nobody_has_it")
    work(channel)
    shown = site.show("nobody_has_it")
    shown.write(1, 2)
    again = previews.add(workspace=channel.workspace, text="@nobody_has_it")
    assert again.pk == channel.pk
    work(channel)
    assert channel.removed_at is None
    assert Message.objects.filter(channel=channel).count() == 2


def test_a_channel_that_was_read_once_stays_when_its_name_is_gone(shown: Shown, site: Site) -> None:
    channel = add()
    work(channel)
    Channel.objects.update(username="nobody_has_it")
    runs.request_sync(channel=channel)
    work(channel)
    assert SyncRun.objects.filter(kind="update").latest("pk").error_code == "PREVIEW_UNKNOWN"
    assert channel.removed_at is None
    # Also one whose own id no source has told, but an import its messages.
    Channel.objects.update(peer_id=Channel.PROVISIONAL - 5)
    runs.request_sync(channel=channel)
    work(channel)
    assert channel.removed_at is None


def test_requests_to_private_addresses_are_refused_unless_allowed(
    site: Site, settings: Any
) -> None:
    settings.OUTBOUND_PRIVATE = False
    run = work(add())[0]
    assert (run.state, run.error_code) == ("failed", "OUTBOUND_REFUSED")
    assert site.asked == []


def test_only_names_can_be_read_and_only_once(site: Site) -> None:
    channel = add()
    with pytest.raises(InputError, match="already in this workspace"):
        previews.add(workspace=channel.workspace, text="https://t.me/The_Preview")
    with pytest.raises(InputError, match="Only public channels"):
        previews.add(workspace=channel.workspace, text="https://t.me/+AAAAAAAAAAAAAAAA")


def test_pause_cancel_and_a_worker_that_is_gone(shown: Shown, site: Site) -> None:
    channel = add()
    run = SyncRun.objects.get(kind="update")
    runs.pause(run=run)
    run.refresh_from_db()
    assert run.state == "paused"
    runs.resume(run=run)
    # A worker that died: no sign of life.
    SyncRun.objects.filter(pk=run.pk).update(
        state="running",
        lease_token="a" * 8 + "-0000-0000-0000-" + "0" * 12,
        heartbeat_at="2020-01-01T00:00Z",
    )
    assert scheduler.claim_due() == []
    run.refresh_from_db()
    assert run.state == "interrupted"
    assert [run.state for run in work(channel)] == ["done", "done"]


def test_an_account_that_comes_later_takes_over_and_adds_what_was_missing(
    shown: Shown, site: Site
) -> None:
    channel = add()
    work(channel)
    account = Account.objects.create(
        workspace=channel.workspace, phone="+1", api_id=1, api_hash="x", state=Account.State.READY
    )
    record = ChannelRecord(
        channel.peer_id, 5, ChannelKind.BROADCAST, "The Preview", username="the_preview"
    )
    assert save_channel(account, record).pk == channel.pk
    runs.request_sync(channel=channel)
    kinds = SyncRun.objects.filter(channel=channel, source="mtproto").values_list("kind", flat=True)
    assert set(kinds) == {"update", "refresh", "backfill"}
    # The same words with more around them: no revision.
    rows = [make_record(number, text=f"Post {number}", views=7, forwards=3) for number in (64, 65)]
    batch = Batch(channel.pk, "mtproto")
    batch.add(Page(rows, [], low=1, high=65, proves_absence=True))
    write(batch)
    assert not MessageRevision.objects.exists()
    assert len(report(channel).gaps) == 0


def test_a_channel_that_was_imported_by_name_is_adopted_by_its_account(site: Site) -> None:
    channel = add()
    account = Account.objects.create(
        workspace=channel.workspace, phone="+1", api_id=1, api_hash="x", state=Account.State.READY
    )
    record = ChannelRecord(
        -1_001_600_000_001, 5, ChannelKind.BROADCAST, "The Preview", username="The_Preview"
    )
    assert save_channel(account, record).pk == channel.pk
    channel.refresh_from_db()
    assert channel.peer_id == -1_001_600_000_001


def test_without_a_preview_a_channel_without_account_still_needs_one(site: Site) -> None:
    channel = add()
    Channel.objects.update(web_preview=False)
    channel.refresh_from_db()
    with pytest.raises(AccessError):
        runs.request_sync(channel=channel)
