"""What a report keeps of errors is sentences and values, said when somebody reads them."""

import json

from django.utils import translation

from ingestion.errors import DataError
from ingestion.importing.report import Report, problems_told
from ingestion.sources.base import Chat


def test_problems_are_told_in_the_language_of_whoever_reads_them() -> None:
    report, chat = Report(), Chat(None, "Harbour")
    error = DataError(
        "UNMAPPABLE",
        "A message could not be read: %(kind)s: %(reason)s.",
        "It is kept as it came and can be read again after an update.",
        kind="KeyError",
        reason="'date'",
    )
    report.problem(chat, 5, error.told)
    report.problem(chat, 6, "No such constructor")
    stored = json.loads(json.dumps(report.as_dict()))
    english, plain = problems_told(stored)
    assert english["error"].startswith("A message could not be read: KeyError: 'date'. It is kept")
    with translation.override("ru"):
        russian, same = problems_told(stored)
    assert "KeyError: 'date'" in russian["error"]
    assert "could not" not in russian["error"]
    assert (russian["channel"], russian["message_id"]) == ("Harbour", 5)
    assert plain == same == {"channel": "Harbour", "message_id": 6, "error": "No such constructor"}


def test_reports_of_earlier_versions_are_shown_as_they_are() -> None:
    stored = {"problems": [{"channel": "Harbour", "message_id": 5, "error": "It was cut."}]}
    assert problems_told(stored)[0]["error"] == "It was cut."
    assert problems_told({}) == []
