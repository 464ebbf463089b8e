"""Who may do what in a workspace. Knows nothing of Django."""

from enum import StrEnum


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    ANALYST = "analyst"
    VIEWER = "viewer"


class Permission(StrEnum):
    READ = "read"
    #: Make, download and delete exports.
    EXPORT = "export"
    #: Start, pause and cancel runs.
    SYNC = "sync"
    #: Add, change and remove channels.
    CHANNELS = "channels"
    #: Connect and disconnect Telegram accounts.
    ACCOUNTS = "accounts"
    #: Read who did what.
    AUDIT = "audit"
    #: People, roles and the workspace itself.
    WORKSPACE = "workspace"


_GRANTS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.READ}),
    Role.ANALYST: frozenset({Permission.READ, Permission.EXPORT, Permission.SYNC}),
    Role.ADMIN: frozenset(set(Permission) - {Permission.WORKSPACE}),
    Role.OWNER: frozenset(Permission),
}


def may(role: Role | str, permission: Permission) -> bool:
    """Whether a member with this role may do this."""
    return permission in _GRANTS[Role(role)]


def roles_with(permission: Permission) -> list[Role]:
    """The roles that have the permission."""
    return [role for role in Role if permission in _GRANTS[role]]
