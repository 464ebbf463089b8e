"""Methods of the API that this server answers (https://core.telegram.org/methods)."""

from sandbox.rpc import (
    around,
    auth,
    channels,
    dialogs,
    files,
    help_,
    history,
    invites,
    qr,
    updates,
    users,
    wrappers,
)
from sandbox.rpc.registry import METHODS, Call, method_name

__all__ = [
    "METHODS",
    "Call",
    "around",
    "auth",
    "channels",
    "dialogs",
    "files",
    "help_",
    "history",
    "invites",
    "method_name",
    "qr",
    "updates",
    "users",
    "wrappers",
]
