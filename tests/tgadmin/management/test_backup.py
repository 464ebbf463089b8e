"""What goes into a backup comes back out of it, and no key ever goes in."""

import errno
import gc
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import environ
import pytest
from django.conf import settings
from django.db import connection

from ingestion.models import Account, Channel, Medium, MessageRevision, StoredFile
from ingestion.services import runs
from sandbox.testing import SandboxProcess
from sandbox.tl.images import jpeg
from tests.dashboard.stored import store_bytes
from tests.ingestion.world import World, assert_equal_to_truth
from tests.tgadmin.running import BASE, environment, holding, manage
from tgadmin.embedded import PostgresServer, postgres_url
from tgadmin.env import DataCentre
from tgadmin.management.backup import load, programs
from tgadmin.management.backup.manifest import BackupError, Manifest, fingerprint
from tgadmin.management.backup.tarball import DUMP, PIECE, Writer, members, verify
from workspaces.models import Workspace


def _nobody(part: str, size: int) -> None:
    """Nobody watches."""


def _manifest(**changes: Any) -> Manifest:
    common: dict[str, Any] = {
        "created_at": "2026-05-01T09:30:00+00:00",
        "tgadmin": "0.1.0",
        "postgresql": "18.6",
        "pg_dump": 18,
        "migrations": ["ingestion.0001_initial"],
        "keys": [fingerprint(settings.ENCRYPTION_KEYS[0])],
        "rows": {"ingestion.Channel": 1, "ingestion.Message": 2},
    }
    return Manifest(**common | changes)


def _write(path: Path, dump: bytes, **exports: bytes) -> Path:
    with path.open("wb") as out:
        writer = Writer(out, _nobody)
        writer.add_dump(io.BytesIO(dump))
        for name, content in exports.items():
            writer.add_file(name, io.BytesIO(content), len(content))
        writer.finish(_manifest())
    return path


class TestTheFile:
    def test_it_is_found_whole(self, tmp_path: Path) -> None:
        dump = os.urandom(PIECE + 17)
        manifest = verify(_write(tmp_path / "b.tar", dump, one=b"rows"), _nobody)
        assert {name: part.size for name, part in manifest.parts.items()} == {
            "database.dump": PIECE + 17,
            "exports/one": 4,
        }

    def test_one_changed_byte_is_noticed(self, tmp_path: Path) -> None:
        file = _write(tmp_path / "b.tar", b"database" * 1000, one=b"rows of an export")
        content = file.read_bytes()
        for part, name in ((b"database", "database.dump"), (b"rows of", "exports/one")):
            file.write_bytes(content.replace(part, b"X" * len(part), 1))
            with pytest.raises(BackupError, match=f"is damaged: “{name}”|no backup"):
                verify(file, _nobody)

    def test_a_disk_that_is_full_is_told_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Full:
            def write(self, block: bytes) -> None:
                raise OSError(errno.ENOSPC, "No space left on device", len(block))

        seen: list[Any] = []
        monkeypatch.setattr(sys, "unraisablehook", seen.append)
        with pytest.raises(OSError, match="No space left"), Writer(Full(), _nobody) as writer:
            writer.add_dump(io.BytesIO(b"x" * 100_000))
        del writer
        gc.collect()
        assert seen == []

    @pytest.mark.parametrize("kept", [0, 100, 512, 2000, 6000])
    def test_a_file_that_was_cut_off_is_noticed(self, tmp_path: Path, kept: int) -> None:
        file = _write(tmp_path / "b.tar", b"x" * 5000)
        file.write_bytes(file.read_bytes()[:kept])
        with pytest.raises(BackupError, match=r"not whole|not be read"):
            verify(file, _nobody)

    def test_another_tar_is_refused(self, tmp_path: Path) -> None:
        import tarfile

        file = tmp_path / "b.tar"
        for name in ("etc/passwd", "exports/../../x", "exports//x", "exports/.", "exports/a/b"):
            with tarfile.open(file, "w") as tar:
                tar.addfile(tarfile.TarInfo(name))
            with pytest.raises(BackupError, match="is no backup of tgadmin"):
                verify(file, _nobody)

    def test_the_form_of_a_newer_version_is_refused(self, tmp_path: Path) -> None:
        newer = _manifest(format=99, tgadmin="9.0").to_json()
        with pytest.raises(BackupError, match=r"newer tgadmin \(9.0\)"):
            Manifest.from_json(newer)
        with pytest.raises(BackupError, match="damaged"):
            Manifest.from_json(b"{}")

    @pytest.mark.parametrize(
        "changed",
        [
            {"parts": []},
            {"parts": {"database.dump": 7}},
            {"parts": {"database.dump": {"size": "7", "sha256": ""}}},
            {"rows": None},
            {"rows": {"ingestion.Channel": "1"}},
            {"migrations": None},
            {"migrations": [1]},
            {"keys": {}},
            {"pg_dump": "18"},
            {"created_at": 5},
            {"format": None},
            {"unknown": 1},
        ],
    )
    def test_a_manifest_that_somebody_changed_is_refused_in_words(
        self, changed: dict[str, Any]
    ) -> None:
        told = json.loads(_manifest().to_json()) | changed
        with pytest.raises(BackupError, match="damaged"):
            Manifest.from_json(json.dumps(told).encode())


