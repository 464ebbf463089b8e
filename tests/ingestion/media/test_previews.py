"""What pages show of a file: small, without metadata, and of a video one frame."""

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from ingestion.media import previews
from ingestion.models import StoredFile

Shown = StoredFile.Shown
#: Of EXIF: the way a camera was held (6: turned by 90°), and who made it.
ORIENTATION, MAKER = 0x0112, 0x010F


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "copies"
    place.mkdir()
    return place


def photo(path: Path, *, exif: dict[int, int | str] | None = None) -> Path:
    image = Image.new("RGB", (1600, 1200), "teal")
    held = Image.Exif()
    for tag, value in (exif or {}).items():
        held[tag] = value
    image.save(path, "JPEG", **({"exif": held} if exif else {}))
    return path


def test_a_picture_without_metadata_is_shown_itself(tmp_path: Path, folder: Path) -> None:
    looks = previews.look(photo(tmp_path / "a.jpg"), "image/jpeg", folder)
    assert (looks.width, looks.height, looks.shown, looks.view) == (1600, 1200, Shown.ITSELF, None)
    assert looks.preview
    with Image.open(looks.preview) as small:
        assert (small.format, small.size) == ("WEBP", (480, 360))


def test_a_picture_that_tells_more_is_shown_upright_and_without_it(
    tmp_path: Path, folder: Path
) -> None:
    path = photo(tmp_path / "a.jpg", exif={ORIENTATION: 6, MAKER: "Camera of Vera"})
    looks = previews.look(path, "image/jpeg", folder)
    assert (looks.width, looks.height, looks.shown) == (1200, 1600, Shown.VIEW)
    for copy in (looks.view, looks.preview):
        assert copy
        with Image.open(copy) as image:
            assert image.height > image.width
            assert not image.getexif()
        assert b"Vera" not in copy.read_bytes()


def test_what_only_says_that_it_is_a_picture_is_not_shown(tmp_path: Path, folder: Path) -> None:
    page = tmp_path / "a.png"
    page.write_text("<script>alert(1)</script>", encoding="utf-8")
    assert previews.look(page, "image/png", folder) == previews.Looks()
    assert previews.look(page, "image/svg+xml", folder) == previews.Looks()


def test_a_picture_that_would_eat_the_memory_is_left_alone(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "MOST_PIXELS", 1_000_000)
    looks = previews.look(photo(tmp_path / "a.jpg"), "image/jpeg", folder)
    assert looks == previews.Looks(1600, 1200)


class TestVideo:
    @pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
    def test_its_poster_is_a_frame_of_it(self, tmp_path: Path, folder: Path) -> None:
        path = tmp_path / "a.mp4"
        subprocess.run(
            [
                *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=c=red:s=640x360:d=0.2"),
                *("-c:v", "mpeg4", str(path)),
            ],
            check=True,
        )
        looks = previews.look(path, "video/mp4", folder)
        assert (looks.width, looks.height, looks.shown) == (640, 360, Shown.ITSELF)
        assert looks.preview
        with Image.open(looks.preview) as poster:
            assert poster.size == (480, 270)
            red, green, blue = poster.convert("RGB").getpixel((240, 135))  # type: ignore[misc]
        assert red > 200
        assert green < 60
        assert blue < 60

    @pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
    def test_a_playlist_that_is_called_a_video_opens_nothing_else(
        self, tmp_path: Path, folder: Path
    ) -> None:
        secret = photo(tmp_path / "secret.jpg")
        playlist = tmp_path / "a.mp4"
        playlist.write_text(f"ffconcat version 1.0\nfile {secret}\n", encoding="utf-8")
        assert previews.look(playlist, "video/mp4", folder) == previews.Looks(shown=Shown.ITSELF)

    def test_without_ffmpeg_it_is_played_and_has_no_poster(
        self, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert previews.ffmpeg() is None
        video = tmp_path / "a.mp4"
        video.touch()
        assert previews.look(video, "video/mp4", folder) == previews.Looks(shown=Shown.ITSELF)
