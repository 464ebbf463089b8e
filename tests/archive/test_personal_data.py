"""Profiles, the look for personal data, and exports from which it is taken out."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from pyarrow import parquet
from pytest_django import Settings

from archive import feeds
from archive.exports.redaction import step_for
from archive.exports.work import run_export
from archive.models import Export, Feed, PiiAudit, RedactionProfile
from archive.privacy import auditing, choices
from archive.redacting import key_of
from archive.redaction import SHARE_OUTSIDE, Kind, Rules
from ingestion.errors import DataError, InputError
from ingestion.media import store
from ingestion.models import Channel, Medium, Message, PeoplePolicy, Sender, StoredFile
from tests.factories import archive_messages, make_channel, make_record, make_user, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel() -> Channel:
    channel = make_channel(kind="supergroup", title="Group")
    Sender.objects.create(
        workspace=channel.workspace, peer_id=101, kind="user", name="Ivan Petrov",
        usernames=["ivan_p"], first_seen_at="2026-01-01T00:00Z",
    )  # fmt: skip
    archive_messages(
        channel,
        [
            make_record(1, text="call +7 912 345-67-89 or write a@example.com"),
            make_record(2, text="nothing here, order 1234567890"),
            make_record(3, text="Ivan Petrov is @ivan_p", sender_id="101"),
        ],
    )
    return channel


def test_a_frozen_profile_is_a_step_of_exports(channel: Channel) -> None:
    frozen = choices.profile(channel.workspace, choices.BUILT_IN).frozen()
    assert frozen["name"] == "Share outside"
    step = step_for(channel.workspace, json.loads(json.dumps(frozen)))
    assert step is not None
    made = step({"text": "Ivan Petrov, a@example.com", "entities": [], "sender_id": "101"})
    assert made["text"] == f"[{made['sender_id']}], [email]"
    assert step_for(channel.workspace, {}) is None
    key = PeoplePolicy.objects.get().key
    assert key
    assert key not in json.dumps(frozen)


def test_keys_differ_between_workspaces_and_stay(channel: Channel) -> None:
    assert key_of(channel.workspace) == key_of(channel.workspace)
    assert key_of(make_workspace("Other")) != key_of(channel.workspace)


def test_profiles_are_the_workspaces_own(channel: Channel) -> None:
    here, elsewhere = channel.workspace, make_workspace("Other")
    made = choices.save(workspace=here, name="Partners", actions={Kind.PHONE: "pseudonym"})
    assert [one.name for one in choices.profiles(here)] == ["Share outside", "Partners"]
    assert [one.name for one in choices.profiles(elsewhere)] == ["Share outside"]
    with pytest.raises(InputError):
        choices.profile(elsewhere, str(made.pk))
    with pytest.raises(InputError):
        choices.save(workspace=here, name="Partners", actions={})
    choices.delete(profile=made, user=make_user())
    assert not RedactionProfile.objects.exists()


def test_the_report_counts_by_kind_and_channel_and_shows_nothing_whole(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "STEP", 2)
    audit = auditing.request(workspace=channel.workspace, channels=[channel])
    while auditing.work(audit_id=audit.pk, seconds=0):
        pass
    audit.refresh_from_db()
    assert (audit.state, audit.rows, audit.rows_expected, audit.messages) == ("done", 3, 3, 2)
    assert audit.counts == {str(channel.pk): {"phone": 1, "email": 1, "name": 1, "mention": 1}}
    assert audit.examples["phone"][0][:2] == [channel.pk, 1]
    for whole in ("912 345", "a@example.com", "Ivan Petrov", "ivan_p"):
        assert whole not in json.dumps(audit.examples)


def test_a_report_that_is_cancelled_ends(channel: Channel) -> None:
    audit = auditing.request(workspace=channel.workspace, channels=[channel])
    auditing.cancel(audit=audit)
    assert not auditing.work(audit_id=audit.pk, seconds=1)
    assert PiiAudit.objects.get().state == "cancelled"


def test_what_goes_wrong_is_told_and_is_not_tried_for_ever(channel: Channel) -> None:
    with connection.cursor() as cursor:  # deeper than any reader of JSON in Python goes
        cursor.execute(
            "UPDATE ingestion_message SET media_meta = (repeat('[', 3000) || repeat(']', 3000))::jsonb"
            " WHERE message_id = 2"
        )
    audit = auditing.request(workspace=channel.workspace, channels=[channel])
    assert not auditing.work(audit_id=audit.pk, seconds=1)
    assert audit.pk not in auditing.due()
    audit.refresh_from_db()
    assert audit.state == "failed"
    assert "RecursionError" in str(audit.error)


def test_the_command_prints_the_report(
    channel: Channel, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("pii", str(channel.peer_id), "--json", stdout=io.StringIO())
    told = json.loads(capsys.readouterr().out)
    assert told["with_personal_data"] == 2
    assert told["channels"][0]["phone"] == 1


PROFILE = {"rules": Rules.of(SHARE_OUTSIDE).as_dict()}
#: All by which somebody in the channel could be found.
TRACES = ("912 345", "79123456789", "a@example.com", "Ivan Petrov", "ivan_p", "photo of Ivan")


def opened(data: bytes) -> str:
    """All words in a file, whatever holds them."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [archive.read(name) for name in archive.namelist()]
        return "\n".join(opened(member) for member in members)
    if data[:4] == b"PAR1":
        return repr(parquet.read_table(io.BytesIO(data)).to_pylist())
    return data.decode()


