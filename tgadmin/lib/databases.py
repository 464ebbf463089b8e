"""Connections to PostgreSQL that do not hold on for ever, on either side."""

from typing import TYPE_CHECKING, Any, Final

from django.db import InterfaceError, InternalError, OperationalError

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

#: What says that PostgreSQL went away, or ended this connection: leave the work as it is. A
#: transaction that stood still for too long is an `InternalError` to psycopg (25P03).
AWAY: Final = (OperationalError, InterfaceError, InternalError)

#: Seconds for which a transaction may say nothing. Its machine froze, or it hangs: its locks are
#: free then. A long statement (an export's COPY) is no silence.
IDLE: Final = 120

#: The server notices within half a minute that a machine is gone, and frees its locks; settings.py
#: has the same for the other direction. Set after connecting: a pooler may refuse options at the
#: start. Over Unix sockets the keepalives are of no effect.
BEGIN: Final = """
SELECT set_config('idle_in_transaction_session_timeout', %(idle)s, false),
       set_config('tcp_keepalives_idle', '10', false),
       set_config('tcp_keepalives_interval', '5', false),
       set_config('tcp_keepalives_count', '3', false),
       set_config('tcp_user_timeout', '30000', false)
"""

#: For a transaction that waits for something else on purpose, and keeps nobody else waiting.
MAY_BE_SILENT: Final = "SET LOCAL idle_in_transaction_session_timeout TO 0"


def begin(connection: "BaseDatabaseWrapper", **_: Any) -> None:
    """What Django's `connection_created` calls. Behind a pooler the next transaction would be on
    another connection, so there it is for the pooler's own configuration.
    """
    if connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] or connection.connection is None:
        return
    connection.connection.execute(BEGIN, {"idle": f"{IDLE}s"})
