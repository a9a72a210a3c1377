"""Forms of measures: a value that somebody takes by hand."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.models import Campaign
from impact.models import Measure, Source
from lib.form_choices import offer_choices

from .collectors.collection import COLLECTORS

SPACES = re.compile(r"[\s\u00a0\u2009\u202f']+")
GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?\Z", re.ASCII)
EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}\Z", re.ASCII)
PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)?\Z", re.ASCII)
LONGEST = 40


class NotANumber(ValueError):
    """What was written is no number. Its words say what is one."""


def number_of(text: str) -> Decimal:
    """
    Return the number that a text says, as English, Finnish and Swedish write it: 2310, 2 310, 1,234,567, 12.5, 12,5 or −3. Raise
    NotANumber, also for 2.310 and 2,310: they are one number in some languages and another in others.
    """
    bare = SPACES.sub("", text[: LONGEST + 1]).replace("−", "-").rstrip("%")
    if EITHER.fullmatch(bare):
        raise NotANumber(
            _("“%(text)s” could be %(large)s or %(small)s. Write it without a sign between the thousands.")
            % {"text": bare, "large": re.sub("[.,]", "", bare), "small": bare.replace(",", ".").rstrip("0")}
        )
    if len(text) <= LONGEST and (GROUPED.fullmatch(bare) or PLAIN.fullmatch(bare)):
        plain = bare.replace(",", "") if GROUPED.fullmatch(bare) else bare.replace(",", ".")
        try:
            return Decimal(plain)
        except InvalidOperation as fault:  # pragma: no cover  # the patterns leave nothing of the kind
            raise NotANumber(_("This is not a number.")) from fault
    raise NotANumber(_("“%(text)s” is not a number. Write it like 2310 or 12.5.") % {"text": text[:LONGEST]})


def reading_of(text: str) -> tuple[Decimal, Decimal | None]:
    """Return the number that a text says, and what it is a part of where it says that too: 71 / 112. Raise NotANumber."""
    part, slash, whole = text.partition("/")
    return number_of(part.strip()), number_of(whole.strip()) if slash else None


class MeasureForm(forms.ModelForm):
    """A measure as it is composed. Only services that whoever runs the site allows can be asked, each with its terms beside it."""

    campaign: Campaign | None = None  # in which a key has to be the only one; the desk's page says it
    collector = forms.ChoiceField(label=gettext_lazy("Service"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = sorted({*settings.COLLECTORS, *filter(None, [self.instance.collector])} & COLLECTORS.keys())
        if {"collector", "asked_about"} <= self.fields.keys():  # whoever may only look has neither of the two
            offer_choices(self, "collector", [("", "–"), *((key, COLLECTORS[key].name) for key in allowed)])
            self.fields["collector"].help_text = " ".join(
                f"{COLLECTORS[key].name}: {COLLECTORS[key].terms} {COLLECTORS[key].terms_url}" for key in allowed
            ) or _("Nobody may be asked: whoever runs the site allows services by the setting COLLECTORS.")
            self.fields["asked_about"].help_text = " ".join(
                f"{COLLECTORS[key].name}: {COLLECTORS[key].asked_about} {COLLECTORS[key].example}" for key in allowed
            )

    def clean_key(self) -> str:
        """Refuse a key that another measure of the campaign has."""
        key: str = self.cleaned_data["key"]
        if Measure.objects.filter(campaign=self.campaign, key=key).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another measure of this campaign has this key. Choose another one."))
        return key

    def clean(self) -> dict[str, Any]:
        """Refuse a service that cannot be asked about what was written."""
        cleaned = super().clean() or {}
        if cleaned.get("source") != Source.ASKED:
            return cleaned
        chosen = COLLECTORS.get(cleaned.get("collector") or "")
        if chosen is None:
            self.add_error("collector", _("Choose the service that is asked."))
            return cleaned
        try:
            chosen.check(cleaned.get("asked_about") or "")
        except ValueError:
            self.add_error("asked_about", f"{chosen.asked_about} {chosen.example}")
        return cleaned


class TakeForm(forms.Form):
    """One value of a measure: what, how much, of which day."""

    measure = forms.ModelChoiceField(Measure.objects.none(), label=gettext_lazy("Measure"))
    value = forms.CharField(
        label=gettext_lazy("Value"),
        max_length=2 * LONGEST,
        help_text=gettext_lazy("A number: 2310. With a slash, a part of all: 71 / 112."),
        widget=forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off"}),
    )
    on = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    note = forms.CharField(
        label=pgettext_lazy("of a value", "Note"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Optional: how it was counted, or why it is another value than before."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any, *, measures: Any, today: date, chosen: Measure | None = None) -> None:
        super().__init__(data, initial={"on": today, "measure": chosen})
        if chosen is None:
            self.fields["measure"].empty_label = _("Choose one")  # type: ignore[attr-defined]  # a choice of rows
        self.fields["measure"].queryset = measures  # type: ignore[attr-defined]  # a choice of rows
        self.fields["on"].widget.attrs["max"] = today.isoformat()

    def clean_value(self) -> tuple[Decimal, Decimal | None]:
        """Return the number, and what it is a part of."""
        try:
            return reading_of(self.cleaned_data["value"])
        except NotANumber as fault:
            raise forms.ValidationError(str(fault)) from fault
