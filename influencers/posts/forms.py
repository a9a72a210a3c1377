"""The forms with which people tell of a post, and of what came of it."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext, gettext_lazy

from influencers.profiles import follower_counts
from lib.form_choices import offer_choices
from lib.text.languages.languages import own_name

from . import post_urls, queries, reports


class SiteForm(forms.Form):
    """A form whose boxes look as the site's do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.RadioSelect):
                field.widget.attrs["class"] = "input"


class CountField(forms.CharField):
    """How many people or reactions, in the way in which people write it."""

    widget = forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=30, **kwargs)

    def to_python(self, value: Any) -> int | None:  # type: ignore[override]
        """Return the number, None when there is none."""
        text = super().to_python(value) or ""
        if not text:
            return None
        try:
            return follower_counts.followers(text, get_language() or "en")
        except follower_counts.TooMany as refusal:
            raise ValidationError(str(refusal)) from None
        except follower_counts.BadCount:
            raise ValidationError(gettext("Enter a number, for example 1200 or 1.2k, or leave it empty.")) from None

    def run_validators(self, value: Any) -> None:
        """The number has been looked at already."""


class Moment(forms.DateTimeInput):
    """A moment as browsers ask for it."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class FiguresForm(SiteForm):
    """What a post has reached."""

    reach = CountField(
        label=gettext_lazy("How many people did it reach?"),
        help_text=gettext_lazy("Views or accounts reached, as the app shows them."),
    )
    reactions = CountField(label=gettext_lazy("Reactions"), help_text=gettext_lazy("Likes and other reactions."))
    comments = CountField(label=gettext_lazy("Comments"))
    shares = CountField(label=gettext_lazy("Shares"))

    def clean(self) -> dict[str, Any]:
        """Ask for one number at least."""
        values = super().clean() or {}
        if not self.errors and all(values.get(name) is None for name in queries.COUNTED):
            raise ValidationError(gettext("Enter at least one number."))
        return values


class PostTextForm(SiteForm):
    """The words of a post."""

    words = forms.CharField(
        label=gettext_lazy("What did you write or say?"),
        max_length=reports.MOST_WORDS,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Paste the text. Only you and your contact person see it, with our comments on it."),
        error_messages={"required": gettext_lazy("Paste the text of your post.")},
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the post"))

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "language", [(code, own_name(code)) for code in languages])


class PostForm(SiteForm):
    """
    A post as its writer tells of it. `platforms` are offered in their order; `versions` are the numbers of the versions
    that may have been posted, the newest first, asked for only when there is more than one.
    """

    platform = forms.ChoiceField(
        label=gettext_lazy("Where did you post?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose where you posted."),
            "invalid_choice": gettext_lazy("Choose where you posted."),
        },
    )
    url = forms.CharField(
        label=gettext_lazy("Address of the post"),
        required=False,
        max_length=4 * post_urls.MOST,
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        ),
        help_text=gettext_lazy(
            "Copy it from the app's share button. A story doesn't need one, because it soon disappears."
        ),
    )
    version = forms.TypedChoiceField(
        widget=forms.RadioSelect,
        label=gettext_lazy("Which text did you post?"),
        required=False,
        coerce=int,
        empty_value=None,
    )
    posted_at = forms.DateTimeField(
        label=gettext_lazy("When?"),
        required=False,
        widget=Moment(),
        help_text=gettext_lazy("Leave it empty if it was just now."),
        error_messages={"invalid": gettext_lazy("Enter the day and the time, for example 2021-03-26 09:15.")},
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the post"), required=False)
    words = forms.CharField(
        label=gettext_lazy("What did you write or say?"),
        required=False,
        max_length=reports.MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Paste the text. Only you and your contact person see it, with our comments on it."),
    )
    commission = forms.ChoiceField(
        label=gettext_lazy("Does it show work that you were paid for?"),
        required=False,
        help_text=gettext_lazy("Such a post says so itself, with the label of the platform."),
    )
    reach = CountField(
        label=gettext_lazy("How many people did it reach?"),
        help_text=gettext_lazy("Views or accounts reached, as the app shows them. You can add it later."),
    )
    reactions = CountField(label=gettext_lazy("Reactions"), help_text=gettext_lazy("Likes and other reactions."))

    def __init__(
        self,
        *args: Any,
        platforms: list[tuple[str, str]],
        languages: list[str],
        versions: list[tuple[int, str]] | None = None,
        paid_work: list[tuple[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "platform", platforms)
        offer_choices(self, "language", [("", "–"), *((code, own_name(code)) for code in languages)])
        if versions and len(versions) > 1:
            offer_choices(self, "version", [("", gettext("The one I knew then")), *versions])
        else:
            del self.fields["version"]
        if paid_work:
            offer_choices(self, "commission", [("", gettext("No")), *paid_work])
        else:
            del self.fields["commission"]

    @property
    def more(self) -> list[forms.BoundField]:
        """The fields that most people leave empty."""
        return [self[name] for name in ("posted_at", "language", "words", "reach", "reactions")]

    @property
    def is_more_open(self) -> bool:
        """Return whether one of those has something that the reader must see."""
        return any(field.errors or field.value() for field in self.more if field.name != "language")

    def report_values(self, *, at: datetime) -> dict[str, Any]:
        """Return what `reports.report` takes, besides who told of what; an empty moment is `at`."""
        values = self.cleaned_data
        return {
            "platform": values["platform"],
            "url": values["url"],
            "posted_at": values["posted_at"] or at,
            "language": values["language"],
            "words": values["words"],
            "commission": int(values["commission"]) if values.get("commission") else None,
            "figures": {name: values.get(name) for name in queries.COUNTED},
        }

    def refuse(self, refusal: reports.PostRefused) -> None:
        """Show why a post could not be kept, at the field that it is about."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
