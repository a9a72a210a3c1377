"""What influencers choose for an address of a channel, beside its code."""

from django import forms
from django.utils.translation import gettext_lazy

from delivery.models import Wanted
from delivery.recipients import address_forms

WANTS = {
    Wanted.URGENT: gettext_lazy("What is urgent"),
    Wanted.BULLETINS: gettext_lazy("All other bulletins, instead of by email"),
    Wanted.ANSWERS: gettext_lazy("That there is an answer to me, instead of by email. I read it after logging in."),
    Wanted.REMINDERS: gettext_lazy("That there is a reminder, instead of by email. I read it after logging in."),
}


class WantsForm(forms.Form):
    """What comes by an address."""

    wants = forms.MultipleChoiceField(
        label=gettext_lazy("What comes here"),
        required=False,
        choices=[(name.value, words) for name, words in WANTS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("That is not one of the choices. Choose one from the list.")},
    )


class CodeForm(WantsForm, address_forms.CodeForm):
    """The code that came to an address, and what its person wants by it."""

    field_order = ("code", "wants")
