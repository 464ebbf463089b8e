"""What a line of a log says of its work, and what it never says."""

import asyncio
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest

from tgadmin.lib import crypto, logs
from tgadmin.lib.logs.scrub import _MOST, HIDDEN, _known
from tgadmin.lib.threads import DatabaseThread

SESSION = "1" + "ApWapzMBu7E-_x9k" * 22 + "="
API_HASH = "0123456789abcdef0123456789abcdef"
FERNET_KEY = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9uMTI="
BOT_TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"


def _fail(*what: object) -> None:
    raise ValueError(*what)


class Lines(logging.Handler):
    """What a handler of the product's configuration would print."""

    def __init__(self, form: str) -> None:
        super().__init__()
        console = logs.config(level="DEBUG", form=form)
        made = logging.config.DictConfigurator(console)
        self.setFormatter(made.configure_formatter(console["formatters"]["line"]))
        self.addFilter(made.configure_filter(console["filters"]["context"]))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    made = logging.getLogger("ingestion.sync.test")
    made.setLevel(logging.DEBUG)
    made.propagate = False
    yield made
    made.handlers.clear()


@pytest.fixture
def text(logger: logging.Logger) -> Lines:
    logger.addHandler(handler := Lines("text"))
    return handler


@pytest.fixture
def json_lines(logger: logging.Logger) -> Lines:
    logger.addHandler(handler := Lines("json"))
    return handler


class TestContext:
    def test_a_line_names_its_run_account_and_channel(
        self, logger: logging.Logger, text: Lines
    ) -> None:
        with logs.bound(run=17):
            logs.bind(account=2, channel=5)
            logger.warning("Telegram says %s", "no")
        logger.warning("Over")
        assert text.lines[0].endswith(
            "WARNING ingestion.sync.test: run=17 account=2 channel=5: Telegram says no"
        )
        assert text.lines[1].endswith("WARNING ingestion.sync.test: Over")

    def test_what_nothing_is_bound_around_is_not_kept(
        self, logger: logging.Logger, text: Lines
    ) -> None:
        logs.bind(account=2)
        logger.warning("Said")
        assert text.lines[0].endswith("test: Said")

    async def test_so_do_lines_of_its_tasks_and_threads(
        self, logger: logging.Logger, text: Lines
    ) -> None:
        async def task() -> None:
            logger.warning("task")

        with logs.bound(run=17):
            async with DatabaseThread("test") as thread:
                await asyncio.gather(asyncio.create_task(task()), thread(logger.warning, "thread"))
        assert sorted(line.split("test: ")[1] for line in text.lines) == [
            "run=17: task",
            "run=17: thread",
        ]

    def test_as_json(self, logger: logging.Logger, json_lines: Lines) -> None:
        with logs.bound(run=17):
            try:
                _fail("wrong")
            except ValueError:
                logger.exception("Failed")
        (line,) = json_lines.lines
        told = json.loads(line)
        assert (told["run"], told["level"], told["message"]) == (17, "ERROR", "Failed")
        assert told["error"].endswith("ValueError: wrong")
        assert told["time"].endswith("+00:00")

    def test_json_becomes_words_on_a_terminal(
        self, logger: logging.Logger, json_lines: Lines
    ) -> None:
        with logs.bound(run=17):
            logger.warning("Waiting")
        shown = logs.readable(json_lines.lines[0])
        assert shown.endswith(" WARNING ingestion.sync.test: run=17: Waiting")
        for line in ("plain words", '{"time": 1}', '{"time":"x"}'):
            assert logs.readable(line) == line


class TestSecrets:
    @pytest.mark.parametrize(
        ("said", "secret"),
        [
            (f"session is {SESSION}", SESSION),
            (f"api_hash={API_HASH}", API_HASH),
            (f"{{'api_hash': '{API_HASH}', 'api_id': 1}}", API_HASH),
            ('{"phone_code": "54321"}', "54321"),
            ("SignIn(phone_code_hash='a1b2c3d4', phone_code='12345')", "12345"),
            ("password: correct-horse", "correct-horse"),
            ("socks5://me:tops3cret@proxy.example.org:1080", "tops3cret"),
            ("postgresql://app:pw12345@db/app", "pw12345"),
            (
                f"https://api.telegram.org/bot{BOT_TOKEN}/getMe",
                "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1",
            ),
            (f"token {BOT_TOKEN}", BOT_TOKEN),
            (
                "Unprocessable Entity: /join/FY96O2TYFlNI7QFDNrHeN5PiXDthSNS0/",
                "FY96O2TYFlNI7QFDNrHeN5PiXDthSNS0",
            ),
            (
                "Not Found: /password/MQ/d1k8vb-8a61ec4a0dd1f5a4a2d1c8b3b5f0a9e7/",
                "8a61ec4a0dd1f5a4a2d1c8b3b5f0a9e7",
            ),
            (f"key {FERNET_KEY}", FERNET_KEY),
            ("gAAAAABmZ" + "x" * 80, "x" * 80),
        ],
    )
    def test_are_known_by_their_looks(self, said: str, secret: str) -> None:
        assert secret not in logs.scrub(said)
        assert HIDDEN in logs.scrub(said)

    @pytest.mark.parametrize(
        "said",
        [
            "Run 17: 12,345 messages of channel -1001234567890 in 17.5 s",
            "2026-05-01 09:30:00,123 INFO django: GET /channels/7/?page=2",
            "https://t.me/durov/123 sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c",
            "Wrong password for admin",
        ],
    )
    def test_what_is_none_is_left_alone(self, said: str) -> None:
        assert logs.scrub(said) == said

    def test_what_was_decrypted_is_hidden_whatever_it_looks_like(self) -> None:
        assert crypto.decrypt(crypto.encrypt("plain words")) == "plain words"
        crypto.encrypt('{"code": "86420", "username": "durov"}')
        assert logs.scrub("plain words, durov, 86420, 864201") == (
            f"{HIDDEN}, durov, {HIDDEN}, 864201"
        )

    def test_in_arguments_and_tracebacks(self, logger: logging.Logger, text: Lines) -> None:
        logs.hide("very-secret-words")
        try:
            _fail({"key": "very-secret-words"})
        except ValueError:
            logger.exception(
                "with %r", {"password": "hunter2hunter2", "other": "very-secret-words"}
            )
        (line,) = text.lines
        assert "Traceback" in line
        assert "very-secret-words" not in line
        assert "hunter2hunter2" not in line

    def test_as_json_too(self, logger: logging.Logger, json_lines: Lines) -> None:
        try:
            _fail(SESSION)
        except ValueError:
            logger.exception("%s", SESSION)
        assert SESSION not in json_lines.lines[0]
        json.loads(json_lines.lines[0])

    def test_the_memory_of_them_is_bounded(self) -> None:
        for number in range(2 * _MOST):
            logs.hide(f"secret-{number}")
        assert len(_known) <= _MOST
        assert logs.scrub(f"secret-{2 * _MOST - 1}") == HIDDEN
