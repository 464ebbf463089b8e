"""Telegram's own objects, as dicts, to records.

The dict is what Telethon's `to_dict()` gives. It is the same whether it was just received (with
`datetime` and `bytes`) or stored (ISO dates, bytes as base64 or lists of integers), and it may be
of an older layer: there is one code path for all of them, and no Telethon in it.
"""

from ingestion.sources.mtproto.mapping.channel import map_channel, map_invite
from ingestion.sources.mtproto.mapping.message import map_message
from ingestion.sources.mtproto.mapping.people import account, display_name, map_peer

__all__ = ["account", "display_name", "map_channel", "map_invite", "map_message", "map_peer"]
