"""The table of messages: its columns, its order, and the same as text for a spreadsheet."""

from collections.abc import Callable

from django.test import Client

from ingestion.models import Message
from tests.dashboard.world import World
from workspaces.models import User

ClientOf = Callable[[str], Client]


def address(world: World, query: str = "") -> str:
    return f"/channels/{world.channel.pk}/table/{query}"


def test_columns_stand_in_the_address_and_stay_the_persons_own(
    world: World, client_of: ClientOf
) -> None:
    client = client_of("viewer")

    def columns(query: str = "") -> list[str]:
        return [column.name for column in client.get(address(world, query)).context["columns"]]

    assert columns() == ["date", "text", "views", "forwards", "replies", "reactions"]
    assert columns("?columns=views,id,nonsense") == ["id", "views"]
    assert columns() == ["date", "text", "views", "forwards", "replies", "reactions"]
    form = {"column": ["length", "views"], "query": "sort=-views&place=on.1.1"}
    answer = client.post(address(world, "columns/"), form)
    assert answer["Location"] == address(world, "?sort=-views&columns=views,length")
    assert columns() == ["views", "length"]
    assert User.objects.get(username="admin").table_columns == []


def test_how_close_the_rows_are_is_the_persons_own(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    assert 'class="card sheet"' in client.get(address(world)).content.decode()
    form = {"density": "compact", "query": "sort=-views&columns=id,text"}
    answer = client.post(address(world, "density/"), form)
    assert answer["Location"] == address(world, "?sort=-views&columns=id,text")
    page = client.get(address(world)).content.decode()
    assert 'class="card sheet compact"' in page
    assert 'value="compact" aria-pressed="true"' in page
    assert not User.objects.get(username="admin").table_compact
    client.post(address(world, "density/"), {"density": "comfortable"})
    assert 'class="card sheet"' in client.get(address(world)).content.decode()


def test_rows_are_in_the_order_asked_for_with_totals_of_the_page_and_of_all(
    world: World, client_of: ClientOf
) -> None:
    client = client_of("viewer")
    answer = client.get(address(world, "?sort=replies"))
    found = [row.cells[4].value for row in answer.context["rows"]]
    assert found == [None, *range(1, 12)]
    page = answer.content.decode()
    assert 'aria-sort="ascending"' in page
    totals = {cell.column.name: cell.value for cell in answer.context["totals"]}
    assert totals["replies"] == sum(range(12))
    assert totals["date"] is None
    assert "this page: 12 messages" in page
    assert "from the daily sums" in page
    assert answer.context["sums"].messages == 12
    newest = client.get(address(world, "?sort=nonsense")).context["rows"][0]
    assert newest.card.message.message_id == world.message.message_id
    assert client.get(address(world, "?place=nonsense")).status_code == 404


def test_the_page_is_copied_as_text_that_a_spreadsheet_does_not_run(
    world: World, client_of: ClientOf
) -> None:
    texts = ["=1+1", "@SUM(A1)", "\t-2", "a\tb\nc"]
    number = world.message.message_id
    for place, text in enumerate(texts):
        Message.objects.filter(channel=world.channel, message_id=number - place).update(text=text)
    answer = client_of("viewer").get(address(world, "?format=tsv&columns=id,text,reply,views"))
    lines = answer.content.decode().split("\n")
    assert lines[0] == "Id\tText\tViews\tReply to"
    assert [line.split("\t")[1] for line in lines[1:5]] == ["'=1+1", "'@SUM(A1)", "'-2", "a b c"]
    assert {line.count("\t") for line in lines[:-1]} == {3}
    assert answer["Content-Type"].startswith("text/tab-separated-values")


def test_what_people_wrote_is_text_and_long_texts_are_cut(
    world: World, client_of: ClientOf
) -> None:
    hostile = "<script>alert(1)</script> & \"quotes\" 'too'"
    first, second = Message.objects.filter(channel=world.channel).order_by("-message_id")[:2]
    rows = Message.objects.filter(channel=world.channel)
    rows.filter(message_id=first.message_id).update(text=hostile, author=hostile)
    rows.filter(message_id=second.message_id).update(text="ab " * 100)
    page = client_of("viewer").get(address(world, "?columns=text,sender,id")).content.decode()
    assert "<script>alert(1)" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&quot;") == 2
    assert f"{('ab ' * 100)[:239]}…</a>" in page
