"""The list of messages with its filters."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from archive.exports import estimate
from archive.models import Export
from archive.search import _facets
from dashboard import finding
from ingestion.models import Message
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]


def listed(client: Client, address: str) -> list[tuple[int, int]]:
    cards = client.get(address).context["cards"]
    return [(card.channel.pk, card.message.message_id) for card in cards]


def test_filters_come_from_the_address_and_stand_as_chips(
    world: World, client_of: ClientOf
) -> None:
    first, second = world.channels[0], world.channels[1]
    address = f"/messages/?channel={first.pk}&channel={second.pk}&kind=photo&q="
    client = client_of("viewer")
    answer = client.get(address.removesuffix("&q="))
    assert {card.channel.pk for card in answer.context["cards"]} == {first.pk, second.pk}
    assert {card.message.kind for card in answer.context["cards"]} == {"photo"}
    chips = answer.context["chips"]
    assert [(chip.label, chip.word) for chip in chips] == [
        ("Channel", first.title),
        ("Channel", second.title),
        ("Kind", "Photo"),
    ]
    page = answer.content.decode()
    assert f'href="/messages/?channel={second.pk}&amp;kind=photo"' in page
    without_photo = f"/messages/?{chips[2].left}"
    assert len(listed(client, without_photo)) > len(answer.context["cards"])


def test_a_form_with_empty_fields_leads_to_a_plain_address(
    world: World, client_of: ClientOf
) -> None:
    answer = client_of("viewer").get("/messages/?q=&from=&to=&kind=photo&is=&sender=")
    assert answer["Location"] == "/messages/?kind=photo"


def test_a_wrong_value_is_told(world: World, client_of: ClientOf) -> None:
    page = client_of("viewer").get("/messages/?kind=hologram&from=soon").content.decode()
    assert "“kind=hologram” is no filter" in page
    assert "“soon” is no day" in page


def test_pages_keep_their_filters(world: World, client_of: ClientOf) -> None:
    source = Message.objects.filter(channel=world.channel).first()
    assert source
    Message.objects.bulk_create(
        Message(
            channel=world.channel,
            message_id=number,
            date=source.date,
            kind="video",
            first_seen_at=timezone.now(),
        )
        for number in range(1, 121)
    )
    client = client_of("viewer")
    seen: list[tuple[int, int]] = []
    address: Any = f"/messages/?kind=video&channel={world.channel.pk}"
    while address:
        answer = client.get(address)
        seen += [(c.channel.pk, c.message.message_id) for c in answer.context["cards"]]
        page = answer.content.decode()
        cursor = answer.context["results"].next_cursor
        address = f"/messages/?kind=video&channel={world.channel.pk}&cursor={cursor}"
        assert not cursor or f"cursor={cursor}" in page
        address = address if cursor else None
    assert [number for _, number in seen] == list(range(120, 0, -1))


def test_nothing_found_says_which_filter_to_drop(world: World, client_of: ClientOf) -> None:
    answer = client_of("viewer").get("/messages/?q=ferry&kind=poll")
    page = answer.content.decode()
    assert [chip.name for chip in answer.context["drop"]] == ["kind"]
    other = client_of("viewer").get("/messages/?q=nobodywrotethis&kind=photo")
    assert [chip.name for chip in other.context["drop"]] == ["q"]
    assert 'href="/messages/?kind=photo"' in other.content.decode()
    neither = client_of("viewer").get("/messages/?q=nobodywrotethis&kind=poll").content.decode()
    assert "Take away more than one of them" in neither
    assert "Something is found without one of them" in page
    assert 'href="/messages/?q=ferry"' in page


def test_the_look_of_the_list_is_kept(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    assert "<table" in client.get("/messages/").content.decode()
    assert "<table" not in client.get("/messages/?view=cards").content.decode()
    assert "<table" not in client.get("/messages/").content.decode()
    assert "<table" in client.get("/messages/?view=table").content.decode()


def test_found_words_are_marked_in_both_looks(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    for look in ("table", "cards"):
        page = client.get(f"/messages/?q=ferry&view={look}").content.decode()
        assert "<mark>ferry</mark>" in page


def test_a_covered_text_stays_covered_in_the_table(world: World, client_of: ClientOf) -> None:
    Message.objects.filter(pk=world.message.pk).update(
        text="It was Ada 😀", entities=[{"type": "spoiler", "offset": 7, "length": 3}]
    )
    page = client_of("viewer").get("/messages/?view=table").content.decode()
    assert "It was ▒▒▒ 😀" in page


def test_channels_of_two_workspaces_are_never_shown_together(
    world: World, client_of: ClientOf
) -> None:
    foreign = world.channels[0]
    foreign.pk, foreign.workspace, foreign.peer_id = None, world.other, -1_000_000_777_777
    foreign.save()
    mine = world.channels[1].pk
    client = client_of("viewer")
    assert client.get(f"/messages/?channel={mine}&channel={foreign.pk}").status_code == 404
    assert client.get(f"/messages/?channel={foreign.pk}").status_code == 404


def test_what_may_be_exported_is_offered_with_its_filters(
    world: World, client_of: ClientOf
) -> None:
    address = "/messages/?q=ferry&kind=text"
    assert (
        "/exports/new/?q=ferry&amp;kind=text" in client_of("analyst").get(address).content.decode()
    )
    assert "/exports/new/" not in client_of("viewer").get(address).content.decode()


def test_filters_written_in_the_box_become_chips(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    first = world.channels[0]
    answer = client.get(
        f"/messages/?q=ferry+channel:@{first.username}+has:photo+re:/%5EC/i&view=cards"
    )
    assert answer["Location"] == (
        f"/messages/?q=ferry&channel={first.pk}&kind=photo&re=%28%3Fi%29%5EC&view=cards"
    )
    chips = client.get(answer["Location"]).context["chips"]
    assert [(chip.label, chip.word) for chip in chips] == [
        ("Channel", first.title),
        ("Kind", "Photo"),
        ("Matches", "(?i)^C"),
    ]


def test_the_form_has_a_field_for_each_filter(world: World, client_of: ClientOf) -> None:
    """Sent as it stands, it asks for the same."""
    address = (
        "/messages/?from=2026-01-01&to=2026-12-31&kind=photo&has=link&is=edited&is=deleted"
        "&is=forwarded&is=pinned&sender=Ada&tag=news&tag=tea&site=example.org&topic=5&thread=6"
        "&views_min=1&views_max=90000&re=x&lang=de"
    )
    answer = client_of("viewer").get(address)
    fields = {name for name, _value in answer.context["filters"].pairs()}
    page = answer.content.decode()
    for name, value in answer.context["filters"].pairs():
        field = re.search(
            rf'<input[^>]*name="{name}"[^>]*value="{re.escape(value)}"[^>]*>', page
        ) or re.search(rf'<option value="{re.escape(value)}" selected', page)
        assert field, name
        assert 'type="checkbox"' not in field[0] or "checked" in field[0]
    assert fields == {
        "from", "to", "kind", "has", "is", "sender", "tag", "site", "topic", "thread",
        "views_min", "views_max", "re", "lang",
    }  # fmt: skip


def test_what_is_wrong_in_a_query_is_pointed_at(world: World, client_of: ClientOf) -> None:
    answer = client_of("viewer").get("/messages/?q=ferry+has:<tea>+kind:text")
    page = answer.content.decode()
    assert "ferry <mark>has:&lt;tea&gt;</mark> kind:text" in page
    assert "Write has: with one of these: media, link, photo" in page
    assert 'value="ferry has:&lt;tea&gt; kind:text"' in page
    assert 'aria-invalid="true" aria-describedby="q-wrong"' in page
    # The rest of it holds.
    assert {card.message.kind for card in answer.context["cards"]} == {"text"}
    wrong = client_of("viewer").get("/messages/?re=(").content.decode()
    assert "parentheses () not balanced" in wrong


def test_exports_read_the_same_language(world: World, client_of: ClientOf) -> None:
    client = client_of("analyst")
    answer = client.get("/exports/new/?q=ferry+kind:photo+has:tea")
    assert answer.context["filters"].as_dict() == {"q": ["ferry"], "kind": ["photo"]}
    assert "Write has: with one of these" in answer.content.decode()
    assert client.get("/exports/new/?re=(").status_code == 200


def test_suggestions_are_the_workspaces_own(world: World, client_of: ClientOf) -> None:
    first = world.channels[0]
    asking = f"/messages/suggest/?q=a+channel:{first.username[:4]}"
    found = client_of("viewer").get(asking).json()["suggestions"]
    assert {"start": 2, "text": f"channel:@{first.username} ", "detail": first.title} in found
    assert client_of("stranger").get(asking).json() == {"suggestions": []}
    assert client_of("stranger").get(f"{asking}&channel={first.pk}").status_code == 404


def test_a_link_or_a_number_in_the_box_leads_to_the_message(
    world: World, client_of: ClientOf
) -> None:
    client = client_of("viewer")
    channel, number = world.channel, world.message.message_id
    for text in (f"https://t.me/{channel.username}/{number}", f"#{number}", str(number)):
        page = client.get("/messages/", {"q": text}).content.decode()
        assert f'href="/c/{channel.pk}/{number}"' in page, text
    # A link leads on, whether the message is archived or not; a number of no message does not.
    missing = client.get("/messages/", {"q": f"t.me/{channel.username}/77777777"})
    assert f'href="/c/{channel.pk}/77777777"' in missing.content.decode()
    assert client.get("/messages/", {"q": "#77777777"}).context["pointed"] == []
    other = next(one for one in world.channels if one.pk != channel.pk)
    elsewhere = client.get(f"/messages/?q=%23{number}&channel={other.pk}")
    assert channel.pk not in {one.channel.pk for one in elsewhere.context["pointed"]}
    for text in (f"t.me/{channel.username}/{number}", f"#{number}"):
        assert client_of("stranger").get("/messages/", {"q": text}).context["pointed"] == []


def test_facets_lead_to_fewer(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    moved = Message.objects.filter(channel=world.channel).exclude(kind__in=["text", "service"])
    moved.update(date=world.message.date - timedelta(days=40))
    answer = client.get("/messages/?has=media")
    where = answer.context["where"]
    counts = {one.word: one.count for one in where.channels}
    theirs = Message.objects.filter(channel__workspace=world.workspace, channel__removed_at=None)
    media = theirs.exclude(kind__in=["text", "service", "unknown"])
    assert sum(counts.values()) == media.count()
    assert not where.estimated
    assert where.total == media.count()
    assert f", {media.count()} messages, searched in" in answer.content.decode()
    first = where.channels[0]
    assert f'href="/messages/?{first.query.replace("&", "&amp;")}"' in answer.content.decode()
    assert len(where.days) > 1
    assert sum(one.count for one in where.days) == sum(counts.values())
    assert f"from={where.days[-1].word}&amp;to={where.days[-1].word}" in answer.content.decode()
    narrower = client.get(f"/messages/?{first.query}")
    assert {card.channel.title for card in narrower.context["cards"]} == {first.word}
    # Without a search there is nothing to narrow.
    assert client.get("/messages/").context["where"] is None


def test_facets_of_many_are_estimated_and_say_so(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FEW", "LOOKED_AT", "_AT_LEAST"):
        monkeypatch.setattr(_facets, name, 5)
    answer = client_of("viewer").get("/messages/?has=media")
    assert answer.context["where"].estimated
    page = answer.content.decode()
    assert "estimated from the newest messages" in page
    assert '<span class="muted">about</span>' in page


#: Backtracking that takes minutes on the text below.
SLOW = "^(.+)(.+)(.+)(.+)\\1\\2\\3\\4x$"


def test_a_slow_search_is_stopped_and_offered_as_an_export(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MILLISECONDS", 200)
    Message.objects.filter(pk=world.message.pk).update(
        text="".join(map(chr, range(0x4E00, 0x5000))) + "x"
    )
    answer = client_of("analyst").get("/messages/", {"re": SLOW})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "was stopped after 0.2 seconds" in page
    assert '<form method="post" action="/exports/make/">' in page
    assert 'name="re" value="^(.+)' in page
    assert "Make it an export" in page
    gallery = client_of("analyst").get("/gallery/", {"re": SLOW}).content.decode()
    assert "was stopped after 0.2 seconds" in gallery
    assert 'action="/exports/make/"' in gallery
    zipped = client_of("analyst").get("/gallery/files.zip", {"re": SLOW})
    assert zipped["Location"].startswith("/gallery/?re=")
    shown = client_of("viewer").get("/messages/", {"re": SLOW}).content.decode()
    assert "/exports/make/" not in shown
    assert "can have it made as an export" in shown


def test_what_is_too_slow_for_a_page_is_made_as_an_export(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many rows it will have is guessed by then."""
    monkeypatch.setattr(estimate, "MILLISECONDS", 200)
    monkeypatch.setattr(estimate, "COUNTED", 10**9)
    Message.objects.filter(pk=world.message.pk).update(
        text="".join(map(chr, range(0x4E00, 0x5000))) + "x"
    )
    client = client_of("analyst")
    form = client.get("/exports/new/", {"re": SLOW})
    assert form.status_code == 200
    client.post("/exports/make/", {"re": SLOW, "format": "csv", "with_deleted": "on"})
    made = Export.objects.latest("pk")
    assert made.state == Export.State.QUEUED
    assert made.filters["re"] == [SLOW]


def test_a_search_can_be_entered_at_a_day(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    day = timezone.localtime(world.message.date).date()
    answer = client.get(f"/messages/?channel={world.channel.pk}&at={day}")
    assert answer.context["cards"][0].message.pk == world.message.pk
    before = client.get(f"/messages/?channel={world.channel.pk}&at={day - timedelta(days=1)}")
    assert all(card.message.date < world.message.date for card in before.context["cards"])
    assert client.get("/messages/?at=never").status_code == 200


def test_the_best_matches_first_or_the_newest(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    answer = client.get("/messages/?q=ferry&kind=text&order=relevance")
    assert answer.context["results"].order == "relevance"
    page = answer.content.decode()
    assert 'href="?q=ferry&amp;kind=text" >' in page or 'href="?q=ferry&amp;kind=text">' in page
    newest = client.get("/messages/?q=ferry&kind=text&order=nonsense")
    assert newest.context["results"].order == "date"
