"""The form of the three questions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from impact.answer_pages import PlainText
from impact.models import PretestAnswer
from impact.models.pretests import LONGEST_TEXT
from lib.form_choices import offer_choices

from .answers import Answer

Share = PretestAnswer.Share


class AnswerForm(forms.Form):
    """What it asks of its reader, what was unclear, and whether they would share it. The second may be left out."""

    asks = PlainText(max_length=LONGEST_TEXT)
    sentences = forms.TypedMultipleChoiceField(coerce=int, required=False, widget=forms.CheckboxSelectMultiple)
    unclear = PlainText(max_length=LONGEST_TEXT, required=False)
    share = forms.ChoiceField(
        choices=[(Share.YES, _("Yes")), (Share.NO, _("No")), (Share.UNSURE, _("Not sure"))], widget=forms.RadioSelect
    )
    why = PlainText(max_length=LONGEST_TEXT, required=False)

    def __init__(self, sentences: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "sentences", list(enumerate(sentences)))

    def first_fault(self) -> str:
        """Return the name of the first question that lacks an answer or has one that is too long."""
        return next((name for name in self.fields if name in self.errors), "")

    def answer(self) -> Answer:
        """Return what was answered."""
        return Answer(**{name: self.cleaned_data[name] for name in ("asks", "unclear", "sentences", "share", "why")})
