"""A raw record as a tree."""

import re

from dashboard.rawtree import MOST_NODES, tree


def test_every_value_can_be_found_and_nothing_runs() -> None:
    html = tree({"_": "Message", "id": 7, "ok": True, "no": None, "t": "<b>"}, "mtproto")
    for piece in ("Message", ">7<", ">true<", ">null<", "&lt;b&gt;"):
        assert piece in html
    assert "<b>" not in html
    assert "<details open>" in html


def test_a_huge_record_is_cut_and_says_so() -> None:
    html = tree({"list": list(range(5000))}, "mtproto")
    assert html.count("<li>") <= MOST_NODES
    assert re.search(r"and \d+ more", html)


def test_a_bottomless_record_ends() -> None:
    deep: dict[str, object] = {}
    for _ in range(100):
        deep = {"in": deep}
    assert tree(deep, "x").count("<details") <= 20
