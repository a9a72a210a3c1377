"""What influencers choose for themselves, one small form for each choice."""

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_lazy, ngettext

from bulletins.reader_view.easy_language_choice import easy_field
from campaigns.models import Campaign
from delivery.models import MailChoice
from lib.form_choices import offer_choices
from lib.text.languages import spoken_languages
from lib.text.languages.languages import own_name

from .preferences import Choices

FOR_NOW = ""
DAYS = (7, 14, 30, 90)
BOX = {"class": "input"}


def _days(number: int) -> str:
    return ngettext("%(days)d day", "%(days)d days", number) % {"days": number}


days = lazy(_days, str)  # "7 days" in the reader's language, when it is shown


class OneOfSeveral(forms.Form):
    """A form that stands on a page with others: its fields' ids carry its own name, as their names may be alike."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{type(self).__name__.lower()}_%s", **kwargs)


class LanguageForm(OneOfSeveral):
    """The language of mail and pages."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language of mail and pages"),
        widget=forms.Select(attrs=BOX),
        error_messages={"invalid_choice": gettext_lazy("That language is not offered. Choose one from the list.")},
    )
    easy = easy_field()

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spoken = spoken_languages.codes()
        codes = [row.code for row in campaign.languages.all() if row.code in spoken]
        offer_choices(self, "language", [(code, own_name(code).capitalize()) for code in codes])


class CallForm(OneOfSeveral):
    """The number on which somebody may be called about what is urgent."""

    number = forms.CharField(
        label=gettext_lazy("Telephone number"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={**BOX, "type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    at_night = forms.BooleanField(label=gettext_lazy("At night too, when life is at stake"), required=False)


class PaceForm(OneOfSeveral):
    """How often mail comes."""

    pace = forms.ChoiceField(
        label=gettext_lazy("How often you get email"),
        choices=MailChoice.Pace.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("That is not one of the choices. Choose one from the list.")},
    )


class BreakForm(OneOfSeveral):
    """A break from all but urgent mail."""

    days = forms.TypedChoiceField(
        label=gettext_lazy("A break from email"),
        widget=forms.Select(attrs=BOX),
        coerce=int,
        choices=[(0, gettext_lazy("No break")), *((number, days(number)) for number in DAYS)],
        error_messages={"invalid_choice": gettext_lazy("That is not one of the choices. Choose one from the list.")},
    )


class SnoozeForm(OneOfSeveral):
    """One topic that rests, and for how long."""

    topic = forms.TypedChoiceField(
        label=gettext_lazy("Topic"),
        widget=forms.Select(attrs=BOX),
        coerce=int,
        error_messages={
            "invalid_choice": gettext_lazy("That is not one of this campaign's topics. Choose one from the list.")
        },
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("For how long"),
        widget=forms.Select(attrs=BOX),
        coerce=int,
        required=False,
        empty_value=None,
        choices=[*((number, days(number)) for number in DAYS), (FOR_NOW, gettext_lazy("until further notice"))],
        error_messages={"invalid_choice": gettext_lazy("That is not one of the choices. Choose one from the list.")},
    )

    def __init__(self, chosen: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "topic", [(topic.pk, str(topic)) for topic in chosen.topics])


class LeaveForm(forms.Form):
    """Leaving, and whether what is known is forgotten at once."""

    how = forms.ChoiceField(
        label=gettext_lazy("How do you want to leave?"),
        widget=forms.RadioSelect,
        choices=[
            ("leave", gettext_lazy("Leave: nothing more by any channel, and no portal. You can come back.")),
            ("erase", gettext_lazy("Leave and have everything about me deleted, immediately and permanently.")),
        ],
        error_messages={"required": gettext_lazy("Choose one of the two.")},
    )
    sure = forms.BooleanField(label=gettext_lazy("I am sure"), required=False)

    def clean(self) -> dict[str, Any]:
        """Ask once more before everything is deleted: leaving alone can be undone."""
        if self.cleaned_data.get("how") == "erase" and not self.cleaned_data.get("sure"):
            self.add_error("sure", gettext("Tick this too, so that nothing is deleted by accident. You have not left."))
        return self.cleaned_data
