"""The form of a survey's questions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from impact.answer_pages import PlainText
from impact.models import Survey
from impact.models.surveys import LONGEST_TEXT

from .answers import SCALE, Answer

SCALE_WORDS = (
    _("Fully agree"),
    _("Rather agree"),
    _("Rather disagree"),
    _("Fully disagree"),
    _("Can't say"),
)


class AnswerForm(forms.Form):
    """A field for each question, q1 to q3. What somebody wrote may be left out."""

    def __init__(self, survey: Survey, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = survey.asked_in(language)
        for number, question in enumerate(self.asked, 1):
            self.fields[f"q{number}"] = field_of(question)

    def rows(self) -> list[dict[str, Any]]:
        """Return each question with its field, its number and whether it is one to write."""
        return [
            question | {"number": number, "field": self[f"q{number}"], "is_scale": question["kind"] == SCALE}
            for number, question in enumerate(self.asked, 1)
        ]

    def missing(self) -> list[int]:
        """Return the numbers of the questions that lack an answer, or have one that is too long."""
        return [number for number in range(1, len(self.asked) + 1) if f"q{number}" in self.errors]

    def answer(self) -> Answer:
        """Return what was answered, in the order of the questions."""
        return [self.cleaned_data[f"q{number}"] for number in range(1, len(self.asked) + 1)]


def field_of(question: dict[str, Any]) -> forms.Field:
    """Return the field of one question."""
    if question["kind"] == SCALE:
        return forms.TypedChoiceField(
            label=question["words"],
            choices=list(enumerate(SCALE_WORDS)),
            coerce=int,
            widget=forms.RadioSelect,
        )
    return PlainText(label=question["words"], required=False, max_length=LONGEST_TEXT)
