"""What people fill in about proxies and transports."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ingestion.models import Account, Proxy

_TEXT = {"class": "in", "spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}


class ProxyForm(forms.Form):
    """A password or a secret is never shown: left empty, it stays."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=Proxy.Kind.choices, widget=forms.Select({"class": "in"})
    )
    host = forms.RegexField(
        label=_("Address"),
        regex=r"^\s*(\[[0-9a-fA-F:.]+\]|[\w.:-]+)\s*$",
        max_length=253,
        widget=forms.TextInput({**_TEXT, "placeholder": "proxy.example.org"}),
        error_messages={
            "required": _("The proxy's name or IP address."),
            "invalid": _("A name or an IP address, without https:// and without a port."),
        },
    )
    port = forms.IntegerField(
        label=_("Port"),
        min_value=1,
        max_value=65535,
        widget=forms.TextInput({**_TEXT, "inputmode": "numeric", "placeholder": "1080"}),
        error_messages={
            "required": _("The number of the port, such as 1080."),
            "invalid": _("The port is a number, such as 1080."),
        },
    )
    name = forms.CharField(
        label=_("Name it"), max_length=80, required=False, widget=forms.TextInput({"class": "in"})
    )
    username = forms.CharField(
        label=_("User name"), max_length=255, required=False, widget=forms.TextInput(_TEXT)
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=255,
        required=False,
        strip=False,
        widget=forms.PasswordInput({"class": "in", "autocomplete": "new-password"}),
    )
    secret = forms.CharField(
        label=_("Secret of an MTProxy"),
        max_length=600,
        required=False,
        widget=forms.PasswordInput({"class": "in mono", "autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, proxy: Proxy | None = None, **kwargs: Any) -> None:
        if proxy is not None:
            names = ("kind", "host", "port", "name", "username")
            kwargs["initial"] = {name: getattr(proxy, name) for name in names}
        super().__init__(*args, **kwargs)


class RoadForm(forms.Form):
    """How an account reaches Telegram."""

    proxy = forms.ModelChoiceField(
        label=_("Proxy"),
        queryset=Proxy.objects.none(),
        required=False,
        empty_label=_("None: directly"),
        widget=forms.Select({"class": "in"}),
    )
    transport = forms.ChoiceField(
        label=_("Transport"),
        choices=Account.Transport.choices,
        widget=forms.Select({"class": "in"}),
    )
    port = forms.TypedChoiceField(
        label=_("Port of Telegram"),
        choices=[(443, "443"), (80, "80")],
        coerce=int,
        widget=forms.Select({"class": "in"}),
    )
    ipv6 = forms.BooleanField(label=_("Over IPv6"), required=False)

    def __init__(self, *args: Any, account: Account, proxies: Any, **kwargs: Any) -> None:
        names = ("proxy", "transport", "port", "ipv6")
        kwargs["initial"] = {name: getattr(account, name) for name in names}
        super().__init__(*args, **kwargs)
        field = self.fields["proxy"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101, declared above
        field.queryset = proxies
