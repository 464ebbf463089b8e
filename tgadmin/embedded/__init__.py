"""Real PostgreSQL and Valkey servers for one data directory, from wheels or the system.

Knows nothing of Django. Servers listen on Unix sockets in a folder of their owner's alone, and
end when the process that started them does.
"""

from tgadmin.embedded.errors import ServerError
from tgadmin.embedded.paths import (
    postgres_socket,
    postgres_url,
    remove_socket_directory,
    socket_directory,
    valkey_url,
)
from tgadmin.embedded.postgres import PostgresServer
from tgadmin.embedded.valkey import ValkeyServer

__all__ = [
    "PostgresServer",
    "ServerError",
    "ValkeyServer",
    "postgres_socket",
    "postgres_url",
    "remove_socket_directory",
    "socket_directory",
    "valkey_url",
]
