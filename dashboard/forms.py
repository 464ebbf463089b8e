"""What people fill in. What is wrong with it is said by the services, in words."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from archive.exports import COLUMNS, Options
from archive.exports.columns import KEY
from archive.exports.options import PARTITIONS
from archive.filters import Filters
from archive.models import Export
from ingestion.models import Account, Channel
from ingestion.services.accounts import HIGHEST_API_ID

#: In minutes: 30 days.
LONGEST_SCHEDULE = 60 * 24 * 30

#: What can be done to many channels at once.
BULK_ACTS = (
    "sync", "pause", "resume", "schedule", "live", "not_live", "tag", "untag", "remove",
)  # fmt: skip

_TEXT = {"class": "in", "spellcheck": "false", "autocapitalize": "none"}


def complaints(form: forms.Form) -> str:
    """What is wrong with a form, as one line."""
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


class LoginForm(AuthenticationForm):
    """Django's, in our look."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "in"


class AddChannelsForm(forms.Form):
    """`account` is asked for only when there is a choice."""

    lines = forms.CharField(
        label=_("Channels, one on each line"),
        max_length=20_000,
        widget=forms.Textarea(
            {
                **_TEXT,
                "class": "in mono",
                "rows": 6,
                "placeholder": "@durov\nhttps://t.me/telegram\nt.me/+AbCdEf…\n-1001234567890",
                "autocomplete": "off",
                "autofocus": True,
                "aria-describedby": "id_lines_help",
            }
        ),
        error_messages={
            "required": _("Type a channel's @name, or paste its link, on each line."),
            "max_length": _("That is too much at once."),
        },
    )
    account = forms.ModelChoiceField(
        label=_("Read through"),
        queryset=Account.objects.none(),
        empty_label=None,
        widget=forms.Select({"class": "in"}),
        error_messages={
            "required": _("Choose the account that reads the channels."),
            "invalid_choice": _(
                "That account is no longer connected. Send the form again to use the one that "
                "is offered now."
            ),
        },
    )

    def __init__(self, *args: Any, accounts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101, declared above
        field.queryset = accounts


class ScheduleForm(forms.Form):
    """An empty number of minutes turns the schedule off."""

    minutes = forms.IntegerField(
        label=_("Sync every"),
        required=False,
        min_value=1,
        max_value=LONGEST_SCHEDULE,
        error_messages={
            "invalid": _("A whole number of minutes, or nothing for no schedule."),
            "min_value": _("At least one minute."),
            "max_value": _("At most 43,200 minutes, which is 30 days."),
        },
    )


class BeginForm(ScheduleForm):
    """What channels that are added begin with."""

    tags = forms.CharField(max_length=1000, required=False)
    sync = forms.BooleanField(required=False)


class DetailsForm(forms.Form):
    """The workspace's own words for a channel; the service says what is wrong with them."""

    tags = forms.CharField(max_length=1000, required=False)
    notes = forms.CharField(max_length=20_000, required=False)


class RemoveForm(forms.Form):
    """What is deleted for good is named once more."""

    messages = forms.ChoiceField(choices=[("keep", "keep"), ("delete", "delete")])
    name = forms.CharField(
        label=_("Type the channel's name to delete its messages"),
        max_length=300,
        required=False,
        widget=forms.TextInput({**_TEXT, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names = {_plain(channel.title), _plain(channel.username)} - {""}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        typed = _plain(data.get("name", ""))
        if data.get("messages") == "delete" and typed not in self._names:
            self.add_error(
                "name",
                _("That is not its name, so nothing was deleted. Type it as it stands above."),
            )
        return data


def _plain(name: str) -> str:
    """Without what is easily typed otherwise: case, spaces, the @ in front."""
    return " ".join(name.removeprefix("@").split()).casefold()


class BulkForm(ScheduleForm):
    """A press on the ticked channels; `minutes` and `tag` are for the acts that take them."""

    act = forms.ChoiceField(
        choices=[(act, act) for act in BULK_ACTS],
        error_messages={
            "required": _("Choose what to do with the channels."),
            "invalid_choice": _("Choose what to do with the channels."),
        },
    )
    tag = forms.CharField(max_length=400, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("act") in {"tag", "untag"} and not data.get("tag"):
            self.add_error("tag", _("Type the tag first."))
        return data


class ExportForm(forms.Form):
    """How an export is written; which messages, `archive.filters` reads from the same request."""

    format = forms.ChoiceField(choices=Export.Format.choices)
    with_deleted = forms.BooleanField(required=False)
    without_senders = forms.BooleanField(required=False)
    #: Of what is no archive by itself: nothing, `gzip` or `zstd`.
    packing = forms.ChoiceField(required=False, choices=[("gzip", "gzip"), ("zstd", "zstd")])
    with_media = forms.BooleanField(required=False)
    partition = forms.ChoiceField(required=False, choices=[(name, name) for name in PARTITIONS])
    time_zone = forms.CharField(required=False, max_length=64)
    #: Those that a format does not have are left out; all of them is as none.
    column = forms.MultipleChoiceField(
        required=False, choices=[(name, name) for name in COLUMNS["jsonl"]]
    )

    def options(self, filters: Filters) -> Options:
        """What was chosen, without what the format does not have; the form is valid."""
        chosen = self.cleaned_data
        kind = chosen["format"]
        known = COLUMNS[kind]
        columns = tuple(name for name in known if name in chosen["column"] or name == KEY)
        return Options(
            filters=filters,
            with_deleted=chosen["with_deleted"],
            without_senders=chosen["without_senders"],
            columns=columns if chosen["column"] and len(columns) < len(known) else (),
            gzip=chosen["packing"] == "gzip",
            zstd=chosen["packing"] == "zstd",
            with_media=chosen["with_media"],
            partition=chosen["partition"],
            time_zone=chosen["time_zone"] or "UTC",
        ).suited_to(kind)


class ConnectForm(forms.Form):
    """The four things Telegram wants to know of a client and its person."""

    api_id = forms.IntegerField(
        label="api_id",
        min_value=1,
        max_value=HIGHEST_API_ID,
        widget=forms.TextInput({**_TEXT, "inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": _("The number that my.telegram.org shows as “App api_id”."),
            "invalid": _("The api_id is a number, such as 1234567."),
            "min_value": _("The api_id is a positive number."),
            "max_value": _("That is longer than any api_id."),
        },
    )
    api_hash = forms.RegexField(
        label="api_hash",
        regex=r"^\s*[0-9a-fA-F]{32}\s*$",
        widget=forms.TextInput({**_TEXT, "autocomplete": "off"}),
        error_messages={
            "required": _("The text that my.telegram.org shows as “App api_hash”."),
            "invalid": _("The api_hash is 32 characters, digits and the letters a to f."),
        },
    )
    phone = forms.CharField(
        label=_("Phone number"),
        max_length=32,
        widget=forms.TextInput(
            {**_TEXT, "type": "tel", "autocomplete": "tel", "placeholder": "+44 7700 900123"}
        ),
        error_messages={
            "required": _("The number of the Telegram account, with its country code.")
        },
    )
    label = forms.CharField(
        label=_("Name it"),
        required=False,
        max_length=80,
        widget=forms.TextInput({"class": "in", "placeholder": "Reader 1", "autocomplete": "off"}),
    )

    def clean_api_hash(self) -> str:
        return str(self.cleaned_data["api_hash"] or "").strip().lower()

    @property
    def way(self) -> str:
        """How to log in, by the button that was pressed: `code`, `qr` or `session`."""
        way = self.data.get("way")
        return way if way in {"qr", "session"} else "code"

    def full_clean(self) -> None:
        """Only a code has to be sent somewhere; the other ways tell the number themselves."""
        if type(self) is ConnectForm:
            self.fields["phone"].required = self.way == "code"
        super().full_clean()


class SessionForm(ConnectForm):
    """A string session from elsewhere. It is never shown again, not even after a mistake."""

    session = forms.CharField(
        label=_("String session"),
        max_length=2000,
        widget=forms.PasswordInput({**_TEXT, "class": "in mono", "autocomplete": "off"}),
        error_messages={"required": _("Paste what StringSession.save() printed.")},
    )
    phone = None  # type: ignore[assignment] # Django's way to take a field away


class OwnPasswordForm(forms.Form):
    """A person's password for this archive, once more."""

    password = forms.CharField(
        label=_("Your password here"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput({"class": "in", "autocomplete": "current-password"}),
        error_messages={"required": _("Type the password that you sign in with.")},
    )


class AccountForm(ConnectForm):
    """What can be changed of an account: its name, and all of it while it is not connected. An
    api_hash is never shown: left empty, it stays.
    """

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "label": account.label,
            "phone": account.phone,
            "api_id": account.api_id,
        }
        super().__init__(*args, **kwargs)
        self.fields["api_hash"].required = False
        self.fields["phone"].required = bool(account.phone)
        if account.state == Account.State.READY:
            for name in ("api_id", "api_hash", "phone"):
                del self.fields[name]


class BudgetForm(forms.Form):
    """How careful an account is; the service says what is wrong with its times."""

    pace = forms.ChoiceField(
        choices=Account.Pace.choices,
        error_messages={"required": _("Choose a pace."), "invalid_choice": _("Choose a pace.")},
    )
    quiet_from = forms.TimeField(
        required=False,
        widget=forms.TimeInput(
            {"class": "in short", "type": "time", "aria-describedby": "quiet_help"}, format="%H:%M"
        ),
        error_messages={"invalid": _("A time of day, such as 23:00.")},
    )
    quiet_to = forms.TimeField(
        required=False,
        widget=forms.TimeInput(
            {"class": "in short", "type": "time", "aria-describedby": "quiet_help"}, format="%H:%M"
        ),
        error_messages={"invalid": _("A time of day, such as 07:00.")},
    )
    takeout = forms.BooleanField(required=False)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "pace": account.pace,
            "quiet_from": account.quiet_from,
            "quiet_to": account.quiet_to,
            "takeout": account.takeout,
        }
        super().__init__(*args, **kwargs)

    @property
    def times(self) -> list[forms.BoundField]:
        return [self["quiet_from"], self["quiet_to"]]


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Login code"),
        max_length=12,
        widget=forms.TextInput(
            {**_TEXT, "inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}
        ),
        error_messages={"required": _("Type the code that Telegram sent.")},
    )


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Two-step password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(
            {"class": "in", "autocomplete": "current-password", "autofocus": True}
        ),
        error_messages={"required": _("Type the two-step verification password.")},
    )
