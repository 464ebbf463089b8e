"""Photos of channels, in their small size (https://core.telegram.org/api/files)."""

from typing import Any

from telethon.tl import types
from telethon.utils import stripped_photo_to_jpg

from ingestion.errors import DataError
from ingestion.records import PhotoRecord
from ingestion.sources.base import ChannelAddress
from ingestion.sources.mtproto.peers import input_peer
from ingestion.sources.mtproto.wire import Wire

#: Sizes of photos, small ones first: 160 px, 100 px, 320 px; "i" is the stripped one
#: (https://core.telegram.org/api/files#image-thumbnail-types).
_SMALL_SIZES = ("a", "s", "m", "b", "x")


class Photos:
    """Fetches photos that an account can see."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def photo(self, address: ChannelAddress, photo: PhotoRecord) -> bytes:
        """Return what a channel shows as a JPEG of 160 px.

        https://core.telegram.org/constructor/inputPeerPhotoFileLocation
        """
        location = types.InputPeerPhotoFileLocation(input_peer(address), photo.photo_id)
        return _jpeg(await self._wire.small_file(location, photo.dc_id))

    async def _photo_of_invite(self, photo: Any) -> bytes:
        """The small size of a `Photo` (https://core.telegram.org/constructor/photo)."""
        names = {size.type for size in photo.sizes if hasattr(size, "w")}
        name = next((name for name in _SMALL_SIZES if name in names), None)
        if name is None:
            return b""
        location = types.InputPhotoFileLocation(
            photo.id, photo.access_hash, photo.file_reference, name
        )
        return _jpeg(await self._wire.small_file(location, photo.dc_id))


def thumb_jpeg(photo: PhotoRecord) -> bytes:
    """The JPEG of at most 40 px that came with the channel, without a request; may be empty."""
    return bytes(stripped_photo_to_jpg(photo.thumb)) if photo.thumb else b""


def _jpeg(data: bytes) -> bytes:
    if not data.startswith(b"\xff\xd8"):
        raise DataError("NOT_A_PHOTO", "Telegram sent a photo that is no JPEG.")
    return data
