"""From what a person wrote to a channel, with as few requests as can be.

Resolving names is what gets accounts limited: a name is resolved once, and what came of it kept.
"""

from django.db.models import Q
from django.utils import timezone

from ingestion.calls import dialogs
from ingestion.calls.base import Line
from ingestion.errors import AccessError
from ingestion.models import Account, ChannelAccess, Dialog, KnownChannel
from ingestion.records import ChannelRecord
from ingestion.sources.base import ChannelAddress
from ingestion.sources.refs import PeerId, Username


async def find(line: Line, ref: Username | PeerId) -> ChannelRecord:
    """The channel as it is now: one request when the account knows it.

    A name that is new to the account is resolved. For a number that is new to it the list of its
    channels is read once; AccessError CHANNEL_UNKNOWN when it is not there either.
    """
    if isinstance(ref, PeerId):
        return await line.session.describe(await _address_of(line, ref))
    address = await line.database(known_address, line.account, ref)
    if address is not None and (record := await _still(line, address, ref)):
        return record
    record = await line.session.resolve(ref.name)
    await line.database(remember, line.account, record, ref.name)
    return record


async def _still(line: Line, address: ChannelAddress, ref: Username) -> ChannelRecord | None:
    """What is known under this name, while it has it: names move from channel to channel."""
    try:
        record = await line.session.describe(address)
    except AccessError:
        return None
    names = {name.lower() for name in record.usernames}
    return record if ref.name.lower() in names else None


async def _address_of(line: Line, ref: PeerId) -> ChannelAddress:
    address = await line.database(known_address, line.account, ref)
    if address is None and not await line.database(dialogs.is_fresh, line.account):
        await dialogs.renew(line, {})
        address = await line.database(known_address, line.account, ref)
    if address is None:
        raise AccessError(
            "CHANNEL_UNKNOWN",
            "The account %(account)s is not in a channel with the number %(number)s, and Telegram "
            "finds others by their names only.",
            "Write its @name, or join it with the account, by an invite link or in a Telegram app.",
            account=line.account,
            number=ref,
        )
    return address


def known_address(account: Account, ref: Username | PeerId) -> ChannelAddress | None:
    """What the account knows already: a channel that is or was archived, one of its list, one
    that was looked at before.
    """
    if isinstance(ref, PeerId):
        named = met = Q(peer_id=ref.marked)
        archived = Q(channel__peer_id=ref.marked)
    else:
        named, met = Q(username__iexact=ref.name), Q(username=ref.name.lower())
        archived = Q(channel__username__iexact=ref.name)
    access = ChannelAccess.objects.filter(archived, account=account).select_related("channel")
    access = access.exclude(access_hash=0)
    for row in access:
        return ChannelAddress(row.channel.peer_id, row.access_hash)
    if dialog := Dialog.objects.filter(named, account=account).first():
        return ChannelAddress(dialog.peer_id, dialog.access_hash)
    if known := KnownChannel.objects.filter(met, account=account).first():
        return ChannelAddress(known.peer_id, known.access_hash)
    return None


def remember(account: Account, record: ChannelRecord, name: str = "") -> None:
    """Keep how the account reaches a channel, and the name that led there."""
    KnownChannel.objects.update_or_create(
        account=account,
        peer_id=record.peer_id,
        defaults={
            "access_hash": record.access_hash,
            "username": (name or record.username).lower(),
            "seen_at": timezone.now(),
        },
    )