def exported(channel: Channel, kind: str, **fields: Any) -> Export:
    export = Export.objects.create(
        workspace=channel.workspace, channel=channel, format=kind, **fields
    )
    run_export(export.pk)
    export.refresh_from_db()
    return export


@pytest.fixture
def with_photo(channel: Channel, tmp_path: Path, settings: Settings) -> Channel:
    settings.EXPORT_DIR = tmp_path / "exports"
    settings.STORAGES = {
        **settings.STORAGES,
        "media-local": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "store"},
        },
    }
    words = b"photo of Ivan"
    sha256 = hashlib.sha256(words).hexdigest()
    file = StoredFile.objects.create(
        sha256=sha256, size=len(words), mime="image/jpeg", storage="local"
    )
    store.storage("local").save(store.key(sha256), ContentFile(words))
    message = Message.objects.get(channel=channel, message_id=1)
    Medium.objects.create(
        channel=channel, message_id=1, kind="photo", remote_id=1, date=message.date,
        name="Ivan Petrov.jpg", state="done", want=2, file=file,
    )  # fmt: skip
    return channel


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "xlsx", "html"])
def test_nobody_is_named_in_any_format_and_files_stay_here(with_photo: Channel, kind: str) -> None:
    plain = exported(with_photo, kind, with_media=True)
    assert plain.state == "done", plain.error
    words = opened(plain.path.read_bytes())
    assert "Ivan Petrov" in words
    assert "photo of Ivan" in words
    redacted = exported(with_photo, kind, with_media=True, redaction=PROFILE)
    assert redacted.state == "done", redacted.error
    words = opened(redacted.path.read_bytes())
    assert "order 1234567890" in words
    for trace in TRACES:
        assert trace not in words
    told = {"rules": {**PROFILE["rules"], "media": True}}
    let = exported(with_photo, kind, with_media=True, redaction=told)
    words = opened(let.path.read_bytes())
    assert "photo of Ivan" in words
    assert "Ivan Petrov" not in words


@pytest.mark.django_db(transaction=True)
def test_what_is_not_understood_lets_nothing_out(with_photo: Channel, tmp_path: Path) -> None:
    for frozen in (
        {"name": "Share outside"},
        {"profile": "outside", "rules": {}},
        {"rules": {"phone": "burn"}},
        {"rules": {"phone": "replace", "faces": "replace"}},
        {"rules": None},
    ):
        for kind in ("csv", "html"):
            export = exported(with_photo, kind, redaction=frozen)
            assert export.state == "failed"
            assert "redaction profile" in str(export.error)
        if frozen.get("profile") == "outside":  # a feed goes through it as it is now
            continue
        feed = Feed(workspace=with_photo.workspace, name="Feed", redaction=frozen)
        with pytest.raises(DataError):
            feeds.write(feed, kind="atom", address="https://a.example", home="https://a.example")
    assert not [path for path in (tmp_path / "exports").glob("*") if path.is_file()]


def test_a_feed_names_nobody(channel: Channel) -> None:
    feed = Feed.objects.create(
        workspace=channel.workspace, name="Feed", redaction={"profile": "outside"}
    )
    text = feeds.write(feed, kind="atom", address="https://a", home="https://a")
    assert "order 1234567890" in text
    for trace in TRACES:
        assert trace not in text
