"""What is refused before anything is made or started, and the words for it."""

import os
import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from tgadmin import embedded
from tgadmin.management.supervisor import preflight
from tgadmin.management.supervisor.instance import Instance
from tgadmin.management.supervisor.keys import make_missing_keys, write_once
from tgadmin.management.supervisor.preflight import UpError


class TestHost:
    @pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]"])
    def test_this_machine_needs_no_names(self, host: str) -> None:
        preflight.check_host(host, [])

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "archive.example.org"])
    def test_other_machines_are_let_in_by_name_only(self, host: str) -> None:
        with pytest.raises(UpError, match="TGADMIN_ALLOWED_HOSTS"):
            preflight.check_host(host, [])
        preflight.check_host(host, ["archive.example.org"])


class TestPort:
    def test_a_taken_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(preflight, "_PORT_PATIENCE", 0)
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            with pytest.raises(UpError, match=f"Port {port} is in use.*--port {port + 1}"):
                preflight.check_port("127.0.0.1", port)
        preflight.check_port("127.0.0.1", port)

    def test_an_address_of_another_machine(self) -> None:
        with pytest.raises(UpError, match=r"Nothing can listen on 192\.0\.2\.1"):
            preflight.check_port("192.0.2.1", 8000)


class TestData:
    def test_it_is_made_for_its_owner(self, tmp_path: Path) -> None:
        data = tmp_path / "a" / "data"
        preflight.prepare_data(data, demo=False)
        assert data.stat().st_mode & 0o777 == 0o700

    def test_one_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(UpError, match=r"cannot be made.*--data"):
            preflight.prepare_data(tmp_path / "file" / "data", demo=False)

    def test_one_that_may_not_be_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda *_: False)
        with pytest.raises(UpError, match="You may not write to"):
            preflight.prepare_data(tmp_path, demo=False)

    def test_a_full_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=7 * 2**20))
        with pytest.raises(UpError, match="7 MB are free"):
            preflight.prepare_data(tmp_path, demo=False)

    def test_an_archive_is_not_taken_for_a_demo(self, tmp_path: Path) -> None:
        (tmp_path / "postgres").mkdir()
        with pytest.raises(UpError, match="a demo must not be mixed into it"):
            preflight.prepare_data(tmp_path, demo=True)

    def test_a_demo_is_not_taken_for_an_archive(self, tmp_path: Path) -> None:
        preflight.prepare_data(tmp_path, demo=True)
        preflight.prepare_data(tmp_path, demo=True)
        with pytest.raises(UpError, match="Add --demo"):
            preflight.prepare_data(tmp_path, demo=False)


@pytest.mark.django_db
class TestGivenDatabase:
    def _url(self) -> str:
        from django.conf import settings
        from django.db import connection

        name = connection.settings_dict["NAME"]
        return embedded.postgres_url(settings.TGADMIN_DATA_DIR).replace("/app?", f"/{name}?")

    def test_one_in_use_is_not_taken_for_a_demo(self, tmp_path: Path) -> None:
        preflight.prepare_data(tmp_path, demo=True)
        with pytest.raises(UpError, match="give it an empty database"):
            preflight.check_database(self._url(), data=tmp_path, demo=True)

    def test_an_archive_takes_it(self, tmp_path: Path) -> None:
        preflight.check_database(self._url(), data=tmp_path, demo=False)

    def test_one_that_does_not_answer(self, tmp_path: Path) -> None:
        with pytest.raises(UpError, match="The PostgreSQL of DATABASE_URL cannot be used"):
            preflight.check_database("postgresql://127.0.0.1:1/x", data=tmp_path, demo=False)

    def test_a_valkey_that_does_not_answer(self) -> None:
        with pytest.raises(UpError, match="REDIS_URL cannot be used"):
            preflight.check_valkey("redis://127.0.0.1:1/0")


class TestInstance:
    def test_a_second_one_is_told_where_the_first_is(self, tmp_path: Path) -> None:
        first, second = Instance(tmp_path), Instance(tmp_path)
        first.acquire(url="http://127.0.0.1:8000/")
        for refused in (second.refuse_second, lambda: second.acquire(url="")):
            with pytest.raises(UpError, match=f"http://127.0.0.1:8000/ .process {os.getpid()}"):
                refused()
        first.release()
        second.refuse_second()
        second.acquire(url="")
        second.release()


class TestKeys:
    @pytest.fixture(autouse=True)
    def _none_given(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TGADMIN_SECRET_KEY")
        monkeypatch.delenv("TGADMIN_ENCRYPTION_KEYS")

    def test_they_are_made_once(self, tmp_path: Path) -> None:
        said = make_missing_keys(tmp_path)
        assert "Keep a copy" in said[0]
        files = {file.name: file.read_text(encoding="ascii") for file in _secrets(tmp_path)}
        assert set(files) == {"secret.key", "encryption.keys"}
        assert make_missing_keys(tmp_path) == []
        assert files == {file.name: file.read_text(encoding="ascii") for file in _secrets(tmp_path)}

    def test_what_the_environment_gives_is_not_made(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TGADMIN_SECRET_KEY", "given")
        monkeypatch.setenv("TGADMIN_ENCRYPTION_KEYS", "given")
        make_missing_keys(tmp_path)
        assert not _secrets(tmp_path)

    def test_lost_ones_are_told(self, tmp_path: Path) -> None:
        (tmp_path / "postgres").mkdir()
        assert "were missing" in make_missing_keys(tmp_path)[0]

    def test_open_ones_are_closed(self, tmp_path: Path) -> None:
        make_missing_keys(tmp_path)
        for file in _secrets(tmp_path):
            file.chmod(0o644)
        make_missing_keys(tmp_path)
        assert {file.stat().st_mode & 0o777 for file in _secrets(tmp_path)} == {0o600}

    def test_an_empty_one_is_not_written_over(self, tmp_path: Path) -> None:
        (tmp_path / "key").touch()
        with pytest.raises(UpError, match="is empty"):
            write_once(tmp_path / "key", "new")


def _secrets(data: Path) -> list[Path]:
    return sorted((data / "secrets").iterdir())
