"""A channel that an account can read."""

import pytest

from ingestion.models import Account, Channel, ChannelAccess
from tests.factories import make_channel


@pytest.fixture
def channel(db: None) -> Channel:
    return make_channel()


@pytest.fixture
def account(channel: Channel) -> Account:
    account = Account.objects.create(
        workspace=channel.workspace,
        phone="+9996620001",
        api_id=1,
        api_hash="hash",
        state=Account.State.READY,
    )
    ChannelAccess.objects.create(channel=channel, account=account, access_hash=1)
    return account
