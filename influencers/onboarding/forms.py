"""The forms of joining."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext, gettext_lazy

from accounts.login import login_links
from campaigns.models import Campaign
from delivery.models import MailChoice
from influencers.code_of_ethics import signatures
from influencers.code_of_ethics.forms import PointsForm
from influencers.models import CodeOfEthics
from influencers.profiles import form_options
from influencers.profiles.forms import ProfileForm
from lib.address_fields import AddressField


class JoinForm(ProfileForm, PointsForm):
    """
    What someone fills in to join. `answers()` is what applications and enrolment take. Of `website`, people
    see nothing; whoever fills it in is asked to empty it.
    """

    email = AddressField(
        label=gettext_lazy("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}),
        help_text=gettext_lazy("We will send a code there, so that we know it is yours."),
        error_messages={
            "required": gettext_lazy("Enter your email address."),
            "invalid": gettext_lazy("Enter the address like name@example.org."),
        },
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of bulletins and emails"),
        error_messages={"required": gettext_lazy("Choose the language you read best.")},
    )
    pace = forms.ChoiceField(
        label=gettext_lazy("How often should we write?"),
        help_text=gettext_lazy("Urgent bulletins come at once, also at night."),
        choices=MailChoice.Pace.choices,
        initial=MailChoice.Pace.EACH,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("That is not one of the choices. Choose one from the list.")},
    )
    bulletins = forms.BooleanField(
        label=form_options.BULLETINS_CONSENT,
        error_messages={
            "required": gettext_lazy("Bulletins are sent by email, so to join you have to agree to receive them.")
        },
    )
    open_tracking = forms.BooleanField(label=form_options.OPENS_CONSENT, required=False)
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}))

    def __init__(self, campaign: Campaign, text: CodeOfEthics | None, data: Any = None, **kwargs: Any) -> None:
        super().__init__(campaign, text, data, **kwargs)
        own = self.own_languages
        self.is_known = bool(self.initial.get("email"))
        reading = get_language() or ""
        self.initial.setdefault("language", reading if reading in own else campaign.default_language)
        if self.initial.get("email"):  # of someone who was invited, or is logged in
            self.fields["email"].help_text = gettext(
                "We know that it is yours. If you change it, we will send a code there first."
            )
        self.choose("language", [(code, self.language_names[code]) for code in own])
        points = [f"point_{number}" for number in range(1, len(self.points) + 1)]
        self.in_order("text", "email", "name", "language", last=points)

    # --- Checking

    def clean_email(self) -> str:
        """Return the address in lower case."""
        address: str = self.cleaned_data["email"]
        return address.lower()

    def clean_website(self) -> str:
        """Refuse what only machines fill in, in words for a person whose browser did."""
        if self.cleaned_data["website"]:
            raise ValidationError(gettext("Leave this field empty. It catches automatic senders."))
        return ""

    def answers(self, *, at: datetime, invitation: int | None = None) -> dict[str, Any]:
        """Return what was filled in as plain data."""
        assert self.code_of_ethics is not None
        return self.profile_values(language=self.cleaned_data["language"]) | {
            "signature": {
                "text": self.code_of_ethics.pk,
                "sha256": signatures.fingerprint(self.code_of_ethics),
                "points": self.points,
            },
            "open_tracking": self.cleaned_data["open_tracking"],
            "pace": self.cleaned_data["pace"],
            "consent_text": form_options.CONSENT_TEXT,
            "read_in": get_language() or "",
            "given_at": at.isoformat(),
            "invitation": invitation,
        }


class CodeForm(forms.Form):
    """The code from the mail."""

    code = forms.CharField(
        label=gettext_lazy("Code from the email"),
        max_length=login_links.LONGEST,
        widget=forms.TextInput(
            attrs={
                "class": "input code",
                "inputmode": "numeric",
                "autocapitalize": "none",
                "autocomplete": "one-time-code",
                "spellcheck": "false",
            }
        ),
        error_messages={
            "required": gettext_lazy("Enter the code from the email: six digits."),
            "max_length": gettext_lazy("This is too long for a code: it has six digits."),
        },
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, use_required_attribute=False, **kwargs)
        self.fields["code"].widget.attrs.pop("maxlength", None)
