"""Telegram Desktop's HTML export of one chat: its pages in order, as a stream of portions.

The pages are `messages.html`, `messages2.html` … (the first may be called `index.html`). Nothing in
them says which channel it is: there is its title alone.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingestion.errors import DataError
from ingestion.records import MessageRecord, Unparsed
from ingestion.sources.base import Chat, Portion, SavedFile
from ingestion.sources.desktop.html_media import saved_file
from ingestion.sources.desktop.html_message import author_of, map_block, message_id
from ingestion.sources.files import Files
from ingestion.sources.pages import page_of
from ingestion.sources.words import clean

#: Service lines have no time in this format, and no structure: Telegram or the JSON export has both.
NO_TIME: Final = "no_time"
#: A page has a thousand messages; what is longer than this is none.
LONGEST: Final = 64 * 2**20
_PAGE: Final = re.compile(r"(?:messages|index)(\d*)\.html?", re.IGNORECASE)


def pages_of(files: Files) -> list[str]:
    """The names of the pages, in the order of their numbers; empty where there are none."""
    found: dict[int, str] = {}
    for name in files.names():
        match = _PAGE.fullmatch(name)
        if match:
            number = int(match[1] or 1)
            # An index beside the pages themselves is something else.
            if number not in found or name.startswith("messages"):
                found[number] = name
    return [found[number] for number in sorted(found)]


class HtmlExport:
    """`files` hold the pages, named relative to where they lie."""

    name = "desktop_html"

    def __init__(self, files: Files, *, zone: tzinfo = UTC) -> None:
        self._files = files
        self._pages = pages_of(files)
        self._zone = zone
        self._cut = ""
        self.size = sum(files.size(name) for name in self._pages)

    def chats(self) -> Iterator[Chat]:
        for name in self._pages[:1]:
            yield Chat(None, _title(self._read(name)))

    def portions(self, *, skip: int = 0) -> Iterator[Portion]:
        offset, author, first_title = 0, "", ""
        for name in self._pages:
            page = self._read(name)
            first_title = first_title or _title(page)
            blocks = [one for one in page.css("div.history > div.message") if _is_item(one)]
            if not blocks and page.css_first("div.history") is None:
                raise _damaged(name)
            if self._cut:
                del blocks[-1:]  # half of it may be missing
            offset += self._files.size(name)
            left, skip = blocks[skip:], max(0, skip - len(blocks))
            for block in blocks[: len(blocks) - len(left)]:
                author = _standing(block, author)
            if left:
                portion, author = self._portion(Chat(None, first_title), left, author, offset)
                yield portion
            if self._cut:
                raise truncated(self._cut)

    def _read(self, name: str) -> LexborHTMLParser:
        text = self._files.read(name, limit=LONGEST)
        if b"</html>" not in text[-64:].lower():
            self._cut = name
        return LexborHTMLParser(text.decode("utf-8", "replace"))

    def _portion(
        self, chat: Chat, blocks: list[LexborNode], author: str, offset: int
    ) -> tuple[Portion, str]:
        records: list[MessageRecord] = []
        unparsed: list[Unparsed] = []
        skipped: Counter[str] = Counter()
        files: dict[int, SavedFile] = {}
        for block in blocks:
            if "service" in (block.attributes.get("class") or "").split():
                skipped[NO_TIME] += 1
                continue
            author = _standing(block, author)
            try:
                record = map_block(block, author=author, title=chat.title, zone=self._zone)
                records.append(record)
                if saved := saved_file(block, self._files):
                    files[record.message_id] = saved
            except DataError as error:
                raw = clean(block.html).encode()
                unparsed.append(Unparsed(message_id(block), error.told, raw))
        page = page_of(records, unparsed)
        return Portion(chat, page, len(blocks), skipped, offset, files=files), author


def _is_item(block: LexborNode) -> bool:
    """Not a date between two days."""
    number = message_id(block)
    return number is None or number > 0


def _standing(block: LexborNode, author: str) -> str:
    """The name that holds for this block."""
    own = author_of(block)
    return author if own is None else own


def _title(page: LexborHTMLParser) -> str:
    header = page.css_first("div.page_header div.text.bold")
    return clean(header.text(deep=True)).strip() if header is not None else ""


def _damaged(name: str) -> DataError:
    return DataError(
        "EXPORT_DAMAGED",
        "The page %(name)s has no messages as Telegram Desktop writes them.",
        "The pages before it are imported. Export the chat again for the rest.",
        name=name,
    )


def truncated(name: str) -> DataError:
    """A page that ends before its end."""
    return DataError(
        "EXPORT_TRUNCATED",
        "The page %(name)s ends in the middle.",
        "What came before is imported. Copy or export it again, and import it once more: what is "
        "there already stays as it is.",
        name=name,
    )
