"""What influencers choose for a channel: their number, the code that came there, and what they want by it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from delivery.models import Channel, Wanted
from delivery.transports.sms import numbers

# How what somebody types becomes an address of a channel that is proven by a code.
READERS: dict[str, Callable[[str], str]] = {Channel.SMS: numbers.read, Channel.WHATSAPP: numbers.read}

WANTS = {
    Wanted.URGENT: gettext_lazy("What is urgent. It comes by email as well."),
    Wanted.BULLETINS: gettext_lazy("All other bulletins, instead of by email"),
    Wanted.ANSWERS: gettext_lazy("That there is an answer to me, instead of by email. I read it after logging in."),
    Wanted.REMINDERS: gettext_lazy("That there is a reminder, instead of by email. I read it after logging in."),
}


class NumberForm(forms.Form):
    """A telephone number, read as people type it."""

    number = forms.CharField(
        label=gettext_lazy("Mobile number"),
        max_length=60,
        widget=forms.TextInput(attrs={"class": "input", "type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"required": gettext_lazy("Write your number.")},
    )

    def __init__(self, channel: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{channel}_%s", **kwargs)
        self.channel = channel

    def clean_number(self) -> str:
        """Return it as its channel writes it."""
        try:
            return READERS[self.channel](self.cleaned_data["number"])
        except numbers.NotANumber as fault:
            raise forms.ValidationError(str(fault)) from fault


class WantsForm(forms.Form):
    """What comes by an address."""

    wants = forms.MultipleChoiceField(
        label=gettext_lazy("What comes here"),
        required=False,
        choices=[(name.value, words) for name, words in WANTS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("That is not one of the choices. Choose one from the list.")},
    )


class QuietForm(forms.Form):
    """From when to when nothing but what is urgent comes by other channels than mail; both empty for at any time."""

    begins, ends = (
        forms.TimeField(
            label=label,
            required=False,
            widget=forms.TimeInput(attrs={"class": "input", "type": "time"}, format="%H:%M"),
            error_messages={"invalid": gettext_lazy("Write a time, such as 22:00.")},
        )
        for label in (gettext_lazy("From"), gettext_lazy("Until"))
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="quiet_%s", **kwargs)

    def clean(self) -> dict[str, Any]:
        """Take both, and not the same, or neither."""
        cleaned: dict[str, Any] = super().clean() or {}
        begins, ends = cleaned.get("begins"), cleaned.get("ends")
        if not self.errors and ((begins is None) != (ends is None) or (begins is not None and begins == ends)):
            raise forms.ValidationError(gettext_lazy("Write two different times, or leave both empty."))
        return cleaned


class CodeForm(WantsForm):
    """The code that came to an address, and what its person wants by it."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=64,
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": gettext_lazy("Write the code that came to you.")},
    )
    field_order = ("code", "wants")

    def __init__(self, channel: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{channel}_%s", **kwargs)
