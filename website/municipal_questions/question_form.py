"""The form with which somebody asks for their municipality."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign
from lib.text.languages.languages import own_name
from questions import intake
from stories.models import Municipality


class QuestionForm(forms.Form):
    """A question in the words in which it was asked, for which municipality, and by about how many."""

    municipality = forms.ModelChoiceField(
        Municipality.objects.none(), label=gettext_lazy("Municipality"), empty_label=None
    )
    text = forms.CharField(
        label=gettext_lazy("The question"),
        max_length=intake.LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("As it was asked, without anyone’s name. Others may read it while it is waiting."),
        error_messages={"required": gettext_lazy("The question is missing. Write it here.")},
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the question"))
    times = forms.IntegerField(
        label=gettext_lazy("About how many people asked"),
        min_value=1,
        max_value=intake.MOST_TIMES,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, campaign: Campaign, municipalities: Any, data: Any = None, *, language: str) -> None:
        super().__init__(data, initial={"language": language, "times": 1}, auto_id="ask_%s")
        fields: Any = self.fields
        fields["municipality"].queryset = municipalities
        fields["language"].choices = [(code, own_name(code)) for code in campaign.language_codes()]
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
