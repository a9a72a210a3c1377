"""The form that takes in a claim as it was seen: the same for everyone, the portal and the desk."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy

from campaigns.models import Campaign
from factcheck.models import Sighting
from lib.form_choices import offer_choices
from lib.images.picture_inputs import PictureInput
from lib.text.languages.languages import own_name

from . import claim_reports, screenshots

# Languages that claims are seen in, after the campaign's own.
OTHER_LANGUAGES = ("fi", "sv", "en", "et", "ru", "uk", "ar", "fa", "so", "tr", "es", "fr", "de", "pl", "vi", "th")
OWN_NAMES = {"so": "Soomaali"}


class CleanedField(forms.CharField):
    """A text without what does not show, its length as readers count it."""

    def to_python(self, value: Any) -> str:
        """Return the text, tidied unless it is far too long anyway."""
        text = super().to_python(value) or ""
        return text if self.max_length and len(text) > 10 * self.max_length else claim_reports.cleaned(text)


class Day(forms.DateInput):
    """A day as browsers ask for it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ReportForm(forms.Form):
    """
    A claim as it was seen, and where. `cleaned_report()` is what `intake.report` takes besides who and when.

    `website` is a trap: people don't see it, machines fill it in. `token` names this sending, so that one that is
    pressed twice is stored once.
    """

    text = CleanedField(
        label=gettext_lazy("The claim"),
        max_length=claim_reports.MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Word for word, as you saw or heard it. One claim at a time."),
        error_messages={"required": gettext_lazy("The claim is missing. Write it as you saw or heard it.")},
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the claim"))
    platform = forms.ChoiceField(
        label=gettext_lazy("Where was it seen?"),
        choices=[("", gettext_lazy("Choose")), *Sighting.Platform.choices],
        error_messages={"required": gettext_lazy("Choose where the claim was seen.")},
    )
    channel = CleanedField(
        label=gettext_lazy("Group, account or site"),
        max_length=claim_reports.MOST_CHANNEL,
        required=False,
        help_text=gettext_lazy("Its name, if it is public. Please don't name private individuals."),
    )
    url = CleanedField(
        label=gettext_lazy("Link"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("The address of the post or page, for example https://www.example.org/page."),
    )
    seen_on = forms.DateField(
        label=gettext_lazy("When was it seen?"),
        widget=Day,
        error_messages={
            "required": gettext_lazy("Enter the day on which it was seen."),
            "invalid": gettext_lazy("Enter the day, for example 2021-03-26."),
        },
    )
    reach = forms.IntegerField(
        label=gettext_lazy("How many people has it reached?"),
        required=False,
        min_value=0,
        max_value=claim_reports.MOST_REACH,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=gettext_lazy("Views or members, if the platform shows them."),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"),
            gettext_lazy("Enter the reach as a number of people, or leave it empty."),
        ),
    )
    note = CleanedField(
        label=gettext_lazy("Is there anything else we should know?"),
        max_length=claim_reports.MOST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Only fact-checkers read it. Don't say who you are."),
    )
    screenshot = forms.FileField(
        label=gettext_lazy("Screenshot"),
        required=False,
        widget=PictureInput(megabytes=10),
        help_text=gettext_lazy(
            "PNG, JPEG or WebP, at most 10 MB. Only fact-checkers see it; where and when it was taken "
            "is removed from the file."
        ),
        error_messages={"empty": gettext_lazy("The file is empty. Choose another one.")},
    )
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}))
    token = forms.RegexField(r"^[0-9a-f]{32}\Z", required=False, widget=forms.HiddenInput)

    def __init__(self, campaign: Campaign, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        self.campaign = campaign
        self.today = campaign.local(kwargs.pop("at", None) or timezone.now()).date()
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(data, files, **kwargs)
        own = [row.code for row in campaign.languages.all()] or [campaign.default_language]
        codes = [*own, *(code for code in OTHER_LANGUAGES if code not in own)]
        offer_choices(self, "language", [(code, OWN_NAMES.get(code) or own_name(code)) for code in codes])
        reading = get_language() or ""
        self.initial.setdefault("language", reading if reading in own else campaign.default_language)
        self.initial.setdefault("seen_on", self.today)
        self.initial.setdefault("token", uuid4().hex)
        self.fields["seen_on"].widget.attrs |= {
            "max": self.today.isoformat(),
            "min": (self.today - claim_reports.OLDEST).isoformat(),
        }
        for name, field in self.fields.items():
            if name != "token":
                field.widget.attrs["class"] = "input box"  # the site's look, and the desk's
            # Browsers would cut off without a word what is pasted; the form says how much is too much instead.
            field.widget.attrs.pop("maxlength", None)

    @property
    def is_trap_sprung(self) -> bool:
        """Return whether the field was filled in that people don't see."""
        return bool(self.data.get("website"))

    def clean_text(self) -> str:
        """Refuse what has no words."""
        return self.checked(claim_reports.checked_text, self.cleaned_data["text"])

    def clean_url(self) -> str:
        """Refuse what is no web address; one without https:// is given it."""
        address = self.cleaned_data["url"]
        if address and "://" not in address and not address.lower().startswith(("javascript:", "data:", "mailto:")):
            address = f"https://{address}"
        return self.checked(claim_reports.checked_url, address)

    def clean_seen_on(self) -> date:
        """Refuse days to come, and slips of the pen."""
        day = self.cleaned_data["seen_on"]
        self.checked(claim_reports.check_day, day, today=self.today)
        return day

    def clean_screenshot(self) -> Any:
        """Refuse what is too large before anything reads it."""
        upload = self.cleaned_data["screenshot"]
        if upload and upload.size > screenshots.LARGEST:
            raise ValidationError(screenshots.too_large())
        return upload

    def checked(self, check: Any, *about: Any, **more: Any) -> Any:
        """Return what a check of the intake returns, its refusal as an error of the field."""
        try:
            return check(*about, **more)
        except claim_reports.NotReportable as refusal:
            raise ValidationError(str(refusal)) from refusal

    def refuse(self, refusal: claim_reports.NotReportable) -> None:
        """Show a refusal of the intake at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))

    def cleaned_sighting(self) -> dict[str, Any]:
        """Return what `intake.see_again` takes besides who and when."""
        names = ("language", "platform", "seen_on", "channel", "url", "reach", "note")
        return {name: self.cleaned_data[name] for name in names} | {
            "screenshot": self.cleaned_data["screenshot"] or None
        }

    def cleaned_report(self) -> dict[str, Any]:
        """Return what `intake.report` takes besides who and when."""
        return self.cleaned_sighting() | {"text": self.cleaned_data["text"], "token": self.cleaned_data["token"]}


class FileForm(forms.Form):
    """A CSV file of claims."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv", "class": "box"}),
        error_messages={
            "required": gettext_lazy("Choose a file first."),
            "empty": gettext_lazy("The file is empty. Choose another one."),
        },
    )
