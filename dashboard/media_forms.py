"""What people choose of the files that are downloaded."""

import re
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.media import kind_word
from ingestion.media.wanting import KINDS, Wish
from ingestion.models import MediaPolicy

MEGABYTE: Final = 1_000_000
_MIME: Final = re.compile(r"[a-z0-9][a-z0-9.+-]*/(?:\*|[a-z0-9][a-z0-9.+-]*)", re.ASCII)
_DAY: Final = {"type": "date", "class": "in"}
_SIZE: Final = {"class": "in short", "inputmode": "decimal", "step": "any", "min": "0"}


class PolicyForm(forms.Form):
    """A policy as a person sees it: sizes in megabytes, types with commas between."""

    mode = forms.ChoiceField(
        label=gettext_lazy("What is downloaded"),
        choices=MediaPolicy.Mode.choices,
        widget=forms.RadioSelect,
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Only these kinds"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    mimes = forms.CharField(
        label=gettext_lazy("Only these types"),
        required=False,
        max_length=600,
        widget=forms.TextInput(
            {
                "class": "in mono",
                "placeholder": "image/*, application/pdf",
                "aria-describedby": "id_mimes_help",
            }
        ),
    )
    least = forms.FloatField(
        label=gettext_lazy("At least, MB"),
        required=False,
        min_value=0,
        widget=forms.NumberInput(_SIZE),
    )
    most = forms.FloatField(
        label=gettext_lazy("At most, MB"),
        required=False,
        min_value=0,
        widget=forms.NumberInput(_SIZE),
    )
    since = forms.DateField(
        label=gettext_lazy("Posted from"),
        required=False,
        widget=forms.DateInput(_DAY, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=gettext_lazy("Posted until"),
        required=False,
        widget=forms.DateInput(_DAY, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kinds"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(kind, kind_word(kind)) for kind in KINDS]

    @classmethod
    def of(cls, wish: Wish) -> "PolicyForm":
        """The form as a policy fills it in."""
        return cls(
            initial={
                "mode": wish.mode,
                "kinds": sorted(wish.kinds),
                "mimes": ", ".join(wish.mimes),
                "least": None if wish.min_size is None else wish.min_size / MEGABYTE,
                "most": None if wish.max_size is None else wish.max_size / MEGABYTE,
                "since": wish.since,
                "until": wish.until,
            }
        )

    def clean_mimes(self) -> tuple[str, ...]:
        parts = [part.strip().lower() for part in self.cleaned_data["mimes"].split(",")]
        found = tuple(part for part in parts if part)
        wrong = [part for part in found if not _MIME.fullmatch(part)]
        if wrong:
            raise forms.ValidationError(
                _("“%(type)s” is no type: image/* or application/pdf is.") % {"type": wrong[0]}
            )
        return found

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        least, most = values.get("least"), values.get("most")
        if least is not None and most is not None and least > most:
            self.add_error("most", _("This is less than the least size."))
        since, until = values.get("since"), values.get("until")
        if since and until and since > until:
            self.add_error("until", _("This is before the first day."))
        return values

    def wish(self) -> Wish:
        """What was chosen; of a form that is valid."""
        values = self.cleaned_data
        least, most = values["least"], values["most"]
        return Wish(
            mode=values["mode"],
            kinds=frozenset(values["kinds"]),
            mimes=values["mimes"],
            min_size=None if least is None else round(least * MEGABYTE),
            max_size=None if most is None else round(most * MEGABYTE),
            since=values["since"],
            until=values["until"],
        )
