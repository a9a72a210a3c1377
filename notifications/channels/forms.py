"""What a colleague chooses: which channels for what, and their quiet hours and clock."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from delivery.models import Channel
from delivery.recipients import address_forms
from lib import time_zones
from notifications.models import NoticeWishes

from .wishes import OFFERED, Reach

LABELS = {
    Reach.URGENT: gettext_lazy("What is urgent, and what is broken"),
    Reach.WAITS: gettext_lazy("What else waits for you"),
    Reach.NEWS: gettext_lazy("News: what is approved, published or paid"),
}
HELP = {
    Reach.URGENT: gettext_lazy("Also in quiet hours. It always comes by email too."),
    Reach.WAITS: gettext_lazy("With none, or when none works: by email."),
    Reach.NEWS: gettext_lazy("It rings nowhere. With none it is only in your list at the desk."),
}


class WishesForm(forms.Form):
    """By which channels somebody wants what."""

    def __init__(self, wishes: NoticeWishes, channels: Collection[str], data: Any = None) -> None:
        super().__init__(data, auto_id="told_%s")
        for reach in Reach:
            there = [one for one in OFFERED[reach] if one == Channel.MAIL or one in channels]
            locked = reach == Reach.URGENT
            self.fields[reach.value] = forms.MultipleChoiceField(
                label=LABELS[reach],
                help_text=HELP[reach],
                required=False,
                initial=getattr(wishes, reach),
                choices=[(one.value, one.label) for one in there if not (locked and one == Channel.MAIL)],
                widget=forms.CheckboxSelectMultiple,
                error_messages={
                    "invalid_choice": gettext_lazy("That is not one of the choices. Choose one from the list.")
                },
            )

    def chosen(self) -> dict[Reach, list[str]]:
        """Return the channels that were chosen for each."""
        return {reach: self.cleaned_data[reach.value] for reach in Reach}


class ClockForm(address_forms.QuietForm):
    """Quiet hours, and by which clock they and the hours in notices are. The `initial` clock can always be kept."""

    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        required=False,
        widget=forms.Select(attrs={"class": "input"}),
        error_messages={"invalid_choice": gettext_lazy("Choose a time zone from the list.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones, kept = time_zones.offered(), self.initial.get("time_zone")
        if kept and kept not in zones:  # a name that another has replaced
            zones = sorted([*zones, kept])
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext_lazy("The campaign's")), *((one, one.replace("_", " ")) for one in zones)]
