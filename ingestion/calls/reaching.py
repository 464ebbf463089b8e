"""How an account gets at a channel that another account of the workspace added."""

from ingestion import readers
from ingestion.calls import dialogs, finding
from ingestion.calls.base import Line
from ingestion.errors import AccessError
from ingestion.models import Account, Channel, ChannelAccess
from ingestion.sources.base import ChannelAddress
from ingestion.sources.refs import PeerId


async def reach(line: Line, channel: Channel) -> ChannelAddress:
    """The channel's address for this account, kept from now on.

    From what the account knows already; else by its public name, which is resolved once; else from
    the list of what the account is in. AccessError NO_WAY when it is nowhere.
    """
    if channel.kind in readers.BOUND:
        raise AccessError(
            "NO_WAY",
            "“%(title)s” is a basic group, which only the account can read that it was added with: "
            "in another one its messages have other ids.",
            "Read it with that account.",
            title=channel.title,
        )
    ref = PeerId(channel.peer_id)
    address = await line.database(finding.known_address, line.account, ref)
    if address is None and channel.username and not channel.is_private:
        record = await line.session.resolve(channel.username)
        await line.database(finding.remember, line.account, record, channel.username)
        address = await line.database(finding.known_address, line.account, ref)
    if address is None and not await line.database(dialogs.is_fresh, line.account):
        await dialogs.renew(line, {})
        address = await line.database(finding.known_address, line.account, ref)
    if address is None:
        raise AccessError(
            "NO_WAY",
            "The account %(account)s does not find “%(title)s”: it is in no such channel, and its "
            "name leads elsewhere.",
            "Join it with this account in a Telegram app, or read it with another account.",
            account=line.account,
            title=channel.title,
        )
    await line.database(_keep, line.account, channel, address)
    return address


def _keep(account: Account, channel: Channel, address: ChannelAddress) -> None:
    ChannelAccess.objects.update_or_create(
        channel=channel, account=account, defaults={"access_hash": address.access_hash}
    )
    readers.worked(channel.pk, account.pk)
