"""Pictures that pages show in place of files: small, without EXIF, in a format browsers know."""

import logging
import shutil
import subprocess
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from ingestion.media import store
from ingestion.models import StoredFile

logger = logging.getLogger(__name__)

Shown = StoredFile.Shown

#: The longer side, in pixels.
PREVIEW_SIDE: Final = 480
VIEW_SIDE: Final = 2048
#: A picture that unpacks to more is left alone: it may be made to eat memory.
MOST_PIXELS: Final = 64_000_000
#: Seconds for one frame of a video.
FFMPEG_SECONDS: Final = 20

#: What a page may hold as it is.
WEB_IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"})
_READABLE: Final = WEB_IMAGES | {"image/bmp"}


@dataclass(frozen=True, slots=True)
class Looks:
    """What was found out about a file, and which copies were made beside it."""

    width: int | None = None
    height: int | None = None
    preview: Path | None = None
    view: Path | None = None
    shown: str = Shown.NOTHING


def look(path: Path, mime: str, folder: Path) -> Looks:
    """Dimensions and copies of a file; nothing where it cannot be read as what it says it is."""
    if mime in _READABLE:
        return _of_image(path, mime, folder)
    if mime.startswith("video/"):
        return _of_video(path, folder)
    return Looks()


def _of_image(path: Path, mime: str, folder: Path) -> Looks:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                if image.width * image.height > MOST_PIXELS:
                    return Looks(image.width, image.height)
                animated = bool(getattr(image, "is_animated", False))
                bare = not _has_metadata(image)
                turned = ImageOps.exif_transpose(image)
                width, height = turned.size
                preview = _saved(turned, PREVIEW_SIDE, folder / "preview.webp")
                if mime in WEB_IMAGES and bare:
                    return Looks(width, height, preview, shown=Shown.ITSELF)
                if animated:
                    return Looks(width, height, preview)
                view = _saved(turned, VIEW_SIDE, folder / "view.webp")
                return Looks(width, height, preview, view, Shown.VIEW)
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
    ) as error:
        logger.info("A picture could not be read: %s", error)
        return Looks()


def _has_metadata(image: Image.Image) -> bool:
    """EXIF, XMP, IPTC or comments: where a photo was taken, and with what."""
    info = image.info
    return bool(image.getexif()) or any(
        name in info for name in ("exif", "xmp", "photoshop", "comment", "XML:com.adobe.xmp")
    )


def _saved(image: Image.Image, side: int, target: Path) -> Path:
    small = image.convert(
        "RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB"
    )
    small.thumbnail((side, side))
    # Nothing of the original's metadata goes along unless it is named here.
    small.save(target, "WEBP", quality=78, method=3, exif=b"", icc_profile=None)
    return target


def ffmpeg() -> str | None:
    """Where ffmpeg is, None where it is not installed."""
    return shutil.which("ffmpeg")


def _of_video(path: Path, folder: Path) -> Looks:
    """One frame as its poster, where ffmpeg is there to take it."""
    program = ffmpeg()
    if program is None:
        return Looks(shown=Shown.ITSELF)
    frame = folder / "frame.png"
    command = [
        program, "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-i", f"file:{path}",
        "-frames:v", "1", "-y", f"file:{frame}",
    ]  # fmt: skip
    try:
        subprocess.run(command, check=True, timeout=FFMPEG_SECONDS, capture_output=True)
        with Image.open(frame) as image:
            preview = _saved(image, PREVIEW_SIDE, folder / "preview.webp")
            return Looks(*image.size, preview, shown=Shown.ITSELF)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        logger.info("No frame could be taken of a video: %s", error)
        return Looks(shown=Shown.ITSELF)


def make(path: Path, sha256: str, mime: str, scratch: Path) -> Looks:
    """Make the copies of a file and bring them into the store."""
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        looks = look(path, mime, Path(name))
        if looks.preview:
            store.put(looks.preview, sha256, copy=store.PREVIEW)
        if looks.view:
            store.put(looks.view, sha256, copy=store.VIEW)
    return looks
