"""The form in which a survey is composed: of whom, how many, and which questions in which words."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from delivery.models import Audience
from impact.models import Survey
from impact.models.surveys import MOST_QUESTIONS
from lib.text.languages.languages import language_heading

from . import people_drawn, question_bank

BOX = {"class": "input"}
OWN = "own"
MOST_DRAWN = 20_000


class SurveyForm(forms.Form):
    """A survey that is being composed. A question's words are those of the bank where nothing else is written."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        widget=forms.TextInput(attrs=BOX),
        help_text=_("For colleagues. Nobody else sees it."),
    )
    way = forms.ChoiceField(label=_("Who answers"), choices=Survey.Way, widget=forms.Select(attrs=BOX))
    group = forms.ChoiceField(
        label=_("Drawn from"),
        choices=[choice for choice in Survey.Group.choices if choice[0] != Survey.Group.FOLLOWERS],
        widget=forms.Select(attrs=BOX),
    )
    audience = forms.ModelChoiceField(
        Audience.objects.none(),
        label=_("Only of one audience"),
        required=False,
        empty_label=pgettext_lazy("audiences", "all"),
        widget=forms.Select(attrs=BOX),
    )
    size = forms.IntegerField(
        label=_("How many people to draw"),
        min_value=people_drawn.LEAST,
        max_value=MOST_DRAWN,
        initial=200,
        widget=forms.NumberInput(attrs=BOX),
    )
    apart_weeks = forms.IntegerField(
        label=_("Weeks until anyone is asked again"),
        min_value=1,
        max_value=104,
        initial=7,
        widget=forms.NumberInput(attrs=BOX),
    )
    open_days = forms.IntegerField(
        label=_("Days to answer"), min_value=1, max_value=60, initial=7, widget=forms.NumberInput(attrs=BOX)
    )

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = campaign.language_codes()
        self.fields["audience"].queryset = Audience.objects.of_people().filter(campaign=campaign)  # type: ignore[attr-defined]  # a choice of rows
        offered = [(key, in_language(question["text"])) for key, question in question_bank.bank().items()]
        for number in range(1, MOST_QUESTIONS + 1):
            self.fields[f"q{number}"] = forms.ChoiceField(
                label=_("Question %(number)d") % {"number": number},
                choices=[("", "–"), *offered, (OWN, _("in our own words"))],
                required=number == 1,
                widget=forms.Select(attrs=BOX),
            )
            for code in self.languages:
                self.fields[f"q{number}_{code}"] = forms.CharField(
                    label=language_heading(code), required=False, max_length=160, widget=forms.TextInput(attrs=BOX)
                )

    def slots(self) -> Iterator[dict[str, Any]]:
        """Yield each place for a question: which, and its words by language."""
        for number in range(1, MOST_QUESTIONS + 1):
            words = [self[f"q{number}_{code}"] for code in self.languages]
            yield {"which": self[f"q{number}"], "words": words, "is_open": any(field.value() for field in words)}

    def clean(self) -> dict[str, Any]:
        """Refuse an audience of another kind than the group."""
        told = super().clean() or {}
        audience, is_digest = told.get("audience"), told.get("group") == Survey.Group.SUBSCRIBERS
        if audience and (audience.kind == Audience.Kind.DIGEST) != is_digest:
            self.add_error("audience", _("This audience is of another group. Choose one of the group, or all."))
        return told

    def questions(self) -> list[dict[str, Any]]:
        """Return the questions that were chosen, as a survey keeps them; the same one once."""
        found: dict[str, dict[str, Any]] = {}
        for number in range(1, MOST_QUESTIONS + 1):
            key = self.cleaned_data.get(f"q{number}", "")
            if not key:
                continue
            of_bank = question_bank.bank().get(key, {}).get("text", {})
            written = {code: self.cleaned_data.get(f"q{number}_{code}", "") for code in self.languages}
            words = {code: written[code] or of_bank.get(code, "") for code in self.languages}
            question = question_bank.question_of(key, words)
            found.setdefault(question["key"], question)
        return list(found.values())


def initial_of(survey: Survey) -> dict[str, Any]:
    """Return what the form shows of a survey that is being composed."""
    values: dict[str, Any] = {
        name: getattr(survey, name) for name in ("name", "way", "group", "size", "apart_weeks", "open_days")
    }
    values["audience"] = survey.audience_id
    for number, question in enumerate(survey.questions, 1):
        of_bank = question_bank.bank().get(question["key"])
        values[f"q{number}"] = question["key"] if of_bank else OWN
        for code, text in question["text"].items():
            if not of_bank or of_bank["text"].get(code) != text:
                values[f"q{number}_{code}"] = text
    return values
