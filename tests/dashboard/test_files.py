"""Files as they are served: to whom, as what, and which part of them."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client

from ingestion.models import Channel, Medium, Message, StoredFile
from sandbox.tl import content
from tests.dashboard.stored import make_medium
from tests.factories import archive_messages, make_channel, make_member, make_record

SCRIPTED = {"text/html": "page.html", "image/svg+xml": "drawing.svg"}


@pytest.fixture
def channel(db: None) -> Channel:
    channel = make_channel()
    records = [
        make_record(n, kind="document", text=f"File {n}", media_meta={"id": str(n)})
        for n in range(1, 9)
    ]
    archive_messages(channel, records)
    Medium.objects.all().delete()
    return channel


@pytest.fixture
def viewer(client: Client, channel: Channel) -> Client:
    client.force_login(make_member("viewer", channel.workspace))
    return client


def file_of(channel: Channel, number: int, data: bytes, name: str = "") -> Medium:
    message = Message.objects.get(pk=(channel.pk, number))
    return make_medium(message, data, name=name)


def address(medium: Medium, what: str = "file") -> str:
    return f"/channels/{medium.channel_id}/media/{medium.message_id}/0/{what}/"


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("mime", SCRIPTED)
def test_what_may_hold_a_script_is_a_download_without_any_right(
    viewer: Client, channel: Channel, mime: str
) -> None:
    data = content.beginning(7, mime, 500)
    medium = file_of(channel, 1, data, SCRIPTED[mime])
    assert medium.file
    assert medium.file.mime == mime
    answer = viewer.get(address(medium))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="{SCRIPTED[mime]}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert body(answer) == data
    assert viewer.get(address(medium, "view")).status_code == 404
    page = viewer.get(address(medium, "file").removesuffix("file/")).content.decode()
    assert "<script>document" not in page
    assert "<iframe" not in page


def test_what_its_sender_calls_it_counts_for_nothing(viewer: Client, channel: Channel) -> None:
    message = Message.objects.get(pk=(channel.pk, 2))
    medium = make_medium(
        message, content.beginning(7, "text/html", 500), name="x.png", mime="image/png"
    )
    answer = viewer.get(address(medium))
    assert answer["Content-Type"] == "application/octet-stream"
    assert body(answer)


def test_a_picture_is_shown_without_the_place_where_it_was_taken(
    viewer: Client, channel: Channel
) -> None:
    from PIL import Image

    data = content.beginning(9, "image/jpeg", 1 << 20)
    with Image.open(io.BytesIO(data)) as original:
        assert original.getexif().get_ifd(0x8825)
    medium = file_of(channel, 3, data, "place.jpg")
    for what in ("view", "preview"):
        answer = viewer.get(address(medium, what))
        assert answer["Content-Type"] == "image/webp"
        with Image.open(io.BytesIO(body(answer))) as shown:
            assert not shown.getexif()
            assert shown.size == (320, 240)
    as_sent = viewer.get(address(medium))
    assert as_sent["Content-Disposition"].startswith("attachment")
    assert body(as_sent) == data


@pytest.mark.parametrize(
    ("asked", "status", "got"),
    [
        ("", 200, slice(None)),
        ("bytes=0-99", 206, slice(0, 100)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-50", 206, slice(-50, None)),
        ("bytes=900-10000", 206, slice(900, None)),
        ("bytes=5-1", 200, slice(None)),
    ],
)
def test_ranges(viewer: Client, channel: Channel, asked: str, status: int, got: slice) -> None:
    # https://www.rfc-editor.org/rfc/rfc9110#section-14
    data = b"OggS\0" + bytes(range(256)) * 4
    medium = file_of(channel, 4, data)
    answer = viewer.get(address(medium), headers={"range": asked} if asked else {})
    assert answer.status_code == status
    assert body(answer) == data[got]
    assert answer["Content-Length"] == str(len(data[got]))
    if status == 206:
        first = len(data) if got.start is None else got.indices(len(data))[0]
        assert answer["Content-Range"].startswith(f"bytes {first}-")


def test_a_range_beyond_the_end_and_one_of_another_file(viewer: Client, channel: Channel) -> None:
    data = b"OggS\0" + b"x" * 500
    medium = file_of(channel, 4, data)
    refused = viewer.get(address(medium), headers={"range": "bytes=505-"})
    assert (refused.status_code, refused["Content-Range"]) == (416, "bytes */505")
    other = {"range": "bytes=0-9", "if-range": '"another"'}
    whole = viewer.get(address(medium), headers=other)
    assert (whole.status_code, len(body(whole))) == (200, 505)
    same = viewer.get(address(medium))
    body(same)
    right = {"range": "bytes=0-9", "if-range": same["ETag"]}
    part = viewer.get(address(medium), headers=right)
    assert (part.status_code, len(body(part))) == (206, 10)
    fresh = viewer.get(address(medium), headers={"if-none-match": same["ETag"]})
    assert fresh.status_code == 304
    assert "private" in same["Cache-Control"]


def test_a_file_whose_bytes_are_gone_is_not_found(viewer: Client, channel: Channel) -> None:
    from ingestion.media import store

    medium = file_of(channel, 5, b"OggS\0gone")
    assert medium.file
    store.remove(medium.file)
    assert viewer.get(address(medium)).status_code == 404


def test_nobody_else_gets_a_file_by_naming_its_hash_through_another_channel(
    client: Client, channel: Channel
) -> None:
    medium = file_of(channel, 6, b"OggS\0secret")
    stranger = make_channel()
    client.force_login(make_member("owner", stranger.workspace))
    assert client.get(address(medium)).status_code == 404
    assert client.get(f"/channels/{stranger.pk}/media/6/0/file/").status_code == 404


def test_all_of_a_search_as_one_zip_with_a_manifest(client: Client, channel: Channel) -> None:
    client.force_login(make_member("analyst", channel.workspace))
    names = {1: "same.txt", 2: "same.txt", 3: "../../etc/passwd", 4: ""}
    for number, name in names.items():
        file_of(channel, number, b"tea %d" % (number // 2), name)
    answer = client.get("/gallery/files.zip", {"channel": channel.pk})
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(body(answer))) as made:
        assert made.testzip() is None
        lines = json.loads(made.read("manifest.json"))
        assert len(lines) == 4
        assert all(not name.startswith("/") and ".." not in name for name in made.namelist())
        for line in lines:
            file = StoredFile.objects.get(sha256=line["sha256"])
            assert len(made.read(line["file"])) == line["size"] == file.size
            assert line["message_id"] in names
        table = made.read("manifest.csv").decode("utf-8-sig").splitlines()
    assert table[0].startswith("file,sha256,size")
    assert len(table) == 5


def test_the_zip_grows_as_it_is_sent(channel: Channel) -> None:
    from dashboard import zips

    media = [file_of(channel, n, bytes([n]) * 300_000) for n in range(1, 5)]
    given: list[int] = []

    def walk() -> Any:
        for medium in media:
            given.append(medium.message_id)
            yield medium

    parts = zips.zipped(walk)
    sent = 0
    while sent < 300_000:
        sent += len(next(parts))
    assert given == [1]


def test_a_policy_says_what_it_would_download_before_it_is_saved(
    client: Client, channel: Channel
) -> None:
    from ingestion.models import MediaPolicy

    records = [
        make_record(n, kind="video", media_meta={"id": str(n), "size": 2_000_000, "mime": "video/mp4"})
        for n in range(20, 30)
    ]  # fmt: skip
    archive_messages(channel, records)
    client.force_login(make_member("admin", channel.workspace))
    form = {"mode": "all", "kinds": ["video"], "mimes": "", "most": "10"}
    page = client.post(f"/channels/{channel.pk}/files/", {**form, "preview": "1"}).content.decode()
    assert "This would download about 10 files, 20.0 MB." in page
    assert not MediaPolicy.objects.exists()
    less = {**form, "most": "1", "preview": "1"}
    assert (
        "download nothing" in client.post(f"/channels/{channel.pk}/files/", less).content.decode()
    )
    saved = client.post(f"/channels/{channel.pk}/files/", {**form, "save": "1"})
    assert saved.status_code == 302
    policy = MediaPolicy.objects.get(channel=channel)
    assert (policy.mode, policy.kinds, policy.max_size) == ("all", ["video"], 10_000_000)
    wrong = {**form, "mimes": "pictures", "save": "1"}
    assert "is no type" in client.post(f"/channels/{channel.pk}/files/", wrong).content.decode()


def test_downloads_that_rest_for_want_of_room_are_said_on_the_dashboard(
    viewer: Client, channel: Channel
) -> None:
    from ingestion.models import MediaLine

    MediaLine.objects.create(
        channel=channel, state="waiting", error_code="MEDIA_QUOTA", error="The quota is reached."
    )
    page = viewer.get("/").content.decode()
    assert "Downloads rest: there is no room" in page
    assert "The quota is reached." in page
