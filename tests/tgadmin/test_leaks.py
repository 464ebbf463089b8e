"""What every test that runs a command is asked in the end: whether it told a secret."""

from pathlib import Path

import pytest

from tests.tgadmin.running import holding, leaks, manage

KEY = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9uMTI="


def write(data: Path, name: str, text: str) -> None:
    (data / "logs").mkdir(exist_ok=True)
    (data / "logs" / name).write_text(text, encoding="utf-8")


def test_a_secret_in_any_log_is_found(tmp_path: Path) -> None:
    write(tmp_path, "web.log", "fine\npassword is correct-horse\n")
    write(tmp_path, "worker-1.log.1", f"key {KEY}\n")
    found = leaks(tmp_path, {"correct-horse", KEY})
    assert found == ["web.log: password is correct-horse", f"worker-1.log.1: key {KEY}"]


def test_the_keys_of_the_data_directory_are_known(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "encryption.keys").write_text(KEY + "\n", encoding="ascii")
    write(tmp_path, "web.log", f"{KEY}\n")
    assert leaks(tmp_path, set())


def test_a_code_is_found_as_a_word_and_not_in_a_longer_number(tmp_path: Path) -> None:
    write(tmp_path, "calls.log", "message 1234567 of 2026-05-01 09:30:00,12345\n")
    assert not leaks(tmp_path, {"12345"})
    write(tmp_path, "calls.log", "the code 12345 was wrong\n")
    assert leaks(tmp_path, {"12345"})


@pytest.mark.parametrize(
    "line",
    [
        "password=correct-horse",
        "password: correct-horse, tried twice",
        "{'api_hash': 'x', 'password': 'correct-horse'}",
        "api_hash=correct-horse",
        "socks5://me:correct-horse@127.0.0.1:1080",
        "GET /?next=/,correct-horse",
        "mycorrect-horses",
    ],
)
def test_a_long_secret_is_found_whatever_stands_around_it(line: str) -> None:
    assert holding({"correct-horse"}, f"fine\n{line}\n") == [line]


@pytest.mark.parametrize(
    "line",
    [
        "code=54321",
        "phone_code=54321&x=1",
        "phone_code: 54321",
        '{"code":54321}',
        '{"code": 54321}',
        '{"phone_code":"54321"}',
        "SignIn(phone_code='54321')",
    ],
)
def test_a_code_is_found_behind_its_name(line: str) -> None:
    assert holding({"54321"}, line) == [line]


def test_what_is_printed_is_searched_as_well(tmp_path: Path) -> None:
    printed = f"web     | {KEY}\nsandbox | {KEY}\n"
    assert leaks(tmp_path, {KEY}, printed=printed) == [f"printed: web     | {KEY}"]


def test_a_terminal_is_told_the_first_password_and_no_log_is(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "first-password").write_text("correct-horse\n", encoding="ascii")
    assert not leaks(tmp_path, set(), printed="password:  correct-horse\n")
    write(tmp_path, "setup.log", "password:  correct-horse\n")
    assert leaks(tmp_path, set(), printed="") == ["setup.log: password:  correct-horse"]


def test_a_command_that_prints_a_secret_fails_its_test(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "secret.key").write_text("command", encoding="ascii")
    with pytest.raises(AssertionError, match="Unknown command"):
        manage("command", "--data", tmp_path)


def test_a_sandbox_may_say_its_codes(tmp_path: Path) -> None:
    write(tmp_path, "sandbox.log", "code 12345\n")
    assert not leaks(tmp_path, {"12345"})