class TestWhatFits:
    def test_the_schema_of_a_newer_version_is_refused(self) -> None:
        load.check_fits(_manifest())
        with pytest.raises(BackupError, match=r"newer tgadmin .* ingestion.0999_future"):
            load.check_fits(_manifest(migrations=["ingestion.0999_future"]))

    def test_the_dump_of_a_newer_postgresql_is_refused(self) -> None:
        with pytest.raises(BackupError, match="made with PostgreSQL 99"):
            load.check_fits(_manifest(pg_dump=99))

    def test_a_database_with_tables_is_refused(self, db: None) -> None:
        with pytest.raises(BackupError, match=r"not empty .* new data directory"):
            load.check_empty()

    def test_a_key_that_is_not_here_is_named(self) -> None:
        assert load.missing_keys(_manifest()) == []
        assert load.missing_keys(_manifest(keys=["0123456789abcdef"])) == ["0123456789abcdef"]

    def test_a_fingerprint_tells_nothing_of_its_key(self) -> None:
        key = settings.ENCRYPTION_KEYS[0]
        assert len(fingerprint(key)) == 16
        assert fingerprint(key) not in key
        assert fingerprint(key) != fingerprint(key + "x")


class TestRefusals:
    def test_nothing_to_save(self, tmp_path: Path) -> None:
        answer = manage("backup", tmp_path / "b.tar", "--data", tmp_path / "none")
        assert answer.returncode == 1
        assert "There is no archive in" in answer.stderr
        assert not list(tmp_path.iterdir())

    def test_a_file_that_is_there_is_kept(self, tmp_path: Path) -> None:
        target = tmp_path / "b.tar"
        target.write_text("precious", encoding="ascii")
        answer = manage("backup", target, "--data", tmp_path / "none")
        assert answer.returncode == 1
        assert "is there already. Name another one, or add --force." in answer.stderr
        assert target.read_text(encoding="ascii") == "precious"

    def test_a_damaged_file_changes_nothing(self, tmp_path: Path) -> None:
        file = _write(tmp_path / "b.tar", b"no dump at all" * 1000)
        file.write_bytes(file.read_bytes().replace(b"no dump", b"NO DUMP", 1))
        answer = manage("restore", file, "--data", tmp_path / "new")
        assert answer.returncode == 1
        assert "is damaged" in answer.stderr
        assert not (tmp_path / "new").exists()


# The real thing

PICTURE = jpeg(11, 64, 48)


@dataclass
class Instance:
    """An installation that does not run."""

    data: Path
    env: dict[str, str]
    #: What none of its commands may print.
    secrets: tuple[str, ...]

    def manage(self, *arguments: str | Path, **env: str) -> Any:
        return manage(
            *(*arguments, "--data", self.data),
            timeout=120,
            secrets=self.secrets,
            **self.env | env,
        )

    def stream(self) -> "subprocess.CompletedProcess[bytes]":
        """A backup as another program gets it."""
        return subprocess.run(
            [sys.executable, BASE / "manage.py", "backup", "-", "--data", self.data],
            env=environment(**self.env),
            capture_output=True,
            timeout=120,
            check=False,
        )

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Django's models read and write its database meanwhile."""
        server = PostgresServer(self.data, durable=False)
        server.start()
        before = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(environ.Env.db_url_config(postgres_url(self.data)))
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict.clear()
            connection.settings_dict.update(before)
            server.stop()


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_an_archive_is_restored_as_it_was(
    tmp_path: Path, settings: Any, django_db_blocker: Any
) -> None:
    with SandboxProcess(tmp_path / "sandbox", messages=300) as sandbox, django_db_blocker.unblock():
        server = {"TELEGRAM_DC": sandbox.dc, "TELEGRAM_PUBLIC_KEY": str(sandbox.public_key)}
        session = sandbox.session_string(sandbox.accounts[0]["phone"])
        secrets = session, sandbox.api[1], *settings.ENCRYPTION_KEYS
        first = Instance(tmp_path / "first", server, secrets)
        settings.TELEGRAM_DC = DataCentre(2, sandbox.host, sandbox.port)
        settings.TELEGRAM_PUBLIC_KEY = sandbox.public_key
        truths, export_name = _fill(first, sandbox, session, settings)
        with first.opened():
            kept = _kept()

        file = tmp_path / "saved" / "tgadmin.tar"
        file.parent.mkdir()
        saved = first.manage("backup", file)
        assert saved.returncode == 0, saved.stderr
        _holds_no_secret(file, first)
        told = verify(file, _nobody)
        assert told.media["local"] == {"files": 1, "bytes": len(PICTURE)}
        assert told.rows["ingestion.StoredFile"] == told.rows["ingestion.MessageRevision"] == 1
        assert "Without the encryption key" in saved.stderr
        last = json.loads((first.data / "last-backup.json").read_text(encoding="utf-8"))
        assert (last["file"], last["size"]) == (str(file), file.stat().st_size)
        assert [path.name for path in file.parent.iterdir()] == ["tgadmin.tar"]

        piped = first.manage("backup", file, "--force", "-q")
        assert (piped.returncode, piped.stdout, piped.stderr) == (0, "", "")

        stream = first.stream()
        assert stream.returncode == 0
        assert "Without the encryption key" in stream.stderr.decode()
        file.write_bytes(stream.stdout)

        second = Instance(tmp_path / "second", server, secrets)
        second.data.mkdir()
        (second.data / "exports").write_text("not a folder", encoding="utf-8")
        failed = second.manage("restore", file)
        assert failed.returncode == 1
        assert "The restore failed" in failed.stderr
        (second.data / "exports").unlink()
        restored = second.manage("restore", file)  # into what it left: nothing
        assert restored.returncode == 0, restored.stderr
        assert "Put the saved secrets/encryption.keys into" in restored.stderr
        with second.opened():
            for username, truth in truths.items():
                assert_equal_to_truth(Channel.objects.get(username=username), truth)
            assert _kept() == kept
            assert Account.objects.get().session == session
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM django_session")
                assert cursor.fetchone()[0] == 0
        assert (second.data / "exports" / export_name).read_bytes() == (
            first.data / "exports" / export_name
        ).read_bytes()

        again = second.manage("restore", file)
        assert again.returncode == 1
        assert "The database is not empty" in again.stderr


