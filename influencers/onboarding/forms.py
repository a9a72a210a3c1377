"""The forms of joining, and of signing the code of ethics."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext, gettext_lazy

from accounts.address_fields import AddressField
from campaigns.models import Campaign
from influencers.models import PledgeText
from influencers.pledge import signatures
from influencers.profiles.forms import AboutForm

from . import form_options


class PointsForm(forms.Form):
    """
    The code of ethics with a tick for each of its points. `text` names the text that was read: when it has changed since,
    nothing is signed.
    """

    def __init__(self, text: PledgeText | None, data: Any = None, **kwargs: Any) -> None:
        self.pledge_text = text
        self.points = signatures.points_of(text) if text else []
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(data, **kwargs)
        version = signatures.fingerprint(text) if text else ""
        self.fields["text"] = forms.CharField(widget=forms.HiddenInput, initial=version, required=False)
        for number, point in enumerate(self.points, start=1):
            self.fields[f"point_{number}"] = forms.BooleanField(
                label=point, error_messages={"required": gettext_lazy("Tick this point too, if you agree.")}
            )
        self.is_stale = self.is_bound and bool(text) and self.data.get("text") != version
        if self.is_stale:
            # The ticks were for other words, so they are not shown again under the new ones.
            typed: Any = self.data.copy()  # type: ignore[attr-defined]
            for name in [name for name in typed if name.startswith("point_")]:
                del typed[name]
            typed["text"] = version
            self.data = typed

    @property
    def ticks(self) -> list[forms.BoundField]:
        """The ticks, in the order of the points."""
        return [self[f"point_{number}"] for number in range(1, len(self.points) + 1)]

    def clean(self) -> None:
        """Refuse ticks for a text that has changed since."""
        if self.is_stale:
            self.add_error(
                None,
                gettext(
                    "The code of ethics has changed since you opened this page. Read it again and tick each point."
                ),
            )


class JoinForm(AboutForm, PointsForm):
    """
    What someone fills in to join. `answers()` is what joining.applying and joining.enrolling take. Of `website`, people
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
    bulletins = forms.BooleanField(
        label=form_options.BULLETINS_CONSENT,
        error_messages={
            "required": gettext_lazy("Bulletins are sent by email, so to join you have to agree to receive them.")
        },
    )
    open_tracking = forms.BooleanField(label=form_options.OPENS_CONSENT, required=False)
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}))

    def __init__(self, campaign: Campaign, text: PledgeText | None, data: Any = None, **kwargs: Any) -> None:
        super().__init__(campaign, text, data, **kwargs)
        own = self.own_languages
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
        assert self.pledge_text is not None
        return self.told(language=self.cleaned_data["language"]) | {
            "pledge": {
                "text": self.pledge_text.pk,
                "sha256": signatures.fingerprint(self.pledge_text),
                "points": self.points,
            },
            "open_tracking": self.cleaned_data["open_tracking"],
            "consent_text": form_options.CONSENT_TEXT,
            "read_in": get_language() or "",
            "given_at": at.isoformat(),
            "invitation": invitation,
        }


class CodeForm(forms.Form):
    """The code from the mail."""

    code = forms.CharField(
        label=gettext_lazy("Code from the email"),
        max_length=64,
        widget=forms.TextInput(
            attrs={
                "class": "input code",
                "autocapitalize": "characters",
                "autocomplete": "one-time-code",
                "spellcheck": "false",
            }
        ),
        error_messages={
            "required": gettext_lazy("Enter the code from the email: eight letters."),
            "max_length": gettext_lazy("This is too long for a code: it has eight letters."),
        },
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, use_required_attribute=False, **kwargs)
        self.fields["code"].widget.attrs.pop("maxlength", None)
