"""How long the pages take: through the whole of Django, with a session, from the real database."""

import gzip
import time
from collections import Counter
from collections.abc import Iterator
from statistics import median
from typing import Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone

from ingestion.models import Channel, Message, Sender, SyncRun
from tgadmin.lib import garbage
from tgadmin.management.bench.rows import Row
from tgadmin.management.bench.scale.archive import UNTIL
from tgadmin.management.bench.scale.searches import p95
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Role

#: Milliseconds of the server (p95).
TARGET: Final = 100

#: By name; of those that are about one thing, about which. A made-up archive has no account, no dialogs
#: and no files, and pages of these would be measured empty.
_PLAIN: Final = (
    *("home", "status", "compare", "channels", "messages", "senders", "searches", "gallery"),
    *("runs", "exports", "export-new", "export-columns", "feeds", "schedules", "imports"),
    *("accounts", "settings", "people", "log", "privacy", "redaction", "pii", "forgotten"),
    *("retention", "settings-files"),
)
_OF_CHANNEL: Final = (
    *("channel", "channel-live", "channel-about", "channel-topics", "channel-pinned"),
    *("channel-readers", "downloads", "timeline", "calendar", "table", "retention-channel"),
)
#: Ids of the group's newest messages, among whose senders one is looked for.
_NEAR: Final = 200
#: Those whose figures are kept in Valkey (`tgadmin.lib.cache`).
_KEPT: Final = ("home", "channel", "messages_search")
_NOTHING_IS_KEPT: Final = {
    **settings.CACHES,
    "shared": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}


def measure(workspace: Workspace, *, rounds: int) -> Iterator[Row]:
    """page_p95_ms_<page>, with the page's queries and compressed bytes beside it."""
    call_command("collectstatic", verbosity=0, interactive=False)  # pages name their files
    garbage.settle()  # as gunicorn is told to
    client = _reader(workspace)
    addresses = dict(_addresses(workspace))
    for name, address in addresses.items():
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        asked = len(queries)  # before the next request empties the log
        times = [_timed(client, address) for _ in range(rounds)]
        yield Row(
            f"page_p95_ms_{name}",
            p95(times),
            "ms",
            target=TARGET,
            at_most=True,
            more={
                "p50": round(median(times), 2),
                "least": round(min(times), 2),
                "status": answer.status_code,
                "queries": asked,
                "bytes": len(gzip.compress(answer.content)),
            },
        )
    for name in _KEPT:
        yield _with_and_without(client, name, addresses[name], rounds)


def _with_and_without(client: Client, name: str, address: str, rounds: int) -> Row:
    """cache_ratio_<page>: its figures from Valkey beside the same worked out each time."""
    found = median([_timed(client, address) for _ in range(rounds)])
    with override_settings(CACHES=_NOTHING_IS_KEPT):
        made = median([_timed(client, address) for _ in range(rounds)])
    return Row(f"cache_ratio_{name}", found, "ms", target=1, limit=made, at_most=True)


def _timed(client: Client, address: str) -> float:
    started = time.perf_counter()
    client.get(address)
    return 1000 * (time.perf_counter() - started)


def _reader(workspace: Workspace) -> Client:
    user, _ = User.objects.get_or_create(username="bench", is_superuser=True, is_staff=True)
    Membership.objects.get_or_create(workspace=workspace, user=user, defaults={"role": Role.OWNER})
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    return client


def _addresses(workspace: Workspace) -> Iterator[tuple[str, str]]:
    channel = Channel.objects.filter(workspace=workspace).order_by("-totals__messages", "pk")[0]
    message = Message.objects.filter(channel=channel).order_by("-date")[0]
    run = SyncRun.objects.filter(channel=channel).order_by("-pk")[0]
    for name in _PLAIN:
        yield name.replace("-", "_"), reverse(name)
    for name in _OF_CHANNEL:
        yield name.replace("-", "_"), reverse(name, args=[channel.pk])
    one = [channel.pk, message.message_id]
    yield "message", reverse("message", args=one)
    yield "message_raw", reverse("message-raw", args=one)
    yield "run", reverse("run", args=[run.pk])
    of_one = f"{reverse('messages')}?channel={channel.pk}"
    yield "messages_of_channel", of_one
    yield "messages_search", f"{of_one}&q=market"
    yield "messages_photos", f"{reverse('messages')}?kind=photo"
    deep = Message.objects.filter(channel=channel, message_id__gte=channel.top_id // 4)
    timeline = reverse("timeline", args=[channel.pk])
    yield "timeline_deep", f"{timeline}?at={deep.order_by('message_id')[0].message_id}"
    yield "timeline_first", f"{timeline}?from=first"
    # Whatever the day is, the same messages would go.
    days = (timezone.localdate() - UNTIL).days + 365
    yield "retention_preview", f"{reverse('retention')}?days={days}"
    of_channel = reverse("retention-channel", args=[channel.pk])
    yield "retention_channel_preview", f"{of_channel}?days={days}"
    if sender := _sender(workspace):
        yield "sender", reverse("sender", args=[sender.pk])
        yield "forget", reverse("forget", args=[sender.pk])


def _sender(workspace: Workspace) -> Sender | None:
    """Of those who wrote last in the largest group, whoever wrote most. An archive of some thousand
    messages has no group.
    """
    groups = Channel.objects.filter(workspace=workspace).exclude(kind="broadcast")
    group = groups.order_by("-totals__messages", "pk").first()
    if group is None:
        return None
    newest = Message.objects.filter(channel=group).exclude(sender_id="").order_by("-message_id")
    written = Counter(newest.values_list("sender_id", flat=True)[:_NEAR])
    return Sender.objects.get(workspace=workspace, peer_id=int(written.most_common(1)[0][0]))
