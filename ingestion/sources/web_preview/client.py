"""The preview of one channel as a source that can be asked for ranges.

`?before=N` brings the posts below N, `?after=N` those above it. A page proves nothing about ids that
are not on it: what Telegram does not show to everybody is missing without a word.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from selectolax.lexbor import LexborNode

from ingestion.errors import DataError
from ingestion.records import ChannelRecord, MessageRecord, Page, Unparsed
from ingestion.sources.base import ChannelAddress, Lookup
from ingestion.sources.web_preview.page import PreviewPage, parse_page
from ingestion.sources.web_preview.post import map_post, post_id
from ingestion.sources.words import clean

#: Fetches an address and returns its text; raises errors of ours.
Fetch = Callable[[str], str]

_LARGEST: Final = 2**53


class WebPreview:
    """`name` is the channel's public name, `base_url` such as `https://t.me`."""

    name = "web_preview"

    def __init__(self, username: str, fetch: Fetch, *, base_url: str) -> None:
        self._username = username
        self._fetch = fetch
        self._address = f"{base_url.rstrip('/')}/s/{username}"
        self.last: PreviewPage | None = None

    async def page(
        self,
        address: ChannelAddress,  # noqa: ARG002, the name is enough
        *,
        low: int,
        high: int | None,
        limit: int = 100,  # noqa: ARG002, Telegram decides how many there are on a page
    ) -> Page:
        """The newest posts with `low <= id <= high`; one request."""
        query = "" if high is None else f"?before={high + 1}"
        found = await self._get(query)
        records, unparsed, ids = _mapped(found.posts)
        kept = [
            one
            for one in records
            if low <= one.message_id and (high is None or one.message_id <= high)
        ]
        bad = [one for one in unparsed if one.message_id is None or one.message_id >= low]
        top = max(ids, default=low - 1) if high is None else high
        bottom = min(ids, default=low) if ids and found.older else low
        if bottom > top:
            # A page that lies above what was asked for: nothing below is shown.
            bottom = low
        return Page(kept, bad, low=max(bottom, low), high=max(top, low - 1), proves_absence=False)

    async def newer(self, *, after: int) -> Page:
        """The oldest posts above `after`; one request. The page is empty at the channel's top."""
        found = await self._get(f"?after={after}")
        records, unparsed, _ = _mapped(found.posts)
        kept = [one for one in records if one.message_id > after]
        ids = [one.message_id for one in kept]
        bad = [one for one in unparsed if one.message_id is None or one.message_id > after]
        ids += [one.message_id for one in bad if one.message_id]
        return Page(kept, bad, low=after + 1, high=max(ids, default=after), proves_absence=False)

    async def lookup(self, address: ChannelAddress, ids: Sequence[int]) -> Lookup:
        """Each id by itself: that which is not shown may still be there, so none is empty."""
        records: list[MessageRecord] = []
        for number in ids:
            page = await self.page(address, low=number, high=number)
            records += page.records
        low, high = min(ids, default=1), max(ids, default=0)
        return Lookup(Page(records, [], low=low, high=high, proves_absence=False), frozenset())

    async def describe(self, address: ChannelAddress) -> ChannelRecord:  # noqa: ARG002
        """Title, description and members, as the newest page has them; its `peer_id` is 0 where
        the channel has no post to tell it.
        """
        return (await self._get("")).channel

    async def _get(self, query: str) -> PreviewPage:
        html = await asyncio.to_thread(self._fetch, self._address + query)
        self.last = parse_page(html, self._username)
        return self.last


def _mapped(
    posts: Sequence[LexborNode],
) -> tuple[list[MessageRecord], list[Unparsed], list[int]]:
    """Newest first, as pages of Telegram are."""
    records: dict[int, MessageRecord] = {}
    unparsed: list[Unparsed] = []
    for post in posts:
        try:
            records.update((one.message_id, one) for one in map_post(post))
        except DataError as error:
            unparsed.append(Unparsed(post_id(post), error.told, clean(post.html).encode()))
    ids = [*records, *(bad.message_id for bad in unparsed if bad.message_id)]
    ordered = sorted(records.values(), key=lambda one: -one.message_id)
    return ordered, unparsed, [number for number in ids if number < _LARGEST]
