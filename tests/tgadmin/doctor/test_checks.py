"""Each check: in order, and each way in which it can be out of order that can be made here."""

import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from django.db import connection
from django.utils import timezone

from ingestion.models import Account, Proxy, WorkerHeartbeat
from tests.factories import make_channel, make_workspace
from tests.tgadmin.running import free_port
from tgadmin.doctor import (
    CHECKS,
    Finding,
    Level,
    examine,
    installed,
    outside,
    places,
    servers,
    work,
)
from tgadmin.env import DataCentre
from tgadmin.lib import last_backup

if TYPE_CHECKING:
    from redis import Redis


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    """A data directory in good order."""
    settings.TGADMIN_DATA_DIR = tmp_path / "data"
    (tmp_path / "data" / "secrets").mkdir(parents=True)
    for folder in (tmp_path / "data", tmp_path / "data" / "secrets"):
        folder.chmod(0o700)
    return tmp_path / "data"


def heartbeat(role: str, *, age: float = 0) -> WorkerHeartbeat:
    seen = timezone.now() - timedelta(seconds=age)
    return WorkerHeartbeat.objects.create(
        name=f"{role}@here:{age}", role=role, pid=1, started_at=seen, seen_at=seen
    )


def answers_ok(finding: Finding) -> bool:
    assert finding.text
    return finding.level == Level.OK and not finding.todo


class TestInstalled:
    def test_python(self) -> None:
        assert answers_ok(installed.python())
        assert "3." in installed.python().text

    def test_packages_as_pinned(self) -> None:
        assert answers_ok(installed.packages())

    def test_a_package_of_another_version(self, tmp_path: Path) -> None:
        pins = tmp_path / "requirements.txt"
        pins.write_text(
            "django==0.96 \\\n    --hash=sha256:00\n"
            "no-such-package==1.0 \\\n    --hash=sha256:00\n"
            "only-elsewhere==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n",
            encoding="utf-8",
        )
        found = installed.packages(pins)
        assert found.level == Level.WARN
        assert "pinned: 0.96" in found.text
        assert "no-such-package is missing" in found.text
        assert "only-elsewhere" not in found.text
        assert ".venv" in found.todo

    def test_without_the_list(self, tmp_path: Path) -> None:
        assert answers_ok(installed.packages(tmp_path / "none"))


class TestTheDataDirectory:
    def test_in_order(self, data: Path) -> None:
        assert answers_ok(places.data_directory())

    def test_not_there(self, data: Path, settings: Any) -> None:
        settings.TGADMIN_DATA_DIR = data / "none"
        found = places.data_directory()
        assert (found.level, "manage.py up" in found.todo) == (Level.FAIL, True)

    @pytest.mark.parametrize(("mode", "level"), [(0o755, "warn"), (0o770, "warn"), (0o711, "ok")])
    def test_open_to_others(self, data: Path, mode: int, level: str) -> None:
        data.chmod(mode)
        assert places.data_directory().level == level

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_not_to_be_written_to(self, data: Path) -> None:
        data.chmod(0o500)
        assert places.data_directory().level == Level.FAIL


