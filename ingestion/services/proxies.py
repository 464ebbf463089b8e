"""Proxies of a workspace, and which account goes through which."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import RestrictedError
from django.utils import timezone

from ingestion.errors import InputError
from ingestion.models import Account, Proxy, RoadCheck
from ingestion.sources.mtproto.roads import mtproxy_secret
from workspaces.models import User, Workspace
from workspaces.services import audit


def save(
    *,
    workspace: Workspace,
    proxy: Proxy | None = None,
    kind: str,
    host: str,
    port: int,
    name: str = "",
    username: str = "",
    password: str = "",
    secret: str = "",
    user: User | None = None,
) -> Proxy:
    """A new proxy, or another's new values: a password or secret that is left empty stays.

    Raises `InputError` for a secret that no MTProxy has, and for a proxy that is here already.
    """
    new = proxy is None
    proxy = proxy or Proxy(workspace=workspace)
    proxy.kind, proxy.host, proxy.port = kind, host.strip().strip("[]"), port
    proxy.name = name.strip()
    if kind == Proxy.Kind.MTPROXY:
        proxy.secret = secret.strip() or proxy.secret
        mtproxy_secret(proxy.secret or "")
        proxy.username, proxy.password = "", None
    else:
        proxy.username = username.strip()
        proxy.password = (password or proxy.password) if proxy.username else None
        proxy.secret = None
    try:
        with transaction.atomic():
            proxy.save()
    except IntegrityError:
        raise InputError(
            "DUPLICATE",
            "This proxy is in the list already.",
            "Open it there to change it.",
        ) from None
    action = "proxy.add" if new else "proxy.change"
    audit(workspace=workspace, user=user, action=action, target=str(proxy))
    return proxy


def remove(*, proxy: Proxy, user: User | None = None) -> None:
    """Forget a proxy. Raises `InputError` while an account goes through it: it would go directly
    from then on, and show its own address.
    """
    try:
        with transaction.atomic():
            proxy.delete()
    except RestrictedError:
        names = ", ".join(str(account) for account in proxy.accounts.all()[:5])
        raise InputError(
            "PROXY_IN_USE",
            "The proxy %(proxy)s is used by %(accounts)s.",
            "Give those accounts another way to Telegram first.",
            proxy=proxy,
            accounts=names,
        ) from None
    audit(workspace=proxy.workspace, user=user, action="proxy.remove", target=str(proxy))


def choose(
    *,
    account: Account,
    proxy: Proxy | None,
    transport: str,
    port: int,
    ipv6: bool,
    user: User | None = None,
) -> None:
    """How an account reaches Telegram from its next connection on."""
    account.proxy, account.transport, account.port = proxy, transport, port
    account.ipv6, account.road = ipv6, ""
    account.save(update_fields=["proxy", "transport", "port", "ipv6", "road"])
    audit(workspace=account.workspace, user=user, action="account.road", target=str(account))


def check(*, workspace: Workspace, proxy: Proxy | None, user: User | None = None) -> RoadCheck:
    """Have it looked at; then enqueue it (`tasks.enqueue_road_check`). Only the newest is kept."""
    RoadCheck.objects.filter(workspace=workspace, proxy=proxy).delete()
    return RoadCheck.objects.create(
        workspace=workspace, proxy=proxy, requested_by=user, created_at=timezone.now()
    )


def is_open(row: RoadCheck) -> bool:
    """Whether an answer may still come."""
    age = (timezone.now() - row.created_at).total_seconds()
    return row.state == RoadCheck.State.PENDING and age < RoadCheck.VOID_AFTER


def newest(workspace: Workspace) -> dict[int | None, RoadCheck]:
    """The last look at each proxy of a workspace; under None, that without any."""
    rows: Any = RoadCheck.objects.filter(workspace=workspace).order_by("pk")
    return {row.proxy_id: row for row in rows}
