"""Texts with entities, as people write them in channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.world.model import Entity

if TYPE_CHECKING:
    from random import Random

    from sandbox.world.voices import Voice

_EMOJI = ("🔥", "👀", "✅", "🚢", "📌", "❤️", "🎉", "🧵", "⚠️", "👩🏽‍💻")
_STYLES = ("italic", "underline", "strike", "spoiler", "code", "bold")
_SITES = ("example.org", "example.com/a/b", "example.net/путь", "docs.example.org/page?x=1&y=2")
_CODE = (
    ("python", "async def main():\n    print('héllo')"),
    ("sql", "SELECT id, text\nFROM messages\nWHERE id < 100;"),
    ("", "$ uname -a\nLinux box 6.1.0"),
    ("rust", 'fn main() {\n    println!("{}", 1 << 4);\n}'),
)


def utf16_length(text: str) -> int:
    """How many UTF-16 code units a text takes.

    https://core.telegram.org/api/entities#computing-entity-length
    """
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) >> 1


class TextBuilder:
    """Appends pieces and keeps the entities' offsets in UTF-16 units."""

    __slots__ = ("entities", "offset", "parts")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.entities: list[Entity] = []
        self.offset = 0

    def add(
        self,
        text: str,
        kind: str = "",
        *,
        url: str | None = None,
        user_id: int | None = None,
        language: str | None = None,
        document_id: int | None = None,
        collapsed: bool = False,
    ) -> TextBuilder:
        length = utf16_length(text)
        if kind:
            self.entities.append(
                Entity(kind, self.offset, length, url, user_id, language, document_id, collapsed)
            )
        self.parts.append(text)
        self.offset += length
        return self

    def done(self) -> tuple[str, tuple[Entity, ...]]:
        entities = sorted(self.entities, key=lambda entity: (entity.offset, -entity.length))
        return "".join(self.parts), tuple(entities)


Text = tuple[str, tuple[Entity, ...]]


def article(rng: Random, voice: Voice, people: tuple[int, ...]) -> Text:
    """A post of a channel: a headline, some sentences, links and tags."""
    random = rng.random
    roll = random()
    if roll < 0.25:
        return voice.write(rng, "sentences"), ()
    out = TextBuilder()
    if random() < 0.3:
        out.add(_EMOJI[int(random() * len(_EMOJI))]).add(" ")
    out.add(voice.write(rng, "headlines"), "bold").add("\n\n")
    for number in range(1 + int(random() * 3)):
        if number:
            out.add(voice.joiner)
        sentence = voice.write(rng, "sentences")
        if random() < 0.2:
            _styled(rng, out, sentence)
        else:
            out.add(sentence)
    if roll > 0.9:
        _extra(rng, out, voice, people)
    if random() < 0.35:
        _link(rng, out.add("\n\n"))
    if random() < 0.4:
        _tags(rng, out.add("\n\n"), voice)
    return out.done()


def remark(rng: Random, voice: Voice, people: tuple[int, ...]) -> Text:
    """What somebody says in a group."""
    random = rng.random
    roll = random()
    if roll < 0.7:
        return voice.write(rng, "answers"), ()
    out = TextBuilder()
    if roll < 0.78:
        _mention(rng, out, people)
        out.add(", ").add(voice.write(rng, "answers"))
    elif roll < 0.86:
        out.add(voice.write(rng, "answers")).add(voice.joiner)
        _styled(rng, out, voice.write(rng, "answers"))
    elif roll < 0.92:
        out.add(voice.write(rng, "sentences")).add(" ")
        _link(rng, out)
    else:
        out.add(voice.write(rng, "sentences"))
        _extra(rng, out, voice, people)
    return out.done()


def caption(rng: Random, voice: Voice) -> Text:
    """The words under a picture."""
    if rng.random() < 0.6:
        return voice.write(rng, "headlines"), ()
    out = TextBuilder()
    out.add(voice.write(rng, "headlines"), "italic").add(" ")
    _tags(rng, out, voice)
    return out.done()


def _styled(rng: Random, out: TextBuilder, sentence: str) -> None:
    """Styles a part of a sentence; now and then two styles lie over each other."""
    middle = 1 + int(rng.random() * max(1, len(sentence) - 2))
    kind = _STYLES[int(rng.random() * len(_STYLES))]
    head, tail = sentence[:middle], sentence[middle:]
    out.add(head)
    start = out.offset
    out.add(tail, kind)
    if rng.random() < 0.2 and kind != "code":
        other = "underline" if kind != "underline" else "bold"
        out.entities.append(Entity(other, start, out.offset - start))


def _link(rng: Random, out: TextBuilder) -> None:
    site = _SITES[int(rng.random() * len(_SITES))]
    roll = rng.random()
    if roll < 0.5:
        out.add(f"https://{site}", "url")
    elif roll < 0.85:
        out.add("→ " + site.split("/")[0], "text_url", url=f"https://{site}")
    elif roll < 0.93:
        out.add("desk@example.org", "email")
    else:
        out.add("+44 20 7946 0018", "phone")


def _tags(rng: Random, out: TextBuilder, voice: Voice) -> None:
    for number in range(1 + int(rng.random() * 3)):
        if number:
            out.add(" ")
        out.add("#" + voice.hashtags[int(rng.random() * len(voice.hashtags))], "hashtag")


def _mention(rng: Random, out: TextBuilder, people: tuple[int, ...]) -> None:
    if people and rng.random() < 0.5:
        out.add("👋🏽 friend", "mention_name", user_id=people[int(rng.random() * len(people))])
    else:
        out.add("@harbor_daily", "mention")


def _extra(rng: Random, out: TextBuilder, voice: Voice, people: tuple[int, ...]) -> None:
    roll = rng.random()
    out.add("\n")
    if roll < 0.25:
        language, code = _CODE[int(rng.random() * len(_CODE))]
        out.add(code, "pre", language=language)
    elif roll < 0.5:
        out.add(voice.write(rng, "sentences"), "blockquote", collapsed=rng.random() < 0.4)
    elif roll < 0.65:
        out.add("🦩", "custom_emoji", document_id=5_368_324_170_671_202_286 + int(roll * 1000))
        out.add(" ")
        out.add("$TGA", "cashtag").add(" ").add("/start", "bot_command")
    elif roll < 0.8:
        _mention(rng, out, people)
    else:
        inner = voice.write(rng, "headlines")
        start = out.offset
        out.add("“" + inner + "”", "spoiler")
        out.entities.append(Entity("bold", start + 1, utf16_length(inner)))
