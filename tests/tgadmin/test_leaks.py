"""What every test that runs `up` is asked in the end: whether a log holds a secret."""

from pathlib import Path

from tests.tgadmin.running import leaks

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


def test_a_sandbox_may_say_its_codes(tmp_path: Path) -> None:
    write(tmp_path, "sandbox.log", "code 12345\n")
    assert not leaks(tmp_path, {"12345"})
