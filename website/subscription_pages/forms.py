"""The forms of subscribers: to subscribe, and to change what they get."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from bulletins.intake.forms import dress
from bulletins.models.cadences import wall_clock
from bulletins.reader_view.easy_language_choice import easy_field
from campaigns.models import Campaign, Topic
from campaigns.translated_fields import in_language
from delivery.message import addresses
from delivery.models import Audience, Subscription
from delivery.subscriptions.subscription_choices import LONGEST_PAUSE
from lib.form_choices import offer_choices
from lib.mail_address_fields import AddressField
from lib.text.languages.languages import own_name

from . import options
from .options import Offer

ON_A_DAY = "day"
# Mail can have more than these in an address; then it is a trick far more often than someone's name.
UNWANTED = set('"%\\()<>[]:;, \t\r\n\0\u2028\u2029')


class ReaderAddressField(AddressField):
    """An address that digests can go to, in lower case, its domain in ASCII: however it is spelled, it is one address."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false", "inputmode": "email"}
        invalid = gettext_lazy("Enter the address like name@example.org.")
        errors = {"required": gettext_lazy("Enter your email address."), "invalid": invalid, "max_length": invalid}
        super().__init__(max_length=254, widget=forms.EmailInput(attrs=attrs), error_messages=errors, **kwargs)
        self.widget.attrs.pop("maxlength", None)  # it would cut a long one off without a word

    def clean(self, value: Any) -> str:
        """Return the address."""
        address: str = super().clean(value).lower()
        try:
            if UNWANTED & set(address):
                raise addresses.Unaddressable
            wire, _needs_smtputf8 = addresses.wire_address(address)
        except addresses.Unaddressable as fault:
            raise ValidationError(self.error_messages["invalid"], "invalid") from fault
        self.run_validators(wire)
        return wire


def language_field(campaign: Campaign) -> forms.ChoiceField:
    """Return the field of a campaign's languages, each by its own name; one query."""
    codes = [row.code for row in campaign.languages.all()] or [campaign.default_language]
    return forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[(code, own_name(code).capitalize()) for code in codes],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose one of these languages.")),
    )


def cadence_field(offers: Sequence[Offer]) -> forms.ChoiceField:
    """Return the field of how often the digest comes."""
    return forms.ChoiceField(
        label=gettext_lazy("How often"),
        choices=[(offer.audience.slug, offer.how_often) for offer in offers],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose how often you want it.")),
    )


def topics_field(topics: Iterable[Topic]) -> forms.MultipleChoiceField:
    """Return the field of topics."""
    return forms.MultipleChoiceField(
        label=gettext_lazy("Topics"),
        help_text=gettext_lazy("Choose none to get everything."),
        choices=[(str(topic.pk), in_language(topic.name)) for topic in topics],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose from these topics.")},
    )


class ChoicesForm(forms.Form):
    """A form whose choices are the campaign's."""

    offers: Sequence[Offer] = ()

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, use_required_attribute=False, **kwargs)

    @property
    def cadences(self) -> list[tuple[Any, Offer]]:
        """How often it can come: what to tick, with the offer."""
        return list(zip(self["cadence"], self.offers, strict=True))

    @property
    def offer(self) -> Offer:
        """The offer that was chosen."""
        return next(one for one in self.offers if one.audience.slug == self.cleaned_data["cadence"])

    def topic_keys(self) -> list[int]:
        """Return the keys of the topics that were chosen."""
        return [int(key) for key in self.cleaned_data["topics"]]


class SubscribeForm(ChoicesForm):
    """What someone fills in to get the digest. Nothing that they agree to is ticked for them."""

    email = ReaderAddressField(label=gettext_lazy("Email address"))
    consent = forms.BooleanField(
        label=options.CONSENT,
        error_messages={"required": gettext_lazy("The digest is sent by email, so you have to agree to receive it.")},
    )

    def __init__(self, campaign: Campaign, data: Any = None, *, at: datetime) -> None:
        super().__init__(data)
        self.offers = options.offers_of(campaign, at=at)
        chosen = options.usual(self.offers)
        self.fields["language"] = language_field(campaign)
        self.fields["cadence"] = cadence_field(self.offers)
        self.fields["topics"] = topics_field(options.topics_of(campaign, at=at))
        codes = [code for code, _name in self.fields["language"].choices]  # type: ignore[attr-defined]  # any field, to mypy
        page = (get_language() or "").partition("-")[0]
        self.initial = {
            "language": page if page in codes else campaign.default_language,
            "cadence": chosen.audience.slug if chosen else "",
        }
        self.order_fields(["email", "language", "cadence", "topics", "consent"])
        dress(self)
        self.fields["consent"].widget.attrs.pop("class", None)


class PreferencesForm(ChoicesForm):
    """How often the digest comes, if there is a choice; what it tells of, in which language, and whether in easy language."""

    def __init__(
        self, subscription: Subscription, offers: Sequence[Offer], topics: Iterable[Topic], data: Any = None
    ) -> None:
        chosen = [str(key) for key in subscription.topics.topic_ids]
        initial = {
            "cadence": subscription.audience.slug,
            "topics": chosen,
            "language": subscription.language,
            "easy": subscription.prefers_easy,
        }
        super().__init__(data, initial=initial)
        self.subscription, self.offers = subscription, offers
        if offers:
            self.fields["cadence"] = cadence_field(offers)
        self.fields["topics"] = topics_field(topics)
        self.fields["language"] = language_field(subscription.campaign)
        self.fields["easy"] = easy_field()

    @property
    def audience(self) -> Audience:
        """The audience that was chosen; the present one when there is none to choose."""
        return self.offer.audience if self.offers else self.subscription.audience


class PauseForm(forms.Form):
    """For how long no digest shall come: some weeks, or until a day."""

    how_long = forms.ChoiceField(
        label=gettext_lazy("For how long"),
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose for how long.")),
    )
    until = forms.DateField(
        label=gettext_lazy("Resumes on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Not a valid day. Enter it like 2026-12-24.")},
    )

    def __init__(self, campaign: Campaign, data: Any = None, *, at: datetime) -> None:
        super().__init__(data, use_required_attribute=False, initial={"how_long": str(options.PAUSES[0])})
        self.campaign, self.today = campaign, campaign.local(at).date()
        weeks = [(str(n), ngettext("%(n)d week", "%(n)d weeks", n) % {"n": n}) for n in options.PAUSES]
        offer_choices(self, "how_long", [*weeks, (ON_A_DAY, gettext("Until a day"))])
        dress(self)

    def clean(self) -> None:
        """Ask for a day that is to come, within a year, when it is to be a day."""
        day = self.cleaned_data.get("until")
        if self.cleaned_data.get("how_long") != ON_A_DAY or "until" in self.errors:
            return
        if day is None:
            self.add_error("until", gettext("Choose the day on which it resumes."))
        elif not self.today < day <= self.today + LONGEST_PAUSE:
            self.add_error("until", gettext("Choose a future day, within a year."))

    def ends(self) -> datetime:
        """Return when the pause ends: as the day begins in the campaign's zone."""
        chosen: str = self.cleaned_data["how_long"]
        day: date = self.cleaned_data["until"] if chosen == ON_A_DAY else self.today + timedelta(weeks=int(chosen))
        return wall_clock(day, time(0), self.campaign.zone)


class AddressForm(forms.Form):
    """The address that the digest is to go to instead."""

    email = ReaderAddressField(label=gettext_lazy("New email address"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, use_required_attribute=False)
        dress(self)
