"""The environment: typed readers, all of them described, and nobody else reads it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.tgadmin.running import BASE, environment, manage
from tgadmin import env
from tgadmin.bootstrap.options import take_options


def _names_read() -> set[str]:
    """Return the variables that env.py and the set-up read, from their source."""
    found = set()
    readers = {"_read", "_number", "_flag", "_list", "get"}
    for file in [BASE / "tgadmin" / "env.py", *(BASE / "tgadmin" / "bootstrap").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                value = node.args[0].value
                if name in readers and isinstance(value, str) and value.isupper():
                    found.add(value)
    return found - {"HOME"}


def _names_described() -> set[str]:
    text = (BASE / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"^# ([A-Z0-9_]+)=", text, re.MULTILINE))


def test_every_setting_is_in_the_example_file() -> None:
    assert _names_read() == _names_described()
    assert len(_names_described()) > 18


def test_nobody_else_reads_the_environment() -> None:
    allowed = {"env.py", "wsgi.py"}
    folders = ["workspaces", "ingestion", "archive", "dashboard", "tgadmin"]
    readers = [
        file.relative_to(BASE)
        for folder in folders
        for file in (BASE / folder).rglob("*.py")
        if re.search(r"os\.environ|getenv", file.read_text(encoding="utf-8"))
        and not (file.parent.name == "tgadmin" and file.name in allowed)
        # The one runs before there is anything to import, the other measures from outside.
        and file.parent.name not in {"bootstrap", "bench"}
    ]
    assert not readers


class TestValues:
    def test_what_is_set_and_empty_counts_as_not_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        default = env.batch_size()
        monkeypatch.setenv("TGADMIN_BATCH_SIZE", " ")
        assert env.batch_size() == default

    @pytest.mark.parametrize("text", ["many", "-1", "0", "nan"])
    def test_a_wrong_number_is_named(self, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        monkeypatch.setenv("TGADMIN_BATCH_SIZE", text)
        with pytest.raises(ImproperlyConfigured, match=f"TGADMIN_BATCH_SIZE is '{text}'"):
            env.batch_size()

    def test_a_telegram_server(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TELEGRAM_DC", "2:[::1]:4430")
        monkeypatch.setenv("TELEGRAM_PUBLIC_KEY", "/keys/public.pem")
        expected = (env.DataCentre(2, "::1", 4430), Path("/keys/public.pem"))
        assert env.telegram_server() == expected

    def test_a_telegram_server_in_the_wrong_form(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TELEGRAM_DC", "localhost:4430")
        with pytest.raises(ImproperlyConfigured, match="<id>:<host>:<port>"):
            env.telegram_server()

    def test_a_demo_finds_its_sandbox(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("TGADMIN_DEMO", "1")
        monkeypatch.setenv("TGADMIN_DATA", str(tmp_path))
        assert env.telegram_server() == (None, None)
        (tmp_path / "sandbox").mkdir()
        (tmp_path / "sandbox" / "server.json").write_text(
            '{"dc": "2:127.0.0.1:1234", "host": "127.0.0.1", "port": 1234, "public_key": "/k.pem"}',
            encoding="utf-8",
        )
        assert env.telegram_server() == (env.DataCentre(2, "127.0.0.1", 1234), Path("/k.pem"))

    def test_encryption_keys_are_a_list(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TGADMIN_ENCRYPTION_KEYS", "new, old")
        assert env.encryption_keys() == ["new", "old"]

    def test_keys_come_from_the_data_directory(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("TGADMIN_DATA", str(tmp_path))
        monkeypatch.delenv("TGADMIN_ENCRYPTION_KEYS")
        assert env.encryption_keys() == []
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "encryption.keys").write_text("new\nold\n", encoding="ascii")
        assert env.encryption_keys() == ["new", "old"]


class TestTheEnvFile:
    def _run(self, tmp_path: Path, *arguments: str) -> str:
        file = tmp_path / "settings.env"
        file.write_text(
            "TGADMIN_DATA=/srv/archive\nTELEGRAM_DC=4:1.2.3.4:443\nTGADMIN_BATCH_SIZE=7\n",
            encoding="utf-8",
        )
        code = (
            "from tgadmin import env; dc = env.telegram_server()[0]; "
            "print(env.data_dir(), dc and dc.id, env.batch_size())"
        )
        _, changes = take_options([*arguments])
        answer = subprocess.run(
            [sys.executable, "-c", code],
            cwd=BASE,
            env=environment(TGADMIN_ENV_FILE=str(file), **changes),
            capture_output=True,
            text=True,
            check=True,
        )
        return answer.stdout.strip()

    def test_it_sets_what_the_environment_does_not(self, tmp_path: Path) -> None:
        assert self._run(tmp_path) == "/srv/archive 4 7"

    def test_a_demo_takes_nothing_of_the_archive_from_it(self, tmp_path: Path) -> None:
        data, server, size = self._run(tmp_path, "--demo").split()
        assert (data, size) == (f"{BASE}/.data-demo", "7")
        assert server in {"None", "2"}  # that of the sandbox, where a demo was tried out here

    def test_an_option_comes_first(self, tmp_path: Path) -> None:
        assert self._run(tmp_path, "--data", str(tmp_path)) == f"{tmp_path} 4 7"


def test_wrong_settings_are_told_without_a_traceback() -> None:
    answer = manage("check", LOG_LEVEL="LOUD")
    assert answer.returncode == 1
    assert answer.stderr == (
        "LOG_LEVEL is 'LOUD': DEBUG, INFO, WARNING, ERROR or CRITICAL is needed.\n"
    )


@pytest.mark.slow
class TestServersThatAreNotRunning:
    @pytest.mark.parametrize(
        ("arguments", "start"), [([], "up --data {0}"), (["--demo"], "up --demo --data {0}")]
    )
    def test_a_command_says_how_to_start_them(
        self, tmp_path: Path, arguments: list[str], start: str
    ) -> None:
        answer = manage("migrate", "--data", tmp_path, *arguments)
        assert answer.returncode == 1
        assert answer.stderr == (
            f"The servers of {tmp_path} are not running. "
            f"Start them with: python3 manage.py {start.format(tmp_path)}\n"
        )

    def test_a_given_server_is_named(self) -> None:
        answer = manage("migrate", DATABASE_URL="postgresql://app@127.0.0.1:1/app")
        assert answer.returncode == 1
        assert answer.stderr.startswith("PostgreSQL does not answer at the address of DATABASE_URL")
        assert "Traceback" not in answer.stderr

    def test_other_commands_work(self, tmp_path: Path) -> None:
        answer = manage("check", "--data", tmp_path)
        assert (answer.returncode, answer.stderr) == (0, "")
        assert not list(tmp_path.iterdir())


def test_the_environment_of_these_tests_has_no_settings() -> None:
    assert {name for name in environment() if name.startswith("TGADMIN_")} == {
        "TGADMIN_ENV_FILE",
        "TGADMIN_NO_VENV",
    }


def test_the_version_is_told_once() -> None:
    import tomllib

    import tgadmin

    project = tomllib.loads((BASE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == tgadmin.__version__


def test_the_log_is_text_or_json(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.log_format() == "text"
    monkeypatch.setenv("LOG_FORMAT", "JSON")
    assert env.log_format() == "json"
    monkeypatch.setenv("LOG_FORMAT", "xml")
    with pytest.raises(ImproperlyConfigured, match="text or json"):
        env.log_format()
