"""Messages without what gives people away."""

from typing import Any

from archive.redaction import SHARE_OUTSIDE, Kind, People, Redactor, Rules

KEY = b"k" * 32


def people() -> People:
    known = People()
    known.add("101", name="Ivan Petrov", usernames=["ivan_petrov"])
    known.bots.add("900")
    return known


def redactor(key: bytes = KEY, **rules: Any) -> Redactor:
    return Redactor(Rules.of({**SHARE_OUTSIDE, **rules}), key, people())


def words(row: dict[str, Any], entity: dict[str, Any]) -> str:
    """What an entity stands over, by UTF-16 units as Telegram counts them."""
    units = row["text"].encode("utf-16-le")
    low, high = entity["offset"] * 2, (entity["offset"] + entity["length"]) * 2
    return str(units[low:high].decode("utf-16-le"))


def entity(text: str, part: str, kind: str, **more: Any) -> dict[str, Any]:
    before = text[: text.index(part)]
    return {
        "type": kind,
        "offset": len(before.encode("utf-16-le")) // 2,
        "length": len(part.encode("utf-16-le")) // 2,
        **more,
    }


def test_entities_stay_on_their_words() -> None:
    text = "😀 Ivan Petrov: +7 912 345-67-89 🎉 or @stranger1, see this"
    row = redactor().row(
        {
            "text": text,
            "entities": [
                entity(text, "Ivan Petrov", "bold"),
                entity(text, "+7 912 345-67-89", "phone"),
                entity(text, "@stranger1", "mention"),
                entity(text, "🎉 or", "italic"),
                entity(text, "see this", "text_url", url="tg://user?id=101"),
            ],
        }
    )
    assert "Ivan" not in row["text"]
    assert "[phone] 🎉 or" in row["text"]
    kept = {one["type"]: words(row, one) for one in row["entities"]}
    assert kept["italic"] == "🎉 or"
    assert kept["bold"].startswith("[person-")
    assert not {"phone", "mention"} & set(kept)
    # Words that lead to a person are theirs, whatever they say.
    assert kept["text_url"].startswith("[person-")
    assert "101" not in str(row["entities"])


def test_one_person_has_one_pseudonym_everywhere() -> None:
    row = {
        "sender_id": "101",
        "author": "Ivan Petrov",
        "text": "I am ivan petrov, or @Ivan_Petrov",
        "entities": [],
        "forward": {"from_id": "101", "from_name": "Ivan Petrov", "date": "2026-01-01"},
        "reply_to": {"message_id": 5, "peer_id": "101"},
        "media": {"type": "contact", "user_id": "101", "first_name": "Ivan Petrov"},
        "links": ["https://t.me/ivan_petrov", "tg://user?id=101"],
        "revisions": [{"text": "Ivan Petrov was here", "entities": []}],
        "raw": {"from_id": {"user_id": 101}},
    }
    made = redactor().row(row)
    pseudonym = made["sender_id"]
    assert pseudonym.startswith("person-")
    assert str(made).count(pseudonym) == 12
    assert "101" not in str(made)
    assert "van" not in str(made)
    assert made["raw"] is None
    assert redactor().row(row) == made
    assert redactor(key=b"x" * 32).row(row)["sender_id"] != pseudonym
    assert row["author"] == "Ivan Petrov"


def test_what_is_nobody_stays() -> None:
    row = {
        "sender_id": "-1001234567890",
        "author": "News",
        "text": "Order 1234567890, 2026-05-01",
        "entities": [{"type": "bold", "offset": 0, "length": 5}],
        "forward": {"from_id": "900"},
        "views": 79123456789,
        "media": {"type": "photo", "id": "5300000000000000001", "size": 100_000_000},
    }
    assert redactor().row(row) == row


def test_contacts_polls_and_file_names_are_gone_through() -> None:
    redact = redactor(raw=True)
    made = redact.row(
        {
            "text": "",
            "media": {
                "phone": "79123456789",
                "vcard": "BEGIN:VCARD",
                "file_name": "scan_+79123456789_Ivan_Petrov.pdf",
                "question": "Who is Ivan Petrov?",
                "answers": [{"text": "write a@example.com"}],
            },
            "raw": {"message": "call +79123456789", "entities": [{"offset": 5, "length": 12}]},
        }
    )
    assert made["media"]["phone"] == "[phone]"
    assert made["media"]["vcard"] == ""
    assert made["media"]["file_name"].startswith("scan_[phone]_[person-")
    assert made["media"]["answers"] == [{"text": "write [email]"}]
    assert made["raw"] == {"message": "call [phone]", "entities": []}
    assert redact.counts[Kind.PHONE] == 3


def test_each_kind_is_done_with_as_the_rules_say() -> None:
    text = "+79123456789 a@example.com"
    assert redactor(phone="keep").text(text) == "+79123456789 [email]"
    made = redactor(phone="pseudonym").text(f"{text} 8 (912) 345-67-89")
    first, _, second = made.partition(" [email] ")
    assert first == second
    assert first.startswith("[phone-")
    assert redactor(name="replace").person("101") == ""


def test_small_previews_go_where_files_go() -> None:
    row = {"media": {"type": "photo", "id": "55", "thumb": "AUKj"}}
    assert redactor().row(row)["media"]["thumb"] == ""
    assert redactor(media=True).row(row)["media"]["thumb"] == "AUKj"
