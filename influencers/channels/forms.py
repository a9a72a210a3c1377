"""What influencers choose for an address of a channel, beside its code."""

from collections.abc import Collection

from django import forms
from django.utils.translation import gettext_lazy

from delivery.models import Wanted
from delivery.recipients import address_forms

WANTS = {
    Wanted.URGENT: gettext_lazy("What is urgent"),
    Wanted.BULLETINS: gettext_lazy("All other bulletins"),
    Wanted.ANSWERS: gettext_lazy("That there is an answer to me. I read it after logging in."),
    Wanted.REMINDERS: gettext_lazy("That there is a reminder. I read it after logging in."),
}
INSTEAD_OF_MAIL = {
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

    def say_instead_of_mail(self, mailed: Collection[Wanted]) -> None:
        """Word the choices for somebody to whom these come by mail unless they choose otherwise."""
        words = WANTS | {wants: says for wants, says in INSTEAD_OF_MAIL.items() if wants in mailed}
        # A field of choices, which mypy cannot know of a field by its name.
        self.fields["wants"].choices = [(wants.value, says) for wants, says in words.items()]  # type: ignore[attr-defined]


class CodeForm(WantsForm, address_forms.CodeForm):
    """The code that came to an address, and what its person wants by it."""

    field_order = ("code", "wants")
