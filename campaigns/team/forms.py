"""The form by which someone gets roles in a campaign."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import CampaignRole


class GiveForm(forms.Form):
    """Who, by address, and which roles. `campaign` is the one that the page was about, for it may have been changed meanwhile."""

    email = forms.EmailField(
        label=_("Email"),
        max_length=254,
        widget=forms.EmailInput({"class": "box", "autocomplete": "off"}),
        help_text=_("Someone without an account gets one, and logs in with a code by email."),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        required=False,
        widget=forms.TextInput({"class": "box", "autocomplete": "off"}),
        help_text=_("For a new account only."),
    )
    roles = forms.MultipleChoiceField(label=_("Roles"), choices=CampaignRole.ROLES, widget=forms.CheckboxSelectMultiple)
    campaign = forms.IntegerField(widget=forms.HiddenInput)

    def clean_email(self) -> Any:
        """Return the address as accounts have it."""
        return self.cleaned_data["email"].strip().lower()
