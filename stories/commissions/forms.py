"""The forms of commissions: the brief, a payment, and what creators send."""

from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign
from lib.images import uploaded_images
from lib.images.picture_inputs import PictureInput
from lib.text.characters import visible_text
from lib.text.dates import validity_phrases
from lib.text.languages.languages import language_heading
from lib.text.numbers.money import money, read_amount
from lib.web_address_fields import WebAddressField
from stories.models import Commission, Currency
from stories.ways_to_help.offer_form import DayInput

from .drafts import MOST_BYTES, MOST_FILES, DrawnFile, drawn

LONGEST = {"title": 120, "what": 3000, "formats": 300, "rights_text": 600}  # characters
TEXTS = {
    "title": gettext_lazy("Title"),
    "what": gettext_lazy("What is wanted"),
    "formats": gettext_lazy("Formats"),
    "rights_text": gettext_lazy("Further on rights"),
}
REQUIRED = ("title", "what")
RIGHTS = ("use", "term", "term_from", "territory", "may_adapt")


class AmountField(forms.Field):
    """An amount of money as people write it; its value is a Decimal."""

    def __init__(self, **options: Any) -> None:
        box = {"inputmode": "decimal", "autocomplete": "off", "maxlength": 14}
        super().__init__(widget=forms.TextInput(box), **options)

    def to_python(self, value: Any) -> Any:
        """Return the amount, None for an empty box. Refuse what is no amount."""
        if value in self.empty_values or not str(value).strip():
            return None
        try:
            return read_amount(str(value))
        except ValueError as fault:
            raise forms.ValidationError(_("Write the amount in digits, for example 1800 or 1800.50.")) from fault


def link_field(label: Any, **options: Any) -> forms.URLField:
    """Return a box for a web address."""
    return WebAddressField(label=label, required=False, **options)


def give_boxes(form: forms.BaseForm) -> None:
    """Have what is typed or chosen in look as elsewhere, at the desk and on the site."""
    for field in form.fields.values():
        if not isinstance(field.widget, forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.FileInput):
            field.widget.attrs["class"] = "input"


