"""What people fill in about themselves, each other and the workspace."""

from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.forms import (
    PasswordChangeForm,
    PasswordResetForm,
    SetPasswordForm,
    UserCreationForm,
)
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workspaces.errors import WorkspaceError
from workspaces.models import ROLES, User, Workspace

if TYPE_CHECKING:
    _WorkspaceModelForm = forms.ModelForm[Workspace]
    _UserModelForm = forms.ModelForm[User]
    _UserCreationForm = UserCreationForm[User]
    _SetPasswordForm = SetPasswordForm[User]
else:  # Django's classes are generic for the type checker alone
    _WorkspaceModelForm = _UserModelForm = forms.ModelForm
    _UserCreationForm, _SetPasswordForm = UserCreationForm, SetPasswordForm

_MONTH = 60 * 24 * 30


@cache
def time_zones() -> list[str]:
    """The IANA names that a person would look for, in order."""
    return sorted(
        name
        for name in available_timezones()
        if name == "UTC" or ("/" in name and name[:3] != "Etc")
    )


class ZoneField(forms.CharField):
    """A time zone by its IANA name; the page offers the names in a datalist."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "in", "list": "zones", "autocomplete": "off", "spellcheck": "false"}
        super().__init__(max_length=64, widget=forms.TextInput(attrs), **kwargs)

    def clean(self, value: Any) -> str:
        name = str(super().clean(value))
        known = {zone.lower(): zone for zone in time_zones()}
        if name and name.lower() not in known:
            raise forms.ValidationError(
                _(
                    "There is no time zone “%(name)s”. Choose one of the list, such as Europe/Lisbon."
                ),
                params={"name": name},
            )
        return known.get(name.lower(), "")


def _dressed(form: forms.BaseForm) -> None:
    for field in form.fields.values():
        field.widget.attrs.setdefault("class", "in")


class WorkspaceForm(_WorkspaceModelForm):
    """Saved by the service, so that it is written down who changed what."""

    name = forms.CharField(
        label=pgettext_lazy("of a workspace", "Name"),
        max_length=120,
        error_messages={"required": _("A workspace needs a name.")},
    )
    time_zone = ZoneField(label=_("Time zone"))
    default_sync_minutes = forms.IntegerField(
        label=_("Sync new channels every … minutes"), required=False, min_value=1, max_value=_MONTH
    )
    default_live = forms.BooleanField(
        label=_("New channels are live"),
        required=False,
        widget=forms.CheckboxInput({"class": "check"}),
    )
    keep_exports_days = forms.IntegerField(
        label=_("Keep finished exports for … days"), required=False, min_value=1, max_value=3650
    )

    class Meta:
        model = Workspace
        fields = ("name", "time_zone", "default_sync_minutes", "default_live", "keep_exports_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dressed(self)


class NewWorkspaceForm(forms.Form):
    name = forms.CharField(
        label=pgettext_lazy("of a workspace", "Name"),
        max_length=120,
        widget=forms.TextInput({"class": "in", "autocomplete": "off", "autofocus": True}),
        error_messages={"required": _("A workspace needs a name.")},
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, widget=forms.Select({"class": "in"}))


class InviteForm(RoleForm):
    label = forms.CharField(
        label=_("For whom"),
        required=False,
        max_length=120,
        widget=forms.TextInput({"class": "in", "autocomplete": "off"}),
    )


class JoinForm(_UserCreationForm):
    """Django's: the name is nobody else's, in any case of its letters; the password is good."""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dressed(self)
        self.fields["username"].label = _("User name")
        self.fields["password1"].label = _("Password")
        self.fields["password2"].label = _("The password again")
        for field in self.fields.values():
            field.help_text = ""  # the page says it in fewer words

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002, Django's signature
        """Raise `WorkspaceError` where somebody took the name while the form was being checked, as
        the same person does who presses twice.
        """
        try:
            with transaction.atomic():
                return super().save(commit)
        except IntegrityError as error:
            taken = User._meta.get_field("username").error_messages["unique"]  # noqa: SLF001, Django's documented API
            raise WorkspaceError(str(taken)) from error


class ProfileForm(_UserModelForm):
    time_zone = ZoneField(label=_("Time zone"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)

    class Meta:
        model = User
        fields = ("first_name", "last_name", "email", "time_zone", "language")
        labels = {
            "first_name": _("First name"),
            "last_name": _("Last name"),
            "email": _("E-mail"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dressed(self)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)  # noqa: S101, declared above
        language.choices = [("", _("As the browser asks")), *settings.LANGUAGES]


class ChangePasswordForm(PasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dressed(self)
        _name_passwords(self)
        self.fields["old_password"].label = _("Your password now")


class NewPasswordForm(_SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dressed(self)
        _name_passwords(self)


class AskResetForm(PasswordResetForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dressed(self)
        self.fields["email"].label = _("E-mail")


def _name_passwords(form: forms.BaseForm) -> None:
    form.fields["new_password1"].label = _("New password")
    form.fields["new_password1"].help_text = ""
    form.fields["new_password2"].label = _("The new password again")
    form.fields["new_password2"].help_text = ""
