from pathlib import Path

import pytest

from tgadmin.embedded import ServerError, paths


def test_sockets_are_in_the_data_directory() -> None:
    assert paths.socket_directory(Path("/srv/tgadmin")) == Path("/srv/tgadmin/run")
    assert paths.postgres_url(Path("/srv/x")) == "postgresql://app@/app?host=/srv/x/run"
    assert paths.valkey_url(Path("/srv/x")) == "unix:///srv/x/run/valkey.sock?db=0"


@pytest.mark.parametrize("data", ["/srv/" + "long/" * 30, "/srv/with space", "/srv/кириллица"])
def test_where_a_socket_cannot_be_a_short_path_stands_in(data: str) -> None:
    folder = paths.socket_directory(Path(data))
    assert folder.parent == Path("/tmp")
    assert folder == paths.socket_directory(Path(data)), "every command must find the same"
    assert folder != paths.socket_directory(Path(data) / "other")


def test_the_folder_is_its_owners(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "run"
    paths.prepare_socket_directory(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_somebody_planted_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ServerError, match="belongs to somebody else"):
        paths.prepare_socket_directory(tmp_path / "run")
