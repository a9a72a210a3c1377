"""What people type for an address of a channel: their number, the code that came there, and their hours of quiet."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from delivery.models import Channel
from delivery.transports.sms import numbers

# How what somebody types becomes an address of a channel that is proven by a code.
READERS: dict[str, Callable[[str], str]] = {
    Channel.SMS: numbers.read,
    Channel.WHATSAPP: partial(numbers.read, says=numbers.FOR_WHATSAPP),
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


class CodeForm(forms.Form):
    """The code that came to an address."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=64,
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": gettext_lazy("Write the code that came to you.")},
    )

    def __init__(self, channel: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{channel}_%s", **kwargs)


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


def as_read(channel: str, address: str) -> str:
    """Return an address as people write it; one that says nothing to them as nothing."""
    if channel in {Channel.SMS, Channel.WHATSAPP}:
        return numbers.shown(address)
    return ""


def as_hinted(channel: str, address: str) -> str:
    """Return an address as only its owner knows it again, where others may read along; one that says nothing to people as nothing."""
    if channel in {Channel.SMS, Channel.WHATSAPP}:
        return numbers.hidden(address)
    return ""
