"""How people behave: reading, searching, watching progress. Run by locust, in a process of its own,
because locust replaces Python's sockets and threads (gevent) as soon as it is imported.

It knows the site by its addresses alone; whose sessions to use is in the file that `--plan` names.
"""

import json
import random
from pathlib import Path
from typing import Any

from locust import HttpUser, between, events, task


@events.init_command_line_parser.add_listener
def _take_plan(parser: Any) -> None:
    parser.add_argument("--plan", required=True, help="a file that `manage.py load` wrote")


class Person(HttpUser):
    """Somebody who is signed in, looks around, and has some page open that polls."""

    wait_time = between(2, 8)

    def on_start(self) -> None:
        plan = json.loads(Path(self.environment.parsed_options.plan).read_text(encoding="utf-8"))
        self.channels: list[int] = plan["channels"]
        self.messages_there: list[tuple[int, int]] = plan["messages"]
        self.words: list[str] = plan["words"]
        self.client.cookies.set(plan["cookie"], random.choice(plan["sessions"]))  # noqa: S311, no secret is made of it

    def _read(self, address: str, name: str, *, polls: bool = False) -> None:
        headers = {"HX-Request": "true"} if polls else {}
        with self.client.get(
            address, name=name, headers=headers, allow_redirects=False, catch_response=True
        ) as answer:
            # 286 ends polling; a redirect leads to the login page, and is no page.
            if answer.status_code in {200, 286}:
                answer.success()
            else:
                answer.failure(f"{answer.status_code}")

    def _channel(self) -> int:
        return random.choice(self.channels)  # noqa: S311, as above

    @task(3)
    def home(self) -> None:
        self._read("/", "home")

    @task(6)
    def watch_home(self) -> None:
        self._read("/live/", "home-live", polls=True)

    @task(2)
    def channel_list(self) -> None:
        self._read("/channels/", "channels")

    @task(3)
    def channel(self) -> None:
        self._read(f"/channels/{self._channel()}/", "channel")

    @task(4)
    def watch_channel(self) -> None:
        self._read(f"/channels/{self._channel()}/live/", "channel-live", polls=True)

    @task(3)
    def messages(self) -> None:
        self._read(f"/messages/?channel={self._channel()}", "messages")

    @task(3)
    def timeline(self) -> None:
        self._read(f"/channels/{self._channel()}/timeline/", "timeline")

    @task(2)
    def message(self) -> None:
        if self.messages_there:
            channel, number = random.choice(self.messages_there)  # noqa: S311, as above
            self._read(f"/channels/{channel}/messages/{number}/", "message")

    @task(4)
    def search(self) -> None:
        self._read(f"/messages/?q={random.choice(self.words)}", "search")  # noqa: S311, as above

    @task(1)
    def runs(self) -> None:
        self._read("/runs/", "runs")