def _fill(
    instance: Instance, sandbox: SandboxProcess, session: str, settings: Any
) -> tuple[dict[str, Any], str]:
    """Two channels, synced, a message that was edited since, a stored file and an export; the
    truth of the channels by name.
    """
    from archive.exports import Options, work
    from archive.filters import Filters
    from archive.services import request_export

    settings.EXPORT_DIR = instance.data / "exports"
    settings.MEDIA_DIR = instance.data / "media"
    stored = {"OPTIONS": {"location": settings.MEDIA_DIR / "store"}}
    settings.STORAGES = settings.STORAGES | {
        "media-local": settings.STORAGES["media-local"] | stored
    }
    with instance.opened():
        made = instance.manage("setup")
        assert made.returncode == 0, made.stderr
        workspace = Workspace.objects.get()
        phone = sandbox.accounts[0]["phone"]
        api_id, api_hash = sandbox.api
        account = Account.objects.create(
            workspace=workspace,
            phone=f"+{phone}",
            api_id=api_id,
            api_hash=api_hash,
            session=session,
            state=Account.State.READY,
        )
        world = World(sandbox, workspace, account)
        names = [c["username"] for c in sandbox.status()["channels"] if c["username"]][:2]
        for name in names:
            world.sync(world.add(name))
        _edit(world, Channel.objects.get(username=names[0]))
        _store(Channel.objects.get(username=names[0]))
        one = Filters(channels=(Channel.objects.get(username=names[0]).pk,))
        export = request_export(workspace=workspace, format="jsonl", options=Options(filters=one))
        work.run_export(export.pk)
        export.refresh_from_db()
        assert export.state == "done", export.error
        return {name: sandbox.truth(name) for name in names}, export.file_name


def _edit(world: World, channel: Channel) -> None:
    """Somebody corrects the newest text, and the archive asks for it again."""
    texts = [m for m in world.sandbox.truth(channel.peer_id)["messages"] if m["kind"] == "text"]
    newest = texts[-1]["id"]
    world.sandbox.edit(channel.peer_id, newest, text="Corrected", entities=[])
    runs.repair(channel=channel, low=newest, high=newest)
    world.work()


def _store(channel: Channel) -> None:
    """The newest picture is downloaded."""
    photo = Medium.objects.filter(channel=channel, kind="photo").latest("message_id")
    photo.file, photo.state, photo.done_at = store_bytes(PICTURE), Medium.State.DONE, photo.date
    photo.save()


def _kept() -> list[Any]:
    """The rows of what was stored and of what was edited: one each."""
    kept: list[Any] = [
        *StoredFile.objects.values(),
        *Medium.objects.exclude(file=None).values(),
        *MessageRevision.objects.values(),
    ]
    assert len(kept) == 3
    return kept


def _holds_no_secret(file: Path, instance: Instance) -> None:
    """Neither as it lies there, nor in what pg_restore reads out of the dump, which is compressed."""
    names = ("encryption.keys", "secret.key")
    keys = [(instance.data / "secrets" / name).read_text(encoding="ascii") for name in names]
    secrets = {*instance.secrets, *(key.strip() for key in keys)}
    assert all(len(secret) >= 32 for secret in secrets)
    sql = _sql_of(file)
    assert "Corrected" in sql, "what the database holds can be read here"
    for text in (file.read_bytes().decode(errors="replace"), sql):
        assert not holding(secrets, text)
        assert "encryption.keys" not in text


def _sql_of(file: Path) -> str:
    dump = b"".join(part.read() for name, part in members(file) if name.startswith(DUMP))
    done = subprocess.run(
        [programs.program("pg_restore"), "-f", "-"], input=dump, capture_output=True, check=True
    )
    return done.stdout.decode()
