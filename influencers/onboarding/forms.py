"""The forms of joining: what is asked first, and what is signed last. All else people add to their profile when they like."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, gettext_lazy

from accounts.login import login_links
from bulletins.models import Platform
from campaigns.models import Campaign
from delivery.models import MailChoice
from influencers.code_of_ethics import signatures
from influencers.code_of_ethics.forms import PointsForm
from influencers.models import CodeOfEthics
from influencers.profiles import form_options, handles
from influencers.profiles.forms import MOST_NAME, LineField
from lib.form_choices import offer_choices
from lib.mail_address_fields import AddressField
from lib.text.languages.languages import own_name


class SigningForm(PointsForm):
    """
    The code of ethics with one tick, the yes to bulletins, and one to another crisis, which nobody needs. `signed()` is what
    enrolment takes of it.
    """

    at_once = True

    bulletins = forms.BooleanField(
        label=form_options.BULLETINS_CONSENT,
        error_messages={
            "required": gettext_lazy("Bulletins are sent by email, so to join you have to agree to receive them.")
        },
    )

    another_crisis = forms.BooleanField(label=form_options.ANOTHER_CONSENT, required=False)

    def clean(self) -> None:
        """Refuse a signature while there is nothing to sign."""
        super().clean()
        if self.code_of_ethics is None:
            self.add_error(None, gettext("You cannot join yet."))

    def signed(self, *, at: datetime) -> dict[str, Any]:
        """Return what was signed and agreed to as plain data."""
        assert self.code_of_ethics is not None
        return {
            "signature": {
                "text": self.code_of_ethics.pk,
                "sha256": signatures.fingerprint(self.code_of_ethics),
                "points": self.points,
            },
            "consent_text": form_options.CONSENT_TEXT,
            "another_crisis": self.cleaned_data["another_crisis"],
            "read_in": get_language() or "",
            "given_at": at.isoformat(),
        }


class JoinForm(forms.Form):
    """
    What someone fills in to join. `answers()` is what applications and enrolment take. Of `website`, people
    see nothing; whoever fills it in is asked to empty it.
    """

    email = AddressField(
        label=gettext_lazy("Email address"),
        max_length=254,
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false", "inputmode": "email"}
        ),
        error_messages={
            "required": gettext_lazy("Enter your email address."),
            "invalid": gettext_lazy("Enter the address like name@example.org."),
        },
    )
    name = LineField(
        label=gettext_lazy("First name, or the name you publish under"),
        max_length=MOST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": gettext_lazy("Enter a name that we can call you.")},
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of bulletins and emails"),
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Choose the language you read best.")
        ),
    )
    platform = forms.ChoiceField(
        label=gettext_lazy("Platform"),
        choices=Platform.choices,
        initial=Platform.INSTAGRAM,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose a platform from the list.")),
    )
    handle = forms.CharField(
        label=gettext_lazy("One account of yours"),
        strip=False,
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false", "placeholder": "@"}
        ),
        help_text=gettext_lazy("@name, or the address of your profile. We don't ask how many follow you."),
        error_messages={"required": gettext_lazy("Enter one account, on any of the platforms.")},
    )
    pace = forms.ChoiceField(
        label=gettext_lazy("How often should we write?"),
        help_text=gettext_lazy("Urgent bulletins come at once, also at night."),
        choices=[(code, capfirst(label)) for code, label in MailChoice.Pace.choices],
        initial=MailChoice.Pace.EACH,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("That is not one of the choices. Choose one from the list.")},
    )
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}))

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        self.campaign = campaign
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        own = [row.code for row in campaign.languages.all()] or [campaign.default_language]
        reading = get_language() or ""
        self.initial.setdefault("language", reading if reading in own else campaign.default_language)
        self.is_known = bool(self.initial.get("email"))  # of someone who was invited, or is logged in
        if self.is_known:
            self.fields["email"].help_text = gettext(
                "We know that it is yours. If you change it, we will send a code there first."
            )
        languages = [(code, form_options.OWN_NAMES.get(code) or own_name(code).capitalize()) for code in own]
        offer_choices(self, "language", languages)
        for field in self.fields.values():
            if isinstance(field.widget, (forms.TextInput, forms.EmailInput, forms.Select)):
                field.widget.attrs["class"] = "input"
            # Browsers would cut off without a word what is pasted; the form says how much is too much instead.
            field.widget.attrs.pop("maxlength", None)

    # --- Checking

    def clean_email(self) -> str:
        """Return the address in lower case."""
        address: str = self.cleaned_data["email"]
        return address.lower()

    def clean_handle(self) -> str:
        """Return the account's name; a profile's address says by itself on which platform it is."""
        typed: str = self.cleaned_data["handle"]
        try:
            platform = handles.platform_of(typed) or self.cleaned_data.get("platform") or Platform.INSTAGRAM
            name = handles.normal(platform, typed)
        except handles.BadHandle as refusal:
            raise ValidationError(str(refusal)) from refusal
        self.cleaned_data["platform"] = platform
        return name

    def clean_website(self) -> str:
        """Refuse what only machines fill in, in words for a person whose browser did."""
        if self.cleaned_data["website"]:
            raise ValidationError(gettext("Leave this field empty. It catches automatic senders."))
        return ""

    def answers(self, *, at: datetime, invitation: int | None = None) -> dict[str, Any]:
        """Return what was filled in as plain data."""
        told = self.cleaned_data
        account = {"platform": told["platform"], "handle": told["handle"], "followers": None}
        return {"name": told["name"], "accounts": [account], "pace": told["pace"], "invitation": invitation}


class KnownJoinForm(JoinForm, SigningForm):
    """The form of those who need no code, as their address is proven: it is signed at once."""

    def __init__(self, campaign: Campaign, text: CodeOfEthics | None, data: Any = None, **kwargs: Any) -> None:
        super().__init__(campaign, text, data, **kwargs)
        self.order_fields(["text", "email", "name", "language", "platform", "handle", "pace"])

    def answers(self, *, at: datetime, invitation: int | None = None) -> dict[str, Any]:
        """Return what was filled in and signed as plain data."""
        return super().answers(at=at, invitation=invitation) | self.signed(at=at)


class CodeForm(SigningForm):
    """The code from the mail, unless the address is proven, and what is signed, unless it was already."""

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

    def __init__(
        self, text: CodeOfEthics | None, data: Any = None, *, is_signed: bool = False, is_proven: bool = False
    ) -> None:
        self.is_signed = is_signed
        super().__init__(None if is_signed else text, data)
        self.fields["code"].widget.attrs.pop("maxlength", None)
        self.fields["code"].required = not is_proven
        if is_signed:
            del self.fields["bulletins"], self.fields["another_crisis"]
        self.order_fields(["code"])

    def clean(self) -> None:
        """Check the signature where one is asked for."""
        if not self.is_signed:
            super().clean()

    def signed(self, *, at: datetime) -> dict[str, Any]:
        """Return what was signed and agreed to here as plain data."""
        return {} if self.is_signed else super().signed(at=at)
