"""`manage.py pii --evaluate`: how well the detectors find what they are to find, said in numbers."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from archive.redaction import Kind, evaluating


def test_it_says_precision_and_recall_of_each_kind(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("pii", evaluate=True)
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == ["kind", "right", "wrong", "missed", "precision", "recall"]
    told = {kind: [float(part) for part in rest] for kind, *rest in map(str.split, lines)}
    assert set(told) == set(Kind)
    for right, wrong, missed, precision, recall in told.values():
        assert (precision, recall) == (
            round(right / (right + wrong), 3),
            round(right / (right + missed), 3),
        )
        assert min(precision, recall) >= evaluating.LEAST


def test_it_says_the_same_to_programs(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    call_command("pii", evaluate=True, json=True)
    said = json.loads(capfdbinary.readouterr().out)
    assert (said["texts"] > 200, said["least"]) == (True, evaluating.LEAST)
    assert {row["kind"] for row in said["kinds"]} == set(Kind)
    assert all(min(row["precision"], row["recall"]) >= said["least"] for row in said["kinds"])


def test_it_fails_when_a_detector_is_below_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = evaluating.LABELLED.read_text(encoding="utf-8")
    # A third of the accounts are labelled where there is nothing to find, and a name is not.
    worse = tmp_path / "labelled.txt"
    worse.write_text(text + "⟦iban|no account⟧\n" * 8 + "Rose\n", encoding="utf-8")
    monkeypatch.setattr(evaluating, "LABELLED", worse)
    with pytest.raises(CommandError, match=r"below 0\.97 of: iban, name\.$"):
        call_command("pii", evaluate=True)
    said = capsys.readouterr().out
    assert "missed [(<Kind.IBAN: 'iban'>, 'no account')] in: no account" in said
    row = next(line.split() for line in said.splitlines() if line.startswith("iban"))
    assert float(row[-1]) < evaluating.LEAST
