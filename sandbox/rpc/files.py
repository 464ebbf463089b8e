"""upload.getFile (https://core.telegram.org/api/files#downloading-files)."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

from telethon.tl import functions, types

from sandbox.rpc.channels import channel_photo
from sandbox.rpc.errors import bad, named
from sandbox.rpc.registry import method
from sandbox.tl import content, files
from sandbox.tl.media import THIS_DC, access_hash
from sandbox.tl.vector import vector

if TYPE_CHECKING:
    from sandbox.rpc.registry import Call
    from sandbox.world.channel import Channel
    from sandbox.world.model import Media

MEGABYTE = 1 << 20
# bytes that one hash is of: https://core.telegram.org/constructor/fileHash
HASHED = 131_072


def check_range(offset: int, limit: int, *, precise: bool) -> None:
    """OFFSET_INVALID or LIMIT_INVALID unless the part is one that may be asked for.

    Without `precise`: both divisible by 4 KB, 1 MB divisible by the limit; with it: both
    divisible by 1 KB, the limit at most 1 MB. The part lies within one megabyte either way.
    """
    step = 1_024 if precise else 4_096
    if offset < 0 or offset % step:
        raise bad("OFFSET_INVALID")
    if limit <= 0 or limit % step or limit > MEGABYTE or (not precise and MEGABYTE % limit):
        raise bad("LIMIT_INVALID")
    if offset // MEGABYTE != (offset + limit - 1) // MEGABYTE:
        raise bad("LIMIT_INVALID")


@method(functions.upload.GetFileRequest)
def get_file(call: Call) -> Any:
    """See <https://core.telegram.org/method/upload.getFile>."""
    request = call.request
    _ = call.user_id
    check_range(request.offset, request.limit, precise=bool(request.precise))
    media, thumb = _located(call, request.location)
    data = files.read(media, thumb, request.offset, request.limit)
    if data is None:
        raise bad("LOCATION_INVALID")
    data = call.server.faults.file(call, data)
    call.entry["bytes"] = len(data)
    picture = media.kind in {"photo", "webpage"} or bool(thumb)
    kind = types.storage.FileJpeg() if picture else types.storage.FileUnknown()
    return types.upload.File(kind, int(time.time()), data)


@method(functions.upload.GetFileHashesRequest)
def get_file_hashes(call: Call) -> bytes:
    """See <https://core.telegram.org/method/upload.getFileHashes>: of the megabyte from the offset
    on, and only of documents.
    """
    request = call.request
    _ = call.user_id
    media, thumb = _located(call, request.location)
    if thumb or media.kind == "photo":
        return vector([])
    start = request.offset // HASHED * HASHED
    found = []
    for offset in range(start, min(start + MEGABYTE, media.size), HASHED):
        data = content.read(media, offset, HASHED)
        found.append(types.FileHash(offset, len(data), hashlib.sha256(data).digest()))
    return vector(found)


def _located(call: Call, location: Any) -> tuple[Media, str]:
    if isinstance(location, types.InputPeerPhotoFileLocation):
        channel = call.world.channels.get(getattr(location.peer, "channel_id", 0))
        if channel is None or location.photo_id != channel.info.photo:
            raise bad("LOCATION_INVALID")
        return _picture(call, channel), "c" if location.big else "a"
    known = (types.InputPhotoFileLocation, types.InputDocumentFileLocation)
    if not isinstance(location, known):
        raise bad("LOCATION_INVALID")
    error = call.server.references.check(location.file_reference)
    if error is not None:
        raise bad(error)
    media = call.world.media(location.id) or _chat_picture(call, location.id)
    if media is None or location.access_hash != access_hash(location.id):
        raise bad("FILE_ID_INVALID")
    home = media.dc or THIS_DC
    if call.key.dc != home and location.id != getattr(_chat_picture(call, location.id), "id", 0):
        raise named(f"FILE_MIGRATE_{home}", 303)
    return media, location.thumb_size


def _chat_picture(call: Call, photo_id: int) -> Media | None:
    """The picture of a channel with this id, as chatInvite and channelFull name it."""
    for channel in call.world.channels.values():
        if channel.info.photo == photo_id:
            return _picture(call, channel)
    return None


def _picture(call: Call, channel: Channel) -> Media:
    """A channel's picture; FILE_MIGRATE_X where another data centre has it
    (https://core.telegram.org/api/errors#303-see-other).
    """
    media = channel_photo(channel)
    if media is None:
        raise bad("LOCATION_INVALID")
    if call.key.dc != channel.info.photo_dc:
        raise named(f"FILE_MIGRATE_{channel.info.photo_dc}", 303)
    return media
