"""Keys that an account has in other data centres than its own, kept for its next connection."""

import logging

from django.db import Error

from ingestion.models import Account, AccountKey
from tgadmin.lib.threads import DatabaseThread

logger = logging.getLogger(__name__)


class Keyring:
    """The keys of one account under the session that it has now. A `mtproto.elsewhere.Keys`.

    Only who holds the account's lease may use them: a key must not be on two connections at once,
    as little as the session itself. Where PostgreSQL is away there are none, and another login
    takes their place.
    """

    def __init__(self, account: Account, database: DatabaseThread) -> None:
        self._account_id = account.pk
        self._session = AccountKey.mark(account.session)
        self._database = database

    async def load(self, dc_id: int) -> bytes | None:
        try:
            return await self._database(self._load, dc_id)
        except Error as error:
            logger.warning("The key of data centre %s could not be read (%s)", dc_id, error)
            return None

    async def keep(self, dc_id: int, key: bytes) -> None:
        try:
            await self._database(self._keep, dc_id, key.hex())
        except Error as error:
            # The account may be gone meanwhile.
            logger.warning("The key of data centre %s could not be kept (%s)", dc_id, error)

    async def forget(self, dc_id: int) -> None:
        try:
            await self._database(self._forget, dc_id)
        except Error as error:
            logger.warning("The key of data centre %s could not be forgotten (%s)", dc_id, error)

    def _load(self, dc_id: int) -> bytes | None:
        row = AccountKey.objects.filter(
            account=self._account_id, dc_id=dc_id, session=self._session
        ).first()
        return bytes.fromhex(row.key) if row else None

    def _keep(self, dc_id: int, key: str) -> None:
        AccountKey.objects.update_or_create(
            account_id=self._account_id,
            dc_id=dc_id,
            defaults={"key": key, "session": self._session},
        )

    def _forget(self, dc_id: int) -> None:
        AccountKey.objects.filter(account=self._account_id, dc_id=dc_id).delete()
