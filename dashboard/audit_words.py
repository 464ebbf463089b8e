"""What people did, as sentences."""

from typing import Final

from django.utils.translation import gettext_lazy

from workspaces.models import ROLES, AuditEvent

_ROLES: Final = {role.value: word for role, word in ROLES}

#: Action → what was done; `%(target)s` is what to, `%(role)s` a role of the details.
_SENTENCES: Final = {
    "account.create": gettext_lazy("Added the account %(target)s"),
    "account.connect": gettext_lazy("Connected the account %(target)s"),
    "account.budget": gettext_lazy("Changed how the account %(target)s is used"),
    "account.disconnect": gettext_lazy("Disconnected the account %(target)s"),
    "account.session_import": gettext_lazy("Connected %(target)s with a session from elsewhere"),
    "account.session_export": gettext_lazy("Exported the session of %(target)s"),
    "account.session_refused": gettext_lazy(
        "Asked for the session of %(target)s with a wrong password"
    ),
    "account.road": gettext_lazy("Changed how %(target)s reaches Telegram"),
    "proxy.add": gettext_lazy("Added the proxy %(target)s"),
    "proxy.change": gettext_lazy("Changed the proxy %(target)s"),
    "proxy.remove": gettext_lazy("Removed the proxy %(target)s"),
    "account.delete": gettext_lazy("Deleted the account %(target)s"),
    "channel.add": gettext_lazy("Added the channel %(target)s"),
    "channel.schedule": gettext_lazy("Changed the schedule of %(target)s"),
    "channel.enable": gettext_lazy("Turned syncing of %(target)s on"),
    "channel.disable": gettext_lazy("Turned syncing of %(target)s off"),
    "channel.live": gettext_lazy("Switched %(target)s live"),
    "channel.not_live": gettext_lazy("Switched %(target)s to be live no longer"),
    "channel.remove": gettext_lazy("Removed the channel %(target)s"),
    "channel.restore": gettext_lazy("Brought back the channel %(target)s"),
    "channel.tags": gettext_lazy("Changed the tags of %(target)s"),
    "channel.notes": gettext_lazy("Changed the notes on %(target)s"),
    "media.policy": gettext_lazy("Changed which files are downloaded of %(target)s"),
    "channel.web_preview": gettext_lazy("Has %(target)s read from the web"),
    "import.upload": gettext_lazy("Began to upload %(target)s"),
    "import.start": gettext_lazy("Started the import of %(target)s"),
    "import.pause": gettext_lazy("Paused the import of %(target)s"),
    "import.resume": gettext_lazy("Resumed the import of %(target)s"),
    "import.cancel": gettext_lazy("Cancelled the import of %(target)s"),
    "import.delete": gettext_lazy("Took the import of %(target)s off the list"),
    "export.request": gettext_lazy("Asked for an export of %(target)s"),
    "export.cancel": gettext_lazy("Cancelled the export of %(target)s"),
    "export.pause": gettext_lazy("Paused the export of %(target)s"),
    "export.resume": gettext_lazy("Continued the export of %(target)s"),
    "export.link": gettext_lazy("Made a link to %(target)s"),
    "export.link_used": gettext_lazy("Somebody downloaded %(target)s by a link"),
    "export.link_revoked": gettext_lazy("Took back a link to %(target)s"),
    "feed.make": gettext_lazy("Made the feed %(target)s"),
    "feed.renew": gettext_lazy("Gave the feed %(target)s another address"),
    "feed.revoke": gettext_lazy("Deleted the feed %(target)s"),
    "schedule.make": gettext_lazy("Made the export schedule %(target)s"),
    "schedule.on": gettext_lazy("Switched the export schedule %(target)s on"),
    "schedule.off": gettext_lazy("Switched the export schedule %(target)s off"),
    "schedule.remove": gettext_lazy("Deleted the export schedule %(target)s"),
    "export.delete": gettext_lazy("Deleted the export of %(target)s"),
    "search.share": gettext_lazy("Shared the search %(target)s"),
    "search.unshare": gettext_lazy("Keeps the search %(target)s private"),
    "search.delete": gettext_lazy("Deleted the shared search %(target)s"),
    "invite.make": gettext_lazy("Made an invite link (%(role)s) %(target)s"),
    "invite.revoke": gettext_lazy("Revoked an invite link (%(role)s) %(target)s"),
    "member.join": gettext_lazy("Joined by an invite link (%(role)s)"),
    "member.role": gettext_lazy("Changed the role of %(target)s: %(role)s"),
    "member.remove": gettext_lazy("Removed %(target)s from the workspace"),
    "member.leave": gettext_lazy("Left the workspace"),
    "channel.repair": gettext_lazy("Asked for ids of %(target)s again"),
    "person.forget": gettext_lazy("Had a person forgotten, receipt %(target)s"),
    "person.forgotten": gettext_lazy("A person was forgotten, receipt %(target)s"),
    "pii.audit": gettext_lazy("Looked for personal data in %(target)s"),
    "redaction.save": gettext_lazy("Saved the redaction profile %(target)s"),
    "redaction.delete": gettext_lazy("Deleted the redaction profile %(target)s"),
    "retention.policy": gettext_lazy("Changed how long messages of %(target)s are kept"),
    "retention.hold": gettext_lazy("Placed a hold on %(target)s"),
    "retention.lift": gettext_lazy("Lifted the hold on %(target)s"),
    "retention.start": gettext_lazy("Began to let go old messages of %(target)s"),
    "retention.end": gettext_lazy("Let go old messages of %(target)s"),
    "people.hide": gettext_lazy("Hides the members of groups from now on"),
    "people.show": gettext_lazy("Keeps who the members of groups are from now on"),
    "people.erase": gettext_lazy("Had people taken out of what is archived"),
    "workspace.create": gettext_lazy("Made the workspace %(target)s"),
    "workspace.change": gettext_lazy("Changed the settings of the workspace"),
    "checklist.dismiss": gettext_lazy("Closed the list of first steps"),
}
_OTHER: Final = "%(action)s %(target)s"


def sentence(event: AuditEvent) -> str:
    """What was done."""
    role = str(event.details.get("role", ""))
    words = {
        "action": event.action,
        "target": event.target,
        "role": str(_ROLES.get(role, role)),
    }
    return (str(_SENTENCES.get(event.action, _OTHER)) % words).strip()
