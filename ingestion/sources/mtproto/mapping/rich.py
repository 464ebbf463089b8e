"""Rich messages: formatted like an article, with an empty text field.

Their blocks (https://core.telegram.org/type/PageBlock) stay whole in the raw record; what the
archive shows and searches is their plain text, a line for each block.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ingestion.sources.mtproto.mapping.values import TLDict, clean


def rich_text(rich: TLDict) -> str:
    """The plain text of a `RichMessage`."""
    lines = (clean("".join(_leaves(block))).strip() for block in rich.get("blocks") or ())
    return "\n".join(line for line in lines if line)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for position, item in enumerate(value):
            if position and isinstance(item, Mapping) and _stands_alone(item):
                yield "\n"
            yield from _leaves(item)
    elif isinstance(value, Mapping):
        if value.get("_") == "TextPlain":
            yield value["text"]
            return
        for field, item in value.items():
            if field == "source" and isinstance(item, str):
                yield item
            elif isinstance(item, Mapping | list | tuple):
                yield from _leaves(item)


def _stands_alone(item: TLDict) -> bool:
    return str(item.get("_", "")).startswith(("PageBlock", "PageListItem", "PageTable"))
