"""The forms of a report at the desk: which week, how large its risks are, and its words in one language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from bulletins.editing import conflicts
from campaigns.translated_fields import in_language
from impact.models import InsightReport
from impact.weeks import Week
from lib.form_choices import offer_choices

from . import risk
from .report_steps import flat
from .report_view import week_name
from .report_words import MOST_ADVICE, places_of

BOX = {"class": "input"}
SHORT = 160  # characters up to which a text has one line
SEEN = "seen-"  # before the name of a text: the token of what its writer started from


class WeekForm(forms.Form):
    """The week of a new report, among those that are over and have none."""

    week = forms.ChoiceField(label=_("Week"), widget=forms.Select(attrs=BOX))

    def __init__(self, weeks: list[Week], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "week", [(one.code, week_name(one)) for one in weeks])

    def chosen(self) -> Week | None:
        """Return the week that was chosen."""
        return Week.read(self.cleaned_data["week"])


class PartForm(forms.Form):
    """
    A part of a report that several people may have open at once: beside each field stands the token of what it began with. What somebody
    else has changed since is shown (`theirs`), and what the writer had not touched is as it is stored now.
    """

    def __init__(
        self, stored: Mapping[str, str], sent: QueryDict | None, theirs: Mapping[str, str] | None = None
    ) -> None:
        self.theirs = theirs or {}
        if sent is not None and theirs:
            sent = sent.copy()
            for name, text in stored.items():
                if conflicts.token(sent.get(name, "")) == sent.get(SEEN + name):
                    sent[name] = text
                sent[SEEN + name] = conflicts.token(text)
        super().__init__(sent)
        self.stored = stored
        for name, text in stored.items():
            self.fields[name] = self.field_of(name)
            self.fields[name].initial = text
            self.fields[SEEN + name] = forms.CharField(
                required=False, initial=conflicts.token(text), widget=forms.HiddenInput()
            )

    def field_of(self, name: str) -> forms.Field:
        """Return the field of one part."""
        raise NotImplementedError

    def sent(self) -> dict[str, str]:
        """Return what was written or chosen, as text."""
        return {name: text_of(self.cleaned_data.get(name)) for name in self.stored}

    def read(self) -> dict[str, str]:
        """Return the tokens of what the writer started from."""
        return {name: self.cleaned_data[SEEN + name] for name in self.stored}

    def row(self, name: str) -> tuple[Any, Any, str | None]:
        """Return a field, the one of what was read of it, and what somebody else has put there meanwhile."""
        return self[name], self[SEEN + name], self.theirs.get(name)


def text_of(value: Any) -> str:
    """Return what a field gives, as text."""
    return value.isoformat() if isinstance(value, date) else str(value or "").strip()


class JudgementForm(PartForm):
    """What holds in every language: the risk of each claim, the dates of recommendations, and for whom the report is."""

    def __init__(self, report: InsightReport, sent: QueryDict | None, theirs: Mapping[str, str] | None = None) -> None:
        self.claims = report.figures.get("claims", [])
        super().__init__(flat(report), sent, theirs)

    def field_of(self, name: str) -> forms.Field:
        """Return a choice, or a date."""
        if name.startswith("day"):
            label = _("Recommendation %(number)d: by") % {"number": int(name[3:]) + 1}
            return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date", **BOX}))
        if name == "is_public":
            return choice(_("Who reads it, once it is approved"), READERS)
        kind = name.partition("_")[2]
        if kind == "out":
            return choice(_("In the report"), [("", _("yes")), ("yes", _("no, leave it out"))])
        levels = [(str(value), f"{value}: {words}") for value, words in risk.CHOICES[kind].items()]
        return choice(risk.NAMES[kind], [("", _("not judged")), *levels])

    def readers(self) -> list[Any]:
        """Return for whom the report is."""
        return [self.row("is_public")]

    def by_claim(self) -> list[tuple[str, dict[str, Any], list[Any]]]:
        """Return each claim: its words, its numbers, and the fields of its risk."""
        names = (*risk.FACTORS, "out")
        return [
            (in_language(claim["text"]), claim, [self.row(f"{claim['pk']}_{name}") for name in names])
            for claim in self.claims
        ]

    def dates(self) -> list[Any]:
        """Return the dates of the recommendations."""
        return [self.row(f"day{place}") for place in range(MOST_ADVICE)]


READERS = [("", _("the team: it is kept inside")), ("yes", _("everyone: it has a page on the public site"))]


def choice(label: Any, choices: list[tuple[str, Any]]) -> forms.Field:
    """Return a field to choose in."""
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.Select(attrs=BOX))


class WordsForm(PartForm):
    """The words of a report in one language."""

    def __init__(
        self, report: InsightReport, language: str, sent: QueryDict | None, theirs: Mapping[str, str] | None = None
    ) -> None:
        self.language = language
        self.places = {place.name: place for place in places_of(report.figures)}
        words = report.words.get(language, {})
        super().__init__({name: words.get(name, "") for name in self.places}, sent, theirs)

    def field_of(self, name: str) -> forms.Field:
        """Return a box for a text, with one line for a short one."""
        place = self.places[name]
        attrs = {**BOX, "lang": self.language, "autocomplete": "off"}
        is_short = place.longest <= SHORT
        widget = forms.TextInput(attrs=attrs) if is_short else forms.Textarea(attrs={**attrs, "rows": 3})
        return forms.CharField(label=place.label, max_length=place.longest, required=False, widget=widget)

    def general(self) -> list[Any]:
        """Return the fields that are about no claim."""
        return [self.row(name) for name, place in self.places.items() if place.claim is None]

    def by_claim(self) -> list[tuple[str, list[Any], bool]]:
        """Return each claim's words, its fields, and whether anything is written in them."""
        found: dict[int, tuple[str, list[Any]]] = {}
        for name, place in self.places.items():
            if place.claim is not None:
                found.setdefault(place.claim["pk"], (in_language(place.claim["text"]), []))[1].append(self.row(name))
        return [(text, rows, any(row[0].value() for row in rows)) for text, rows in found.values()]
