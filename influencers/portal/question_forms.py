"""The form with which an influencer brings a question of their followers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign
from lib.form_choices import offer_choices
from lib.text.languages.languages import own_name
from questions import intake


class AskForm(forms.Form):
    """A question in the followers' words, where it was asked, by about how many, and whether we may say who brought it."""

    use_required_attribute = False

    text = forms.CharField(
        label=gettext_lazy("The question"),
        max_length=intake.LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "As it was asked, without anyone's name. Other influencers may read it while it is waiting."
        ),
        error_messages={"required": gettext_lazy("The question is missing. Write it here.")},
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the question"))
    channel = forms.CharField(
        label=gettext_lazy("Where it was asked"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("For example comments on TikTok, or a message."),
    )
    times = forms.IntegerField(
        label=gettext_lazy("About how many people asked"),
        min_value=1,
        max_value=intake.MOST_TIMES,
        required=False,
        initial=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    may_credit = forms.BooleanField(
        label=gettext_lazy("You may say that I passed it on"),
        required=False,
        help_text=gettext_lazy("Publicly, with the answer. If you don't tick this, nobody is told."),
    )
    credit = forms.CharField(label=gettext_lazy("Under which name"), max_length=120, required=False)
    bulletin = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="ask_%s", **kwargs)
        prefetch_related_objects([campaign], "languages")  # the templates ask for them too
        codes = [row.code for row in campaign.languages.all()] or [campaign.default_language]
        offer_choices(self, "language", [(code, own_name(code)) for code in codes])
        if self.initial.get("language") not in codes:
            self.initial["language"] = campaign.default_language
        for name, field in self.fields.items():
            if name != "may_credit" and not isinstance(field.widget, forms.HiddenInput):
                field.widget.attrs["class"] = "input"

    def clean_times(self) -> int:
        """Take an empty field as one."""
        return self.cleaned_data["times"] or 1

    def clean(self) -> dict[str, Any]:
        """Ask for the name when someone may be named."""
        data = super().clean() or self.cleaned_data
        if data.get("may_credit") and not (data.get("credit") or "").strip():
            self.add_error("credit", ValidationError(_("Enter the name to be shown, or untick the box.")))
        return data
