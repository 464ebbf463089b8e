"""Feeds, links by which files are downloaded, and the schema that lines of JSON keep to."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone
from jsonschema import Draft202012Validator, FormatChecker

from archive import feeds, links, saved
from archive.exports import fields
from archive.exports.work import run_export
from archive.filters import Filters
from archive.models import Export
from archive.privacy import choices
from ingestion.models import Channel
from tests.archive.test_whole_files import written
from tests.factories import WHEN, archive_messages, make_channel, make_member, make_record
from workspaces.models import AuditEvent
from workspaces.roles import Role

pytestmark = pytest.mark.django_db(transaction=True)

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def test_a_feed_is_read_without_a_cookie_and_again_only_when_it_changed(channel: Channel) -> None:
    archive_messages(
        channel,
        [
            make_record(n, text=f"Ferry <b>{n}</b> & more\nsecond line", author="Ada")
            for n in (1, 2)
        ],
    )
    archive_messages(make_channel(channel.workspace), [make_record(1, text="elsewhere")])
    user = make_member(Role.ANALYST, channel.workspace)
    feed, secret = feeds.make(
        workspace=channel.workspace,
        name="Ferries",
        filters=Filters(words="ferry", channels=(channel.pk,)),
        without_senders=True,
        user=user,
    )
    assert feed.secret_hash == hashlib.sha256(secret.encode()).hexdigest()
    reader = Client()
    answer = reader.get(f"/feed/{secret}.atom")
    assert (answer.status_code, answer["Content-Type"]) == (
        200,
        "application/atom+xml; charset=utf-8",
    )
    assert not answer.cookies
    entries = ET.fromstring(answer.content).findall("a:entry", ATOM)
    assert [entry.findtext("a:title", namespaces=ATOM) for entry in entries] == [
        "Ferry <b>2</b> & more",
        "Ferry <b>1</b> & more",
    ]
    assert len({entry.findtext("a:id", namespaces=ATOM) for entry in entries}) == 2
    assert b"Ada" not in answer.content
    rss = ET.fromstring(reader.get(f"/feed/{secret}.rss").content)
    assert len(rss.findall("channel/item")) == 2
    again = {"If-None-Match": answer["ETag"]}
    assert reader.get(f"/feed/{secret}.atom", headers=again).status_code == 304
    archive_messages(channel, [make_record(3, text="ferry 3")])
    assert reader.get(f"/feed/{secret}.atom", headers=again).status_code == 200
    other = feeds.renew(feed=feed, user=user)
    assert reader.get(f"/feed/{secret}.atom").status_code == 404
    feeds.revoke(feed=feed, user=user)
    assert reader.get(f"/feed/{other}.atom").status_code == 404


def test_a_feed_goes_through_its_profile_and_answers_nothing_when_that_is_gone(
    channel: Channel,
) -> None:
    archive_messages(channel, [make_record(1, text="Call +49 30 901820 now")])
    user = make_member(Role.ADMIN, channel.workspace)
    profile = choices.save(
        workspace=channel.workspace, name="Partners", actions={"phone": "replace"}, user=user
    )
    client = Client()
    client.force_login(user)
    sent = {"name": "All", "redaction": str(profile.pk)}
    page = client.post("/exports/feeds/make/", sent, follow=True)
    (path,) = {urlsplit(address).path for _, address in page.context["addresses"][:1]}
    said = Client().get(path).content.decode()
    assert "[phone]" in said
    assert "901820" not in said
    choices.delete(profile=profile, user=user)
    answer = Client().get(path)
    assert (answer.status_code, b"901820" in answer.content) == (503, False)
    assert "Its redaction profile was deleted" in client.get("/exports/feeds/").content.decode()


def _titles(secret: str) -> list[str]:
    answer = Client().get(f"/feed/{secret}.rss")
    assert answer.status_code == 200
    return [item.findtext("title") or "" for item in ET.fromstring(answer.content).iter("item")]


def test_a_feed_of_a_saved_search_follows_it_and_ends_with_it(channel: Channel) -> None:
    archive_messages(channel, [make_record(1, text="a ferry"), make_record(2, text="a tram")])
    user = make_member(Role.ANALYST, channel.workspace)
    search = saved.save(
        workspace=channel.workspace, user=user, name="Mine", filters=Filters(words="ferry")
    )
    feed, secret = feeds.make(
        workspace=channel.workspace, name="Boats", filters=search, without_senders=True, user=user
    )
    assert _titles(secret) == ["a ferry"]
    search.filters = Filters(words="tram").as_dict()
    search.save()
    assert _titles(secret) == ["a tram"]
    key = feed.pk
    saved.delete(saved=search, user=user)
    assert Client().get(f"/feed/{secret}.rss").status_code == 404
    told = AuditEvent.objects.get(action="feed.revoke")
    assert (told.target, told.details["feed"]) == ("Boats", key)


def test_deleted_messages_take_no_place_from_others(channel: Channel) -> None:
    number = feeds.LENGTH + 2
    records = [make_record(n, text=f"tram {n}") for n in range(1, 3 * number + 1)]
    # The newest are all deleted: more than a feed has, and more than a page of it.
    gone = range(number + 1, 3 * number + 1)
    archive_messages(channel, records)
    archive_messages(channel, [], gone=gone)
    user = make_member(Role.ANALYST, channel.workspace)

    def shown(filters: Filters) -> list[int]:
        secret = feeds.make(
            workspace=channel.workspace, name="f", filters=filters, without_senders=True, user=user
        )[1]
        return [int(title.removeprefix("tram ")) for title in _titles(secret)]

    present = list(range(number, 2, -1))
    assert shown(Filters()) == shown(Filters(words="tram")) == present
    assert shown(Filters(are=("deleted",))) == list(reversed(gone))[: feeds.LENGTH]


def test_when_a_search_is_not_shared_any_more_the_feeds_of_others_end(channel: Channel) -> None:
    archive_messages(channel, [make_record(1, text="a ferry")])
    owner, other = (make_member(Role.ANALYST, channel.workspace) for _ in range(2))
    search = saved.save(
        workspace=channel.workspace,
        user=owner,
        name="Ours",
        filters=Filters(words="ferry"),
        shared=True,
    )
    theirs, hers = (
        feeds.make(
            workspace=channel.workspace, name="f", filters=search, without_senders=True, user=user
        )[1]
        for user in (other, owner)
    )
    saved.change(saved=search, user=owner, name="Renamed", shared=True)
    assert _titles(theirs) == _titles(hers) == ["a ferry"]
    saved.change(saved=search, user=owner, name="Mine", shared=False)
    assert Client().get(f"/feed/{theirs}.rss").status_code == 404
    assert _titles(hers) == ["a ferry"]


def test_a_message_that_xml_cannot_hold_leaves_the_feed_readable(channel: Channel) -> None:
    broken = make_record(
        1, text="fer\x01ry \uffff & \x0b tide", author="A\x02da", hashtags=("\x03",)
    )
    archive_messages(channel, [broken, make_record(2, text="ferry 2")])
    user = make_member(Role.ANALYST, channel.workspace)
    _feed, secret = feeds.make(
        workspace=channel.workspace,
        name="Ferries \x04",
        filters=Filters(channels=(channel.pk,)),
        without_senders=False,
        user=user,
    )
    for kind in ("atom", "rss"):
        answer = Client().get(f"/feed/{secret}.{kind}")
        assert answer.status_code == 200
        assert "fer\ufffdry \ufffd & \ufffd tide" in "".join(
            ET.fromstring(answer.content).itertext()
        )
        # A reader that knows its time alone would keep what was redacted or forgotten since.
        assert "Last-Modified" not in answer.headers


def test_a_feed_whose_filter_is_not_understood_or_takes_too_long_shows_nothing(
    channel: Channel, make_export: Callable[..., Export], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "aaa" + "".join(map(chr, range(0x4E00, 0x5000))) + "x"
    archive_messages(channel, [make_record(1, text=text)])
    user = make_member(Role.ANALYST, channel.workspace)
    slow = Filters(pattern="^(.+)(.+)(.+)(.+)\\1\\2\\3\\4x$")
    feed, secret = feeds.make(
        workspace=channel.workspace, name="f", filters=slow, without_senders=True, user=user
    )
    monkeypatch.setattr(feeds, "MILLISECONDS", 100)
    answer = Client().get(f"/feed/{secret}.atom")
    assert (answer.status_code, answer["Retry-After"]) == (503, "3600")
    feed.filters = {"kind": ["hologram"]}
    feed.save()
    answer = Client().get(f"/feed/{secret}.atom")
    assert answer.status_code == 503
    assert b"aaa" not in answer.content
    export = make_export("csv")
    Export.objects.filter(pk=export.pk).update(filters={"kind": ["hologram"]})
    run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.file_name) == ("failed", "")


def test_a_link_leads_to_the_file_until_it_is_taken_back_or_its_time_is_over(
    channel: Channel, make_export: Callable[..., Export], export_dir: Path
) -> None:
    archive_messages(channel, [make_record(n) for n in range(1, 100)])
    export = make_export("csv")
    run_export(export.pk)
    export.refresh_from_db()
    user = make_member(Role.ANALYST, channel.workspace)
    link = links.make(export=export, days=7, user=user)
    address = f"/shared/{links.secret_of(link)}/"
    somebody = Client()
    whole = b"".join(somebody.get(address))
    assert hashlib.sha256(whole).hexdigest() == export.sha256
    part = somebody.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, b"".join(part)) == (206, whole[100:200])
    assert somebody.get(f"{address[:-3]}x/").status_code == 410
    link.refresh_from_db()
    assert link.used == 1
    actions = AuditEvent.objects.filter(target=export.download_name).values_list("action")
    assert [action for (action,) in actions.order_by("pk")] == ["export.link", "export.link_used"]
    link.expires_at = timezone.now()
    link.save()
    assert somebody.get(address).status_code == 410
    second = links.make(export=export, days=1, user=user)
    path = urlsplit(f"/shared/{links.secret_of(second)}/").path
    links.revoke(link=second, user=user)
    assert somebody.get(path).status_code == 410


def test_lines_of_json_keep_to_their_schema(channel: Channel) -> None:
    record = make_record(
        1,
        entities=[{"type": "bold", "offset": 0, "length": 3}],
        media_meta={"type": "photo", "id": "5"},
        reactions={"👍": 2},
        links=["https://a.example"],
        reply_to={"message_id": 3},
    )
    archive_messages(channel, [record, make_record(2, views=None)])
    archive_messages(channel, [make_record(2, text="edited", edit_date=WHEN)])
    check = Draft202012Validator(fields.json_schema(), format_checker=FormatChecker())
    lines = [json.loads(line) for line in written(channel, "jsonl").splitlines()]
    assert [list(check.iter_errors(line)) for line in lines] == [[], []]
    assert {name for line in lines for name in line} == set(fields.BY_NAME)
    assert not check.is_valid({**lines[0], "message_id": "1"})
    assert not check.is_valid({**lines[0], "unknown": 1})