class TestKeys:
    def test_in_the_environment(self, data: Path) -> None:
        found = places.keys()
        assert answers_ok(found)
        assert "No backup has them" in found.text

    def test_missing(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TGADMIN_ENCRYPTION_KEYS")
        found = places.keys()
        assert found.level == Level.FAIL
        assert "encryption.keys" in found.text

    def test_in_files(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("TGADMIN_ENCRYPTION_KEYS", "TGADMIN_SECRET_KEY"):
            monkeypatch.delenv(name)
        for name in ("encryption.keys", "secret.key"):
            (data / "secrets" / name).write_text("x", encoding="ascii")
            (data / "secrets" / name).chmod(0o600)
        assert answers_ok(places.keys())
        (data / "secrets" / "secret.key").chmod(0o640)
        found = places.keys()
        assert found.level == Level.FAIL
        assert found.todo == f"chmod 600 {data / 'secrets' / 'secret.key'}"
        (data / "secrets").chmod(0o755)
        assert places.keys().todo == f"chmod 700 {data / 'secrets'}"

    def test_not_a_key(self, data: Path, settings: Any) -> None:
        settings.ENCRYPTION_KEYS = ["not a key"]
        assert places.keys().level == Level.FAIL


class TestTheDisk:
    @pytest.mark.parametrize(
        ("free", "level"), [(50 * 2**30, "ok"), (2**30, "warn"), (10 * 2**20, "fail")]
    )
    def test_free_space(self, data: Path, free: int, level: str) -> None:
        found = places.disk(lambda _: Usage(100 * 2**30, 0, free))
        assert found.level == level
        assert bool(found.todo) == (level != "ok")

    def test_before_the_data_directory_is_there(self, data: Path, settings: Any) -> None:
        settings.TGADMIN_DATA_DIR = data / "not" / "yet"
        assert str(data) in places.disk().text


class TestTheBackup:
    def test_none_of_nothing(self, data: Path, db: None) -> None:
        assert answers_ok(places.backup())

    def test_none_of_an_archive(self, data: Path, db: None) -> None:
        from ingestion.models import Message

        now = timezone.now()
        Message.objects.create(
            channel=make_channel(), message_id=1, date=now, kind="text", first_seen_at=now
        )
        found = places.backup()
        assert (found.level, "manage.py backup" in found.todo) == (Level.WARN, True)

    def test_a_recent_and_an_old_one(self, data: Path, db: None) -> None:
        last_backup.remember(data, file="/b.tar", size=5_000_000)
        found = places.backup()
        assert answers_ok(found)
        assert "5.0 MB" in found.text
        later = places.backup(lambda: timezone.now() + timedelta(days=8))
        assert later.level == Level.WARN

    def test_a_note_that_cannot_be_read(self, data: Path, db: None) -> None:
        without_zone = '{"at": "2026-01-01", "file": "/b.tar", "size": 5}'
        for text in ("{", "[]", "{}", without_zone):
            (data / last_backup.NAME).write_text(text, encoding="utf-8")
            assert last_backup.read(data) is None


class TestServers:
    def test_in_order(self, db: None, valkey: "Redis") -> None:
        checks = (servers.postgresql, servers.search, servers.migrations, servers.clock)
        assert all(answers_ok(check()) for check in (*checks, servers.valkey))

    def test_postgresql_that_does_not_run(
        self, data: Path, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with django_db_blocker.unblock():
            connection.close()
            monkeypatch.setitem(connection.settings_dict, "HOST", str(data))
            found = {row.check: row for row in examine(for_page=True)}
            connection.close()
        assert found["postgresql"].level == Level.FAIL
        assert "`up` does not run" in found["postgresql"].text
        assert "manage.py up" in found["postgresql"].todo
        for name in ("search", "migrations", "clock", "workers", "tick"):
            assert found[name].level == Level.WARN
            assert "PostgreSQL does not answer" in found[name].text

    def test_a_given_server_is_named(
        self, data: Path, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/app")
        with django_db_blocker.unblock():
            connection.close()
            monkeypatch.setitem(connection.settings_dict, "HOST", str(data))
            found = servers.postgresql()
            connection.close()
        assert "at the address of DATABASE_URL" in found.text

    def test_an_extension_that_is_missing(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(servers, "EXTENSIONS", ("pg_trgm", "not_there"))
        found = servers.search()
        assert found.level == Level.FAIL
        assert found.todo.endswith("CREATE EXTENSION not_there")

    def test_a_migration_that_is_not_applied(self, db: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'archive'")
        found = servers.migrations()
        assert (found.level, found.todo) == (Level.FAIL, "python3 manage.py setup")

    def test_a_clock_that_is_off(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        ahead = timezone.now() + timedelta(minutes=3)
        monkeypatch.setattr(timezone, "now", lambda: ahead)
        found = servers.clock()
        assert found.level == Level.WARN
        assert "NTP" in found.todo

    def test_valkey_that_does_not_run(self, settings: Any, data: Path) -> None:
        settings.RQ_QUEUES = {"slices": {"URL": f"unix://{data}/none.sock?db=0"}}
        found = servers.valkey()
        assert (found.level, "manage.py up" in found.todo) == (Level.FAIL, True)

    def test_valkey_that_forgets(self, valkey: "Redis") -> None:
        valkey.config_set("maxmemory-policy", "allkeys-lru")
        valkey.config_set("maxmemory", "100mb")
        try:
            found = servers.valkey()
        finally:
            valkey.config_set("maxmemory", "0")
            valkey.config_set("maxmemory-policy", "noeviction")
        assert (found.level, "allkeys-lru" in found.text) == (Level.WARN, True)


class TestWork:
    def test_somebody_for_everything(self, db: None) -> None:
        for role in ("slices", "calls + exports", "media", "tick"):
            heartbeat(role)
        assert answers_ok(work.workers())
        assert answers_ok(work.tick())

    def test_a_worker_that_fell_silent(self, db: None) -> None:
        heartbeat("slices", age=60)
        heartbeat("calls")
        found = work.workers()
        assert found.level == Level.FAIL
        assert found.text == "No worker is alive for: slices, exports, media"
        assert "manage.py up" in found.todo

    def test_a_tick_that_fell_silent(self, db: None) -> None:
        heartbeat("tick", age=60)
        assert work.tick().level == Level.FAIL

    def test_a_listener_is_needed_where_a_channel_is_live(self, db: None) -> None:
        assert answers_ok(work.listener())
        channel = make_channel(live=True)
        assert work.listener().level == Level.FAIL
        heartbeat("listener")
        assert answers_ok(work.listener())
        channel.delete()

    def test_without_up_it_is_started_alone(
        self, db: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/app")
        assert "manage.py worker slices calls exports media" in work.workers().todo


class TestAccounts:
    def _account(self, **changes: Any) -> Account:
        common: dict[str, Any] = {
            "workspace": make_workspace(),
            "phone": "+9996620001",
            "label": "Reader",
            "api_id": 1,
            "api_hash": "0123456789abcdef",
            "session": "session",
            "state": "ready",
        }
        return Account.objects.create(**common | changes)

    def test_none(self, db: None) -> None:
        assert work.accounts().level == Level.WARN

    def test_connected(self, db: None) -> None:
        self._account()
        assert answers_ok(work.accounts())

    def test_a_lost_login(self, db: None) -> None:
        self._account(state="lost")
        found = work.accounts()
        assert (found.level, "Reader" in found.text) == (Level.WARN, True)

    def test_another_encryption_key(self, db: None, settings: Any) -> None:
        self._account()
        settings.ENCRYPTION_KEYS = ["b3RoZXItb25seS1vdGhlci1vbmx5LW90aGVyLW9ubHk="]
        found = work.accounts()
        assert (found.level, "Reader" in found.text) == (Level.FAIL, True)


class TestOutside:
    def test_telegram(self, settings: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            settings.TELEGRAM_DC = DataCentre(2, *server.getsockname())
            assert answers_ok(outside.telegram())

    def test_telegram_out_of_reach(self, settings: Any) -> None:
        settings.TELEGRAM_DC = DataCentre(2, "127.0.0.1", free_port())
        found = outside.telegram()
        assert (found.level, "firewall" in found.todo) == (Level.FAIL, True)

    def test_without_docker(self) -> None:
        found = outside.docker("no-such-program")
        assert answers_ok(found)
        assert "`up` does not need it" in found.text

    @pytest.mark.parametrize(
        ("script", "level"), [("echo 28.1", "ok"), ("exit 1", "warn"), ("echo; exit 0", "warn")]
    )
    def test_dockers_engine(self, tmp_path: Path, script: str, level: str) -> None:
        program = tmp_path / "docker"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
        program.chmod(0o700)
        found = outside.docker(str(program))
        assert found.level == level
        assert ("28.1" in found.text) == (level == "ok")
        assert not found.todo or "`up` does not need it" in found.todo


def test_a_check_that_fails_itself_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    from tgadmin.doctor.examination import Check

    def broken() -> Finding:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("tgadmin.doctor.examination.CHECKS", {"broken": Check(broken)})
    (found,) = examine()
    assert (found.check, found.level) == ("broken", Level.FAIL)
    assert "ZeroDivisionError: by zero" in found.text


def test_the_page_is_told_of_no_account_and_nothing_slow() -> None:
    left_out = {name for name, check in CHECKS.items() if not check.on_page}
    assert left_out == {"packages", "media", "accounts", "telegram", "proxies", "docker"}


def test_proxies_that_take_no_connection_are_named(db: None, settings: Any) -> None:
    settings.OUTBOUND_PRIVATE = True
    workspace = make_workspace()
    assert "No proxy is set up" in outside.proxies().text
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        Proxy.objects.create(workspace=workspace, kind="socks5", host="127.0.0.1", port=port)
        assert answers_ok(outside.proxies())
        away = Proxy.objects.create(
            workspace=workspace, kind="http", host="127.0.0.1", port=free_port()
        )
        found = outside.proxies()
    assert found.level == Level.WARN
    assert str(away) in found.text
    assert f":{port}" not in found.text
    assert "Connectivity" in found.todo
