"""Requests around requests (https://core.telegram.org/api/invoking)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from telethon.tl import functions, types

from sandbox.rpc.errors import bad
from sandbox.rpc.registry import method
from sandbox.tl.vector import TRUE

if TYPE_CHECKING:
    from sandbox.mtproto.session import AuthKey, Session
    from sandbox.rpc.registry import Call


def unwrap(request: Any, key: AuthKey, session: Session) -> Any:
    """The request inside, after taking note of what the wrappers say."""
    while True:
        if isinstance(request, functions.InvokeWithLayerRequest):
            key.layer = request.layer
        elif isinstance(request, functions.InitConnectionRequest):
            key.api_id = request.api_id
            key.device = f"{request.device_model}, {request.app_version}"
        elif isinstance(request, functions.InvokeWithoutUpdatesRequest):
            session.refuses_updates = True
        elif isinstance(request, functions.InvokeWithTakeoutRequest):
            if key.takeout_id is None or request.takeout_id != key.takeout_id:
                raise bad("TAKEOUT_INVALID")
        elif not isinstance(
            request, (functions.InvokeAfterMsgRequest, functions.InvokeAfterMsgsRequest)
        ):
            return request
        request = request.query


@method(functions.account.InitTakeoutSessionRequest)
def init_takeout(call: Call) -> Any:
    """See <https://core.telegram.org/method/account.initTakeoutSession>."""
    _ = call.user_id
    call.key.takeout_id = secrets.randbits(62)
    call.server.keys.save(call.key)
    return types.account.Takeout(call.key.takeout_id)


@method(functions.account.FinishTakeoutSessionRequest)
def finish_takeout(call: Call) -> Any:
    """See <https://core.telegram.org/method/account.finishTakeoutSession>."""
    if call.key.takeout_id is None:
        raise bad("TAKEOUT_REQUIRED")
    call.key.takeout_id = None
    call.server.keys.save(call.key)
    return TRUE
