"""upload.getFile (https://core.telegram.org/api/files#downloading-files)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from telethon import errors, functions, types, utils

if TYPE_CHECKING:
    from sandbox.testing import SandboxProcess


async def _first(client: Any, name: str, kind: type[Any], **options: Any) -> Any:
    entity = await client.get_input_entity(name)
    async for message in client.iter_messages(entity, wait_time=0, **options):
        if isinstance(message.media, kind):
            return message
    raise AssertionError(f"no {kind.__name__} in {name}")


async def test_a_photo_is_a_jpeg_of_the_size_that_was_told(
    shared: SandboxProcess, connect: Any
) -> None:
    client = await connect(shared)
    message = await _first(client, "channel_7", types.MessageMediaPhoto)
    for size in message.photo.sizes[1:]:
        data = await client.download_media(message, bytes, thumb=size)
        told = size.size if isinstance(size, types.PhotoSize) else size.sizes[-1]
        assert len(data) == told
        assert data.startswith(b"\xff\xd8\xff")
        assert (int.from_bytes(data[165:167]), int.from_bytes(data[163:165])) == (size.w, size.h)


async def test_a_document_is_the_same_every_time(shared: SandboxProcess, connect: Any) -> None:
    client = await connect(shared)
    message = await _first(client, "channel_7", types.MessageMediaDocument)
    first = await client.download_media(message, bytes)
    assert len(first) == message.document.size
    assert await client.download_media(message, bytes) == first


async def test_a_stripped_thumbnail_becomes_a_jpeg(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/api/files#stripped-thumbnails>
    client = await connect(shared)
    message = await _first(client, "channel_7", types.MessageMediaPhoto)
    jpeg = utils.stripped_photo_to_jpg(message.photo.sizes[0].bytes)
    assert jpeg.startswith(b"\xff\xd8\xff")
    assert jpeg.endswith(b"\xff\xd9")


@pytest.mark.parametrize(
    ("offset", "limit", "precise", "error"),
    [
        (0, 4096, False, None),
        (4096, 8192, False, None),
        (0, 1024, True, None),
        (1024, 3072, True, None),
        (100, 4096, False, errors.OffsetInvalidError),
        (0, 1000, False, errors.LimitInvalidError),
        (0, 12288, False, errors.LimitInvalidError),
        (0, 2 << 20, False, errors.LimitInvalidError),
        ((1 << 20) - 1024, 2048, True, errors.LimitInvalidError),
        (512, 1024, True, errors.OffsetInvalidError),
    ],
)
async def test_ranges(
    shared: SandboxProcess,
    connect: Any,
    offset: int,
    limit: int,
    precise: bool,
    error: type[Exception] | None,
) -> None:
    # <https://core.telegram.org/api/files#downloading-files> without precise: offset and limit
    # are multiples of 4 KB, the limit divides 1 MB; with it: multiples of 1 KB, at most 1 MB;
    # and a part never crosses a boundary of 1 MB
    client = await connect(shared)
    message = await _first(client, "channel_7", types.MessageMediaDocument)
    document = message.document
    location = types.InputDocumentFileLocation(
        document.id, document.access_hash, document.file_reference, ""
    )
    request = functions.upload.GetFileRequest(location, offset, limit, precise=precise)
    if error is None:
        part = await client(request)
        assert part.bytes == (await client.download_media(message, bytes))[offset:][:limit]
    else:
        with pytest.raises(error):
            await client(request)


async def test_references_and_hashes_must_be_ours(shared: SandboxProcess, connect: Any) -> None:
    # https://core.telegram.org/api/file-references
    client = await connect(shared)
    document = (await _first(client, "channel_7", types.MessageMediaDocument)).document

    async def get(number: int, access_hash: int, reference: bytes) -> None:
        where = types.InputDocumentFileLocation(number, access_hash, reference, "")
        await client(functions.upload.GetFileRequest(where, 0, 4096))

    good = document.file_reference
    await get(document.id, document.access_hash, good)
    with pytest.raises(errors.FileReferenceInvalidError):
        await get(document.id, document.access_hash, good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(errors.FileReferenceEmptyError):
        await get(document.id, document.access_hash, b"")
    with pytest.raises(errors.FileIdInvalidError):
        await get(document.id, document.access_hash + 1, good)
    with pytest.raises(errors.FileIdInvalidError):
        await get(12, document.access_hash, good)


async def test_old_references_expire() -> None:
    from sandbox.tl.files import FileReferences

    references = FileReferences(b"x", seconds=-1)
    assert references.check(references.fresh()) == "FILE_REFERENCE_EXPIRED"


async def test_the_picture_of_a_channel(shared: SandboxProcess, connect: Any) -> None:
    client = await connect(shared)
    entity = await client.get_entity("channel_1")
    assert (await client.download_profile_photo(entity, bytes)).startswith(b"\xff\xd8\xff")


async def test_a_picture_in_another_data_centre(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/api/files#downloading-files>: FILE_MIGRATE_X, and the login is
    # taken there with auth.exportAuthorization and auth.importAuthorization
    client = await connect(shared)
    entity = await client.get_entity("channel_4")
    assert entity.photo.dc_id == 4
    where = types.InputPeerPhotoFileLocation(utils.get_input_peer(entity), entity.photo.photo_id)
    with pytest.raises(errors.FileMigrateError) as caught:
        await client(functions.upload.GetFileRequest(where, 0, 65_536))
    assert caught.value.new_dc == 4
    since = shared.last_request()
    image = await client.download_profile_photo(entity, bytes, download_big=False)
    assert image.startswith(b"\xff\xd8\xff")
    asked = [entry["method"] for entry in shared.requests(since)]
    assert asked[-3:] == ["auth.exportAuthorization", "auth.importAuthorization", "upload.getFile"]


async def test_a_login_is_taken_to_other_data_centres_only(
    shared: SandboxProcess, connect: Any
) -> None:
    # <https://core.telegram.org/method/auth.exportAuthorization#possible-errors>
    client = await connect(shared)
    for dc in (2, 9):
        with pytest.raises(errors.DcIdInvalidError):
            await client(functions.auth.ExportAuthorizationRequest(dc))
    with pytest.raises(errors.AuthBytesInvalidError):
        await client(functions.auth.ImportAuthorizationRequest(7, b"made up"))