class BriefForm(forms.Form):
    """A brief that is being written. `read` is the revision that it was started from, empty for a new one."""

    read = forms.IntegerField(required=False, widget=forms.HiddenInput)
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages of the work"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None for a work without words."),
    )
    fee = AmountField(
        label=gettext_lazy("Fee without VAT"),
        help_text=gettext_lazy("More than nothing: unpaid work is never called a commission."),
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), choices=Currency.choices)
    kill_fee = AmountField(
        label=gettext_lazy("If we cancel, we pay"),
        required=False,
        help_text=gettext_lazy("Without VAT, from when both have signed. Empty for nothing."),
    )
    pay_days = forms.IntegerField(
        label=gettext_lazy("Paid within days of acceptance"), min_value=1, max_value=60, initial=14
    )
    rounds = forms.IntegerField(label=gettext_lazy("Rounds of feedback included"), min_value=0, max_value=9, initial=2)
    use = forms.ChoiceField(
        label=gettext_lazy("Where we may use it"),
        choices=Commission.Use.choices,
        help_text=gettext_lazy("Ask for no more than you need. Wider rights are worth a higher fee."),
    )
    term = forms.ChoiceField(
        label=gettext_lazy("How long"),
        choices=Commission.Term.choices,
        help_text=gettext_lazy(
            "When the time is over the work goes off this site by itself: at the end of its last day, or when the campaign is closed."
        ),
    )
    term_from = forms.ChoiceField(
        label=gettext_lazy("A year, or five, counted from"), choices=Commission.TermFrom.choices
    )
    territory = forms.ChoiceField(
        label=gettext_lazy("Where in the world"),
        choices=Commission.Territory.choices,
        help_text=gettext_lazy("This site is read everywhere."),
    )
    may_adapt = forms.BooleanField(
        label=gettext_lazy("We may adapt it"),
        required=False,
        help_text=gettext_lazy("For example crop it, or translate what is written in it."),
    )
    is_open = forms.BooleanField(
        label=gettext_lazy("Any creator can apply"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Otherwise only those whom you ask."),
    )
    last_day_to_apply = forms.DateField(label=gettext_lazy("Last day to apply"), required=False, widget=DayInput)
    deadline_day = forms.DateField(label=gettext_lazy("Deadline of the first draft"), widget=DayInput)

    def __init__(
        self, campaign: Campaign, data: Any = None, *, at: datetime, commission: Commission | None = None
    ) -> None:
        self.campaign, self.at, self.codes = campaign, at, campaign.language_codes()
        new = {name: getattr(Commission(), name) for name in RIGHTS}
        initial = initial_of(commission, self.codes) if commission else new
        super().__init__(data, initial=initial)
        for name, label in TEXTS.items():
            for code in self.codes:
                box = {"lang": code}
                self.fields[f"{name}_{code}"] = forms.CharField(
                    label=f"{label}, {language_heading(code)}",
                    required=False,
                    max_length=LONGEST[name],
                    widget=forms.Textarea(box | {"rows": 5}) if name == "what" else forms.TextInput(box),
                )
        fields: Any = self.fields
        fields["languages"].choices = [(code, language_heading(code)) for code in self.codes]

    def texts(self, name: str) -> Iterator[forms.BoundField]:
        """Yield the boxes of a text, one for each language."""
        for code in self.codes:
            yield self[f"{name}_{code}"]

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The boxes in groups, each with its heading."""
        every = {name: list(self.texts(name)) for name in TEXTS}
        money_boxes = ("fee", "currency", "kill_fee", "pay_days")
        return [
            (_("The work"), [*every["title"], *every["what"], *every["formats"], self["languages"]]),
            (_("Money"), [self[name] for name in money_boxes]),
            (_("Rights"), [*(self[name] for name in RIGHTS), *every["rights_text"]]),
            (
                _("Creators and time"),
                [self[name] for name in ("is_open", "last_day_to_apply", "deadline_day", "rounds")],
            ),
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse no fee, a cancellation fee above it, days that are over or in the wrong order, and words in no language."""
        told = super().clean() or {}
        fee, kill = told.get("fee"), told.get("kill_fee")
        if fee is not None and fee <= 0:
            self.add_error("fee", _("A commission is paid work: the fee is more than nothing."))
        elif fee is not None and kill is not None and kill > fee:
            self.add_error("kill_fee", _("The cancellation fee is at most the fee."))
        self.check_days(told)
        for name in REQUIRED:
            box = f"{name}_{self.campaign.default_language}"
            if box in self.fields and box not in self.errors and not self.words(name):
                self.add_error(box, _("Write it in at least one language."))
        return told

    def check_days(self, told: dict[str, Any]) -> None:
        """Refuse days that are over or in the wrong order."""
        today = self.campaign.local(self.at).date()
        first, last = told.get("last_day_to_apply"), told.get("deadline_day")
        for name, day in (("last_day_to_apply", first), ("deadline_day", last)):
            if day and day < today:
                self.add_error(name, _("This day is over. Choose today or a later day."))
        if first and last and last < first:
            self.add_error("last_day_to_apply", _("The last day to apply is after the deadline."))

    def words(self, name: str) -> dict[str, str]:
        """Return a text in each language that it is written in, without what turns or hides letters."""
        written_in = {
            code: str(self.cleaned_data.get(f"{name}_{code}", "")).translate(visible_text.TURNING)
            for code in self.codes
        }
        return {code: text for code, words in written_in.items() if (text := visible_text.seen(words))}

    def content(self) -> dict[str, Any]:
        """Return what was written, as briefs takes it."""
        told = self.cleaned_data
        plain = (
            "languages",
            "fee",
            "currency",
            "pay_days",
            "rounds",
            *RIGHTS,
            "is_open",
        )
        return {
            **{name: self.words(name) for name in TEXTS},
            **{name: told[name] for name in plain},
            "kill_fee": told["kill_fee"] or Decimal(0),
            "apply_until": self.end_of(told["last_day_to_apply"]) if told["last_day_to_apply"] else None,
            "deadline": self.end_of(told["deadline_day"]),
        }

    def end_of(self, day: Any) -> datetime:
        """Return the last minute of a day in the campaign's zone."""
        return validity_phrases.end_of(day, self.campaign.zone)


def initial_of(commission: Commission, codes: Collection[str]) -> dict[str, Any]:
    """Return what the form shows of a brief; `codes` are the campaign's languages."""
    names = ("languages", "currency", "pay_days", "rounds", *RIGHTS, "is_open")
    values: dict[str, Any] = {name: getattr(commission, name) for name in names}
    values |= {f"{name}_{code}": getattr(commission, name).get(code, "") for name in TEXTS for code in codes}
    local = commission.campaign.local
    return values | {
        "read": commission.revision,
        "fee": plain_amount(commission.fee),
        "kill_fee": plain_amount(commission.kill_fee) if commission.kill_fee else "",
        "last_day_to_apply": local(commission.apply_until).date() if commission.apply_until else None,
        "deadline_day": local(commission.deadline).date(),
    }


def plain_amount(amount: Decimal) -> str:
    """Return an amount as a box holds it, which reads it again in every language."""
    return f"{amount:.2f}"


class PaymentForm(forms.Form):
    """A payment that was made elsewhere."""

    amount = AmountField(label=gettext_lazy("Amount without VAT"))
    reference = forms.CharField(
        label=gettext_lazy("Payment reference"),
        max_length=60,
        help_text=gettext_lazy("What the books or the bank name the payment by. It names one payment."),
    )
    paid_on = forms.DateField(label=gettext_lazy("Paid on"), widget=DayInput)

    def __init__(self, commission: Commission, data: Any = None, *, at: datetime) -> None:
        today = commission.campaign.local(at).date()
        super().__init__(data, initial={"amount": plain_amount(commission.left), "paid_on": today})
        left = money(commission.left, commission.currency)
        self.fields["amount"].help_text = _("%(left)s is left to pay.") % {"left": left}


class InviteForm(forms.Form):
    """Who is invited to do paid work."""

    email = forms.EmailField(
        label=gettext_lazy("Email"), max_length=254, widget=forms.EmailInput({"autocomplete": "off"})
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=150, widget=forms.TextInput({"autocomplete": "off"}))
    language = forms.ChoiceField(label=gettext_lazy("Language"))

    def __init__(self, campaign: Campaign, data: Any = None) -> None:
        super().__init__(data, initial={"language": campaign.default_language})
        fields: Any = self.fields
        fields["language"].choices = [(code, language_heading(code)) for code in campaign.language_codes()]


class ApplyForm(forms.Form):
    """An application: a sentence and a link. Nobody is asked for followers."""

    sentence = forms.CharField(
        label=gettext_lazy("In one sentence: how would you do it?"), max_length=300, widget=forms.Textarea({"rows": 3})
    )
    link = link_field(gettext_lazy("A link to earlier work"))


class SignForm(forms.Form):
    """How a creator is named, which becomes part of what they sign."""

    credit = forms.CharField(
        label=gettext_lazy("Name to be shown with the work"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("Leave it empty if you don’t want to be named."),
    )
    in_ledger = forms.BooleanField(
        label=gettext_lazy("This name may stand beside the fee if the campaign shows what it pays"), required=False
    )
    agrees = forms.BooleanField(label=gettext_lazy("I have read the agreement and sign it"))


class AgreeForm(forms.Form):
    """That a creator has read for how much longer their work may be used, and agrees."""

    agrees = forms.BooleanField(label=gettext_lazy("I have read this and agree to it"))


class DraftForm(forms.Form):
    """A draft: a few pictures with their alt texts, or a link."""

    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )
    link = link_field(
        gettext_lazy("Link"),
        help_text=gettext_lazy("For video, sound and what has another format than PNG, JPEG or WebP."),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.drawn: list[DrawnFile] = []
        for number in range(1, MOST_FILES + 1):
            self.fields[f"file_{number}"] = forms.FileField(
                label=_("Picture %(number)d") % {"number": number},
                required=False,
                widget=PictureInput(megabytes=MOST_BYTES // 1_000_000),
            )
            self.fields[f"alt_{number}"] = forms.CharField(
                label=_("What picture %(number)d shows, for those who don’t see it") % {"number": number},
                required=False,
                max_length=300,
            )

    @property
    def pictures(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The boxes of the pictures, each with that of its alt text."""
        return [(self[f"file_{number}"], self[f"alt_{number}"]) for number in range(1, MOST_FILES + 1)]

    def clean(self) -> dict[str, Any]:
        """Draw the pictures anew, and refuse what is none, is too large, or has no alt text: all that is wrong at once."""
        told = super().clean() or {}
        for number in range(1, MOST_FILES + 1):
            file, alt_text = told.get(f"file_{number}"), told.get(f"alt_{number}", "")
            if not file:
                continue
            if not alt_text:
                self.add_error(f"alt_{number}", _("Say what the picture shows."))
            if file.size > MOST_BYTES:
                self.add_error(f"file_{number}", _("This picture has more than 15 MB. Make it smaller."))
                continue
            try:
                self.drawn += drawn([(file.read(), alt_text)])
            except uploaded_images.Unusable as fault:
                self.add_error(f"file_{number}", str(fault))
        return told
