"""The form with which a draft is shown: to whom, and for how long."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from campaigns.models import Campaign
from impact.models import Pretest

from . import panels

BOX = {"class": "box"}
HOURS = (1, 2, 4, 8, 24, 48)
MOST_NAMES = 4_000  # characters


class PretestForm(forms.Form):
    """Influencers drawn by lot, influencers by name, or so many people as answer by one link."""

    way = forms.ChoiceField(label=_("To whom"), choices=Pretest.Way, widget=forms.Select(attrs=BOX))
    size = forms.IntegerField(
        label=_("How many people"),
        min_value=1,
        max_value=panels.MOST_BY_LINK,
        initial=6,
        widget=forms.NumberInput(attrs=BOX),
        help_text=_("At most 20 influencers, or 50 answers by a link."),
    )
    names = forms.CharField(
        label=_("Influencers by name"),
        required=False,
        max_length=MOST_NAMES,
        widget=forms.Textarea(attrs=BOX | {"rows": 3}),
        help_text=_("One a line: name, email address or reference."),
    )
    hours = forms.TypedChoiceField(
        label=_("Open for"),
        coerce=int,
        choices=[(n, ngettext_lazy("%(n)d hour", "%(n)d hours", n) % {"n": n}) for n in HOURS],
        initial=1,
        widget=forms.Select(attrs=BOX),
    )

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        self.people: list[int] = []

    def clean(self) -> dict[str, Any]:
        """Find the influencers who were named; refuse names that are not one influencer's, and more people than may be asked."""
        told = super().clean() or {}
        way = told.get("way")
        if way == Pretest.Way.DRAWN and (told.get("size") or 0) > panels.MOST_INFLUENCERS:
            self.add_error("size", _("At most 20 influencers."))
        if way == Pretest.Way.CHOSEN:
            lines = [line.strip() for line in told.get("names", "").splitlines() if line.strip()]
            self.people, unknown = panels.named(self.campaign, lines)
            if unknown:
                says = _("Not the name of exactly one active influencer whom mail reaches: %(names)s")
                self.add_error("names", says % {"names": ", ".join(unknown)})
            elif not 1 <= len(self.people) <= panels.MOST_INFLUENCERS:
                self.add_error("names", _("Name 1 to 20 influencers."))
        return told
