"""Files that messages carry (https://core.telegram.org/api/files#downloading-files)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from telethon.tl import functions, types

from ingestion.errors import DataError, TransientError
from ingestion.sources.base import CarriedFile, ChannelAddress, PartHash, RemoteFile
from ingestion.sources.mtproto.answers import check_peer, contradiction, read_answer
from ingestion.sources.mtproto.peers import input_channel, is_basic
from ingestion.sources.mtproto.wire import Wire

#: Messages that one request may name.
MAX_IDS: Final = 100
#: Sizes of photos that make a small picture, the best first: 320 px, 160, 100, 800
#: (https://core.telegram.org/api/files#image-thumbnail-types).
_SMALL: Final = ("m", "b", "a", "s", "x")


class Files:
    """Finds and reads files that an account can see."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def carried(
        self, address: ChannelAddress, ids: Sequence[int]
    ) -> dict[int, CarriedFile | None]:
        """What at most 100 messages carry now, with references that are good for a while
        (https://core.telegram.org/api/file-references). None: nothing, or no message any more;
        an id that is missing was not answered.
        """
        named = [types.InputMessageID(message_id) for message_id in ids]
        request = (
            functions.messages.GetMessagesRequest(named)
            if is_basic(address)
            else functions.channels.GetMessagesRequest(input_channel(address), named)
        )
        answer = read_answer(await self._wire.send(request))
        if not set(answer.ids()) <= set(ids):
            raise contradiction("Telegram answered for messages that were not asked for.")
        check_peer(answer.messages, address)
        found: dict[int, CarriedFile | None] = dict.fromkeys(answer.empty_ids())
        found |= {raw["id"]: file_of(raw) for raw in answer.dicts()}
        return found

    async def part(self, file: RemoteFile, offset: int, limit: int) -> bytes:
        """At most `limit` bytes from `offset` on, fewer at the end of the file.

        Both must be multiples of 4 KB, and the limit must divide 1 MB
        (https://core.telegram.org/method/upload.getFile).
        """
        request = functions.upload.GetFileRequest(_location(file), offset, limit)
        answer = await self._from(file.dc_id, request)
        if not isinstance(answer, types.upload.File):
            raise DataError(
                "NO_FILE", "Telegram sent %(what)s and no file.", what=type(answer).__name__
            )
        return bytes(answer.bytes)

    async def hashes(self, file: RemoteFile, offset: int) -> list[PartHash]:
        """What Telegram says of the bytes from `offset` on; nothing where it says nothing
        (https://core.telegram.org/method/upload.getFileHashes).
        """
        request = functions.upload.GetFileHashesRequest(_location(file), offset)
        answer = await self._from(file.dc_id, request)
        return [PartHash(one.offset, one.limit, bytes(one.hash)) for one in answer]

    async def _from(self, dc_id: int, request: Any) -> Any:
        """Ask the data centre that has the file; another one says which
        (https://core.telegram.org/api/errors#303-see-other).
        """
        try:
            return await self._wire.send_to(dc_id, request)
        except TransientError as error:
            moved_to = getattr(error.__cause__, "new_dc", None)
            if moved_to is None or moved_to == dc_id:
                raise
            return await self._wire.send_to(moved_to, request)


def _location(file: RemoteFile) -> Any:
    kind = types.InputPhotoFileLocation if file.is_photo else types.InputDocumentFileLocation
    return kind(file.remote_id, file.access_hash, file.reference, file.thumb)


def file_of(raw: Mapping[str, Any]) -> CarriedFile | None:
    """The photo or document of a message as a dict."""
    media = raw.get("media") or {}
    photo, document = media.get("photo"), media.get("document")
    if photo and photo["_"] == "Photo":
        return _of_photo(photo)
    if document and document["_"] == "Document":
        return _of_document(document)
    return None


def _of_photo(photo: Mapping[str, Any]) -> CarriedFile | None:
    sizes = {one["type"]: _weight(one) for one in photo.get("sizes") or () if one.get("w")}
    sized = [one for one in photo.get("sizes") or () if one.get("w")]
    if not sized:
        return None
    largest = max(sized, key=lambda one: (one["w"] * one["h"], _weight(one)))
    small = next((name for name in _SMALL if name in sizes), None)
    return CarriedFile(
        photo["id"],
        _remote(photo, largest["type"], _weight(largest), is_photo=True),
        _remote(photo, small, sizes[small], is_photo=True) if small else None,
    )


def _of_document(document: Mapping[str, Any]) -> CarriedFile:
    sizes = {one["type"]: _weight(one) for one in document.get("thumbs") or () if one.get("w")}
    small = next((name for name in _SMALL if name in sizes), None)
    return CarriedFile(
        document["id"],
        _remote(document, "", document["size"], is_photo=False),
        _remote(document, small, sizes[small], is_photo=False) if small else None,
    )


def _remote(made: Mapping[str, Any], thumb: str, size: int, *, is_photo: bool) -> RemoteFile:
    return RemoteFile(
        made["id"],
        made["access_hash"],
        bytes(made["file_reference"]),
        made["dc_id"],
        is_photo,
        thumb,
        size,
    )


def _weight(size: Mapping[str, Any]) -> int:
    """Bytes of a size; of a progressive one all of it
    (https://core.telegram.org/constructor/photoSizeProgressive).
    """
    steps = size.get("sizes")
    return int(max(steps) if steps else size.get("size") or len(size.get("bytes") or b""))
