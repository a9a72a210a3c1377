"""What people say of themselves and their followers: the part that joining and correcting it later have in common."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext, gettext_lazy

from bulletins.models import Platform
from campaigns.models import Campaign, Region
from campaigns.translated_fields import in_language
from influencers.models import Interest, ValuesQuestion
from lib.form_choices import offer_choices
from lib.text.languages.languages import own_name

from . import follower_counts, form_options, handles

MOST_NAME = 150
ELSEWHERE = "elsewhere"
IN_SIGHT = 3  # platforms; the others fold away


class LineField(forms.CharField):
    """One line of text, composed (NFC). Line breaks and characters that turn others round are refused."""

    def to_python(self, value: Any) -> str:
        """Return the line."""
        text = super().to_python(value) or ""
        if self.max_length and len(text) > 10 * self.max_length:
            return text  # the length is what is wrong with it
        if handles.TURNING.search(text):
            raise ValidationError(gettext("It contains invisible characters. Delete them, or type it again."))
        return " ".join(handles.UNSEEN.sub("", unicodedata.normalize("NFC", text)).split())


class HandleField(forms.CharField):
    """The name of an account on a platform, as handles.normal() understands it."""

    def __init__(self, platform: str, **kwargs: Any) -> None:
        self.platform = platform
        attrs = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        super().__init__(required=False, strip=False, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> str:
        """Return the name in its stored form, "" for none."""
        text = super().clean(value)
        if not text.strip():
            return ""
        try:
            return handles.normal(self.platform, text)
        except handles.BadHandle as refusal:
            raise ValidationError(str(refusal)) from refusal


class FollowersField(forms.CharField):
    """A number of followers as people write it in the page's language."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "text", "autocomplete": "off"}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> int | None:  # type: ignore[override]
        """Return the number, None for none."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return follower_counts.followers(text, get_language() or "")
        except follower_counts.BadCount as refusal:
            raise ValidationError(str(refusal)) from refusal


class ShareField(forms.IntegerField):
    """A whole percentage; people may write the sign."""

    def __init__(self, **kwargs: Any) -> None:
        wrong = gettext_lazy("Enter a whole number from 0 to 100, without decimals.")
        errors = dict.fromkeys(("invalid", "min_value", "max_value"), wrong)
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(required=False, min_value=0, max_value=100, widget=widget, error_messages=errors, **kwargs)

    def to_python(self, value: Any) -> int | None:
        """Return the number."""
        return super().to_python(value.replace("%", "").strip() if isinstance(value, str) else value)


class ProfileForm(forms.Form):
    """
    Someone's name, place, accounts, topics, followers and values, which `profile_values()` returns. `initial` is what is known of
    them, as profile.known_details returns it.
    """

    name = LineField(
        label=gettext_lazy("Name"),
        max_length=MOST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=gettext_lazy("What we should call you: your own name, or the one you publish under."),
        error_messages={"required": gettext_lazy("Enter a name that we can call you.")},
    )
    other_languages = forms.MultipleChoiceField(
        label=gettext_lazy("Other languages that you publish in"), required=False, widget=forms.CheckboxSelectMultiple
    )
    interests = forms.MultipleChoiceField(
        label=gettext_lazy("What do you make content about?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    region = forms.ChoiceField(
        label=gettext_lazy("Region"),
        help_text=gettext_lazy("Some bulletins concern one region only."),
        error_messages={"required": gettext_lazy("Choose a region, or the last line of the list.")},
    )
    municipality = LineField(
        label=gettext_lazy("Municipality"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    birth_decade = forms.TypedChoiceField(
        label=gettext_lazy("Most of your followers were born in"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        self.campaign = campaign
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        own = self.own_languages = [row.code for row in campaign.languages.all()] or [campaign.default_language]
        self.language_names = {
            code: form_options.OWN_NAMES.get(code) or own_name(code) for code in (*own, *form_options.OTHER_LANGUAGES)
        }
        self.offer_choices()
        self.add_accounts()
        self.add_shares()
        self.add_questions()
        for field in self.fields.values():
            if isinstance(field.widget, (forms.TextInput, forms.EmailInput, forms.Select)):
                field.widget.attrs["class"] = "input"
            # Browsers would cut off without a word what is pasted; the form says how much is too much instead.
            field.widget.attrs.pop("maxlength", None)
        self.in_order("name")

    def offer_choices(self) -> None:
        """Offer the languages, interests, regions and decades that there are."""
        names = self.language_names
        known = {code: code for code in self.initial.get("other_languages", ()) if code not in names}
        self.choose("other_languages", [*names.items(), *known.items()])
        interests = Interest.objects.filter(campaign=self.campaign).order_by("slug")
        self.choose("interests", [(one.slug, in_language(one.name)) for one in interests])
        regions = [(region.code, str(region)) for region in Region.objects.all()]
        nowhere = (ELSEWHERE, gettext("Abroad, or I would rather not say"))
        self.choose("region", [("", gettext("Choose")), *regions, nowhere])
        decades = [(decade, gettext("the %(decade)ds") % {"decade": decade}) for decade in form_options.DECADES]
        self.choose("birth_decade", [("", gettext("I don't know")), *decades])

    def add_accounts(self) -> None:
        """Add the boxes for an account on each platform."""
        for platform in Platform.values:
            label = Platform(platform).label
            self.fields[f"{platform}_handle"] = HandleField(
                platform, label=gettext("Name on %(platform)s") % {"platform": label}
            )
            self.fields[f"{platform}_followers"] = FollowersField(
                label=gettext("Followers on %(platform)s") % {"platform": label}
            )

    def add_shares(self) -> None:
        """Add the boxes for how the followers divide by age, gender and language."""
        shared = [name.removeprefix("languages_") for name in self.initial if name.startswith("languages_")]
        self.groups: dict[str, Mapping[str, Any]] = {
            "ages": form_options.AGE_GROUPS,
            "genders": form_options.GENDERS,
            "languages": {code: self.language_names.get(code, code) for code in (*self.own_languages, *shared)}
            | {form_options.OTHER: gettext_lazy("Other languages")},
        }
        for kind, groups in self.groups.items():
            for group, label in groups.items():
                self.fields[f"{kind}_{group}"] = ShareField(label=label)

    def add_questions(self) -> None:
        """Add the campaign's questions about values."""
        self.questions = list(ValuesQuestion.objects.filter(campaign=self.campaign))
        for question in self.questions:
            self.fields[f"value_{question.key}"] = forms.ChoiceField(
                label=in_language(question.text),
                required=False,
                widget=forms.RadioSelect,
                choices=[
                    ("1", gettext("1, I disagree")),
                    ("2", "2"),
                    ("3", "3"),
                    ("4", "4"),
                    ("5", gettext("5, I agree")),
                    ("", gettext("I would rather not say")),
                ],
            )

    def in_order(self, *first: str, last: Iterable[str] = ()) -> None:
        """Order the fields as the page shows them, between what a form has `first` and `last`."""
        self.order_fields(
            [
                *(*first, "region", "municipality", "other_languages"),
                *(f"{platform}_{part}" for platform in Platform.values for part in ("handle", "followers")),
                *("interests", *(f"{kind}_{group}" for kind, groups in self.groups.items() for group in groups)),
                *("birth_decade", *(f"value_{question.key}" for question in self.questions), *last),
            ]
        )

    def choose(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        """Give a field its choices."""
        offer_choices(self, name, list(choices))

    # --- For the page

    @property
    def platforms(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """A row for each platform: its name, the account, the followers."""
        return [(str(one.label), self[f"{one}_handle"], self[f"{one}_followers"]) for one in Platform]

    @property
    def first_platforms(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """The rows that are always in sight."""
        return self.platforms[:IN_SIGHT]

    @property
    def more_platforms(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """The rows that fold away."""
        return self.platforms[IN_SIGHT:]

    @property
    def are_more_open(self) -> bool:
        """Return whether something stands in a row that folds away."""
        return any(field.value() or field.errors for _name, *fields in self.more_platforms for field in fields)

    @property
    def are_shares_open(self) -> bool:
        """Return whether something is said about followers."""
        fields = [field for fields in self.shares.values() for field in fields]
        return any(field.errors or field.value() not in (None, "") for field in [*fields, self["birth_decade"]])

    @property
    def shares(self) -> dict[str, list[forms.BoundField]]:
        """The percentages of followers, by what they are shares of."""
        return {kind: [self[f"{kind}_{group}"] for group in groups] for kind, groups in self.groups.items()}

    @property
    def values(self) -> list[forms.BoundField]:
        """The values questions, in their order."""
        return [self[f"value_{question.key}"] for question in self.questions]

    # --- Checking

    def clean(self) -> None:
        """Refuse a form without any account and shares that make no whole."""
        super().clean()
        told = self.cleaned_data
        first = Platform.values[0]
        handled = [platform for platform in Platform.values if told.get(f"{platform}_handle")]
        wrong = [platform for platform in Platform.values if f"{platform}_handle" in self.errors]
        for platform in Platform.values:
            if told.get(f"{platform}_followers") is not None and not (platform in handled or platform in wrong):
                self.add_error(f"{platform}_handle", gettext("Enter the account too, not only its followers."))
                wrong.append(platform)
        if not handled and not wrong:
            self.add_error(f"{first}_handle", gettext("Enter at least one account, on any of the platforms."))
        for kind in self.groups:
            self.check_whole(kind)

    def check_whole(self, kind: str) -> None:
        """Refuse shares of one kind that do not add up to 100."""
        names = [f"{kind}_{group}" for group in self.groups[kind]]
        given = [self.cleaned_data[name] for name in names if self.cleaned_data.get(name) is not None]
        if not given or any(name in self.errors for name in names) or sum(given) == 100:
            return
        says = gettext("Together these add up to %(sum)d per cent. They must add up to 100, or all be empty.")
        self.add_error(names[0], says % {"sum": sum(given)})

    def profile_values(self, *, language: str) -> dict[str, Any]:
        """Return what was filled in as plain data; `language` is the one that mails come in."""
        told = self.cleaned_data
        return {
            "name": told["name"],
            "other_languages": [code for code in told["other_languages"] if code != language],
            "interests": told["interests"],
            "region": "" if told["region"] == ELSEWHERE else told["region"],
            "municipality": told["municipality"],
            "birth_decade": told["birth_decade"],
            "accounts": [
                {
                    "platform": platform,
                    "handle": told[f"{platform}_handle"],
                    "followers": told[f"{platform}_followers"],
                }
                for platform in Platform.values
                if told[f"{platform}_handle"]
            ],
            **{kind: self.given_shares(kind) for kind in self.groups},
            "values": {
                question.key: int(told[f"value_{question.key}"])
                for question in self.questions
                if told[f"value_{question.key}"]
            },
        }

    def given_shares(self, kind: str) -> dict[str, int]:
        """Return {group: whole per cent} of one kind: {} when none is given, and 0 for what was left empty beside others."""
        given = {group: self.cleaned_data[f"{kind}_{group}"] for group in self.groups[kind]}
        return {group: share or 0 for group, share in given.items()} if any(given.values()) else {}
