"""The form of a way to help, for the desk and for people of partner organisations. Days are those of the campaign's zone."""

from collections.abc import Collection, Iterator
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign, Region, Topic, language_code
from lib.text.characters import visible_text
from lib.text.dates.validity_phrases import end_of
from lib.text.languages.languages import language_heading
from lib.web_address_fields import WebAddressField
from stories.models import OfferVersion, Partner

from .takes import OFFERED, time_words

LONGEST = {"title": 120, "does": 1500, "place": 200}  # characters
TEXTS = {
    "title": gettext_lazy("Title"),
    "does": gettext_lazy("What one does"),
    "place": gettext_lazy("Place"),
}
MOST_LANGUAGES = 20
OLDEST = 99


class DayInput(forms.DateInput):
    """A day as browsers ask for it."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class OfferForm(forms.Form):
    """A way to help that is being written. `read` names the version that it was started from, "" for a new one."""

    read = forms.CharField(required=False, widget=forms.HiddenInput)
    partner = forms.ModelChoiceField(Partner.objects.none(), label=gettext_lazy("Who is behind it"), empty_label=None)
    minutes = forms.TypedChoiceField(label=gettext_lazy("How long it takes"), coerce=int)
    is_weekly = forms.BooleanField(label=gettext_lazy("Every week"), required=False)
    from_home = forms.BooleanField(label=gettext_lazy("It can be done from home"), required=False)
    region = forms.ModelChoiceField(
        Region.objects.all(), label=gettext_lazy("Region"), required=False, empty_label=gettext_lazy("None")
    )
    from_age = forms.IntegerField(
        label=gettext_lazy("From which age"),
        required=False,
        min_value=1,
        max_value=OLDEST,
        help_text=gettext_lazy("Leave it empty if anyone can."),
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("In which languages one can help"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Leave it empty if the language doesn’t matter."),
    )
    other_languages = forms.CharField(
        label=gettext_lazy("Other languages"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("As codes, with spaces between: ar so ru."),
    )
    url = WebAddressField(label=gettext_lazy("Link to sign up or read more"), required=False)
    topic = forms.ModelChoiceField(
        Topic.objects.none(), label=gettext_lazy("Topic"), required=False, empty_label=gettext_lazy("None")
    )
    first_day = forms.DateField(
        label=gettext_lazy("First day"),
        required=False,
        widget=DayInput,
        help_text=gettext_lazy("Leave it empty if it begins as soon as it is checked."),
    )
    last_day = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=DayInput,
        help_text=gettext_lazy("It disappears by itself after this day."),
    )

    def __init__(
        self, campaign: Campaign, partners: Any, data: Any = None, *, at: datetime, version: OfferVersion | None = None
    ) -> None:
        self.campaign, self.at, self.codes = campaign, at, campaign.language_codes()
        super().__init__(data, initial=initial_of(version, self.codes) if version else None)
        for name, label in TEXTS.items():
            for code in self.codes:
                is_long = name == "does"
                self.fields[f"{name}_{code}"] = forms.CharField(
                    label=f"{label}, {language_heading(code)}",
                    required=False,
                    max_length=LONGEST[name],
                    widget=forms.Textarea(attrs={"rows": 4, "lang": code})
                    if is_long
                    else forms.TextInput(attrs={"lang": code}),
                )
        fields: Any = self.fields
        fields["partner"].queryset = partners
        fields["topic"].queryset = campaign.topics.all()
        fields["minutes"].choices = [(one, time_words(one)) for one in minutes_of(version)]
        fields["languages"].choices = [(code, language_heading(code)) for code in self.codes]
        if version is not None:
            del self.fields["partner"]
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
                field.widget.attrs["class"] = "input"

    def texts(self, name: str) -> Iterator[forms.BoundField]:
        """Yield the boxes of a text, one for each language."""
        for code in self.codes:
            yield self[f"{name}_{code}"]

    @property
    def titles(self) -> list[forms.BoundField]:
        """The boxes of the title."""
        return list(self.texts("title"))

    @property
    def doings(self) -> list[forms.BoundField]:
        """The boxes of what one does."""
        return list(self.texts("does"))

    @property
    def places(self) -> list[forms.BoundField]:
        """The boxes of the place."""
        return list(self.texts("place"))

    def clean_other_languages(self) -> list[str]:
        """Return the codes of other languages."""
        codes = self.cleaned_data["other_languages"].replace(",", " ").split()
        for code in codes:
            language_code(code)
        return [str(code) for code in codes[:MOST_LANGUAGES]]

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning, an end that is over, and words in no language."""
        told = super().clean() or {}
        first, last = told.get("first_day"), told.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day is before the first day."))
        elif last and last < self.campaign.local(self.at).date():
            self.add_error("last_day", _("This day is over. Choose today or a later day."))
        for name in ("title", "does"):
            box = f"{name}_{self.campaign.default_language}"
            if box in self.fields and box not in self.errors and not self.words(name):
                self.add_error(box, _("Write it in at least one language."))
        return told

    def words(self, name: str) -> dict[str, str]:
        """Return a text in each language that it is written in, without what turns or hides letters."""
        written = {
            code: str(self.cleaned_data.get(f"{name}_{code}", "")).translate(visible_text.TURNING)
            for code in self.codes
        }
        return {code: text for code, words in written.items() if (text := visible_text.seen(words))}

    def content(self) -> dict[str, Any]:
        """Return what was written, as offer_steps takes it."""
        told, zone = self.cleaned_data, self.campaign.zone
        first = told["first_day"]
        return {
            **{name: self.words(name) for name in TEXTS},
            **{
                name: told[name] for name in ("region", "from_home", "from_age", "minutes", "is_weekly", "url", "topic")
            },
            "languages": list(dict.fromkeys([*told["languages"], *told["other_languages"]])),
            "valid_from": datetime.combine(first, time(0), tzinfo=zone) if first else None,
            "valid_until": end_of(told["last_day"], zone),
        }


def minutes_of(version: OfferVersion | None) -> list[int]:
    """Return how long something may take, with what a version says already."""
    return sorted({*OFFERED, *([version.minutes] if version else [])})


def initial_of(version: OfferVersion, codes: Collection[str]) -> dict[str, Any]:
    """Return what the form shows of a version; `codes` are the campaign's languages."""
    names = ("minutes", "is_weekly", "from_home", "region", "from_age", "url", "topic")
    values: dict[str, Any] = {name: getattr(version, name) for name in names}
    values |= {f"{name}_{code}": getattr(version, name).get(code, "") for name in TEXTS for code in codes}
    local = version.offer.campaign.local
    return values | {
        "read": version.digest,
        "languages": [code for code in version.languages if code in codes],
        "other_languages": " ".join(code for code in version.languages if code not in codes),
        "first_day": local(version.valid_from).date() if version.valid_from else None,
        "last_day": local(version.valid_until).date(),
    }
