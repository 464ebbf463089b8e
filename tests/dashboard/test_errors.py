"""Trouble with the server's own parts is told as what it is."""

import pytest
import redis
from django.db import OperationalError
from django.test import Client


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OperationalError("the connection is closed"), 503, "Nothing is lost"),
        (redis.ConnectionError("no such file"), 503, "Nothing is lost"),
        (ZeroDivisionError(), 500, "made a mistake"),
    ],
)
@pytest.mark.django_db
def test_what_is_away_comes_back(
    error: Exception, status: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("django.contrib.auth.middleware.get_user", fail)
    answer = Client(raise_request_exception=False).get("/")
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert ("Retry-After" in answer.headers) is (status == 503)
