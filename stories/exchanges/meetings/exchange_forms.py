"""Forms of series and meetings. Days and hours are those of the campaign's zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from campaigns.models import Campaign, language_code
from lib.text.characters import visible_text
from lib.text.languages.languages import language_heading
from lib.web_address_fields import WebAddressField
from stories.models import Exchange, Meeting, Municipality

LONGEST = {"title": 120, "place": 200, "point": 200, "notes": 20_000, "decisions": 10_000, "text": 300}  # characters


class DayInput(forms.DateInput):
    """A day as browsers ask for it."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class HourInput(forms.TimeInput):
    """An hour as browsers ask for it."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


def link_field() -> WebAddressField:
    """Return the field of a video meeting's link."""
    return WebAddressField(label=gettext_lazy("Link of the video meeting"), required=False)


def length_field() -> forms.IntegerField:
    """Return the field of a meeting's length."""
    return forms.IntegerField(label=gettext_lazy("Length in minutes"), min_value=5, max_value=600, initial=60)


class TextsForm(forms.Form):
    """A form with texts in each language of a campaign; `texts` are {name: (label, rows)}, and those in `needed` must be in one."""

    texts: dict[str, tuple[Any, int]] = {}
    needed: tuple[str, ...] = ()

    def __init__(
        self, campaign: Campaign, data: Any = None, *, initial: dict[str, Any] | None = None, prefix: str = ""
    ) -> None:
        self.campaign, self.codes = campaign, campaign.language_codes()
        told = dict(initial or {})
        for name in self.texts:
            held = told.pop(name, {})
            told |= {f"{name}_{code}": held.get(code, "") for code in self.codes}
        super().__init__(data, initial=told, prefix=prefix or None, auto_id=f"id_{prefix}%s" if prefix else "id_%s")
        for name, (label, rows) in self.texts.items():
            for code in self.codes:
                widget = (
                    forms.Textarea(attrs={"rows": rows, "lang": code})
                    if rows > 1
                    else forms.TextInput(attrs={"lang": code})
                )
                self.fields[f"{name}_{code}"] = forms.CharField(
                    label=f"{label}, {language_heading(code)}", required=False, max_length=LONGEST[name], widget=widget
                )
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
                field.widget.attrs["class"] = "box"

    def clean(self) -> dict[str, Any]:
        """Refuse a needed text that is in no language."""
        told = super().clean() or {}
        for name in self.needed:
            box = f"{name}_{self.codes[0]}"
            if box not in self.errors and not self.words(name):
                self.add_error(box, _("Write it in at least one language."))
        return told

    def words(self, name: str) -> dict[str, str]:
        """Return a text in each language that it is written in, without what turns or hides letters."""
        written = {
            code: str(self.cleaned_data.get(f"{name}_{code}", "")).translate(visible_text.TURNING)
            for code in self.codes
        }
        return {code: text for code, words in written.items() if (text := visible_text.seen(words))}

    def boxes(self) -> Iterator[forms.BoundField]:
        """Yield the boxes of texts."""
        for name in self.texts:
            for code in self.codes:
                yield self[f"{name}_{code}"]

    def others(self) -> Iterator[forms.BoundField]:
        """Yield the boxes of everything else that is seen."""
        names = {f"{name}_{code}" for name in self.texts for code in self.codes}
        for field in self:
            if field.name not in names and not field.is_hidden:
                yield field


class SeriesForm(TextsForm):
    """A series of meetings; of one that is there, the day from which the change holds."""

    texts = {"title": (gettext_lazy("Name"), 1), "place": (gettext_lazy("Place"), 1)}
    needed = ("title",)
    weekday = forms.TypedChoiceField(label=gettext_lazy("Weekday"), choices=Exchange.Weekday.choices, coerce=int)
    at = forms.TimeField(label=gettext_lazy("Time"), widget=HourInput)
    minutes = length_field()
    every_weeks = forms.IntegerField(
        label=gettext_lazy("Every how many weeks"),
        min_value=1,
        max_value=26,
        initial=1,
        help_text=gettext_lazy("1 is every week."),
    )
    starts_on = forms.DateField(label=gettext_lazy("From"), widget=DayInput)
    until = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=DayInput,
        help_text=gettext_lazy("Leave it empty if it goes on."),
    )
    url = link_field()
    languages = forms.CharField(
        label=gettext_lazy("Languages spoken"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("As codes, with spaces between: fi sv en."),
    )
    staff = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=gettext_lazy("Invited from the team"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Everyone of the campaign’s municipalities is invited anyway."),
    )
    from_day = forms.DateField(
        label=gettext_lazy("The change holds from"),
        widget=DayInput,
        help_text=gettext_lazy(
            "Meetings that you moved by hand keep their time. Everyone invited hears of what changes."
        ),
    )

    def __init__(self, campaign: Campaign, data: Any = None, *, at: datetime, series: Exchange | None = None) -> None:
        super().__init__(campaign, data, initial=initial_of(series, campaign, at=at))
        fields: Any = self.fields
        fields["staff"].queryset = User.objects.staff_with("stories.view_meeting", campaign.pk)
        del self.fields["from_day" if series is None else "starts_on"]

    def clean_languages(self) -> list[str]:
        """Return the codes of languages."""
        codes = self.cleaned_data["languages"].replace(",", " ").split()
        for code in codes:
            language_code(code)
        return list(dict.fromkeys(codes))[:20]

    def clean(self) -> dict[str, Any]:
        """Refuse a last day before the first, and a meeting that is nowhere."""
        told = super().clean()
        first, last = told.get("starts_on"), told.get("until")
        if first and last and last < first:
            self.add_error("until", _("The last day is before the first day."))
        if "url" in told and not told["url"] and not self.words("place"):
            self.add_error("url", _("Say where it is: a link or a place."))
        return told

    def content(self) -> dict[str, Any]:
        """Return what was written, as meeting_series takes it."""
        told = {name: value for name, value in self.cleaned_data.items() if name in FIELDS}
        return told | {"title": self.words("title"), "place": self.words("place")}


FIELDS = ("weekday", "at", "minutes", "every_weeks", "starts_on", "until", "url", "languages", "staff")


def initial_of(series: Exchange | None, campaign: Campaign, *, at: datetime) -> dict[str, Any]:
    """Return what the form of a series shows at first."""
    today = campaign.local(at).date()
    if series is None:
        return {"starts_on": today, "languages": " ".join(campaign.language_codes()), "weekday": 1}
    told = {name: getattr(series, name) for name in FIELDS if name not in {"staff", "languages", "starts_on"}}
    return told | {
        "title": series.title,
        "place": series.place,
        "languages": " ".join(series.languages),
        "staff": [one.pk for one in series.staff.all()],
        "from_day": today,
    }


class MoveForm(TextsForm):
    """Another time or place of one meeting."""

    texts = {"place": (gettext_lazy("Place"), 1)}
    day = forms.DateField(label=gettext_lazy("Day"), widget=DayInput)
    hour = forms.TimeField(label=gettext_lazy("Time"), widget=HourInput)
    minutes = length_field()
    url = link_field()

    def __init__(self, meeting: Meeting, data: Any = None) -> None:
        local = meeting.exchange.campaign.local(meeting.starts_at)
        told = {"day": local.date(), "hour": local.time(), "minutes": meeting.minutes, "url": meeting.url}
        super().__init__(meeting.exchange.campaign, data, initial=told | {"place": meeting.place}, prefix="move")

    def content(self) -> dict[str, Any]:
        """Return what was written, as meeting_steps takes it."""
        told = self.cleaned_data
        starts_at = datetime.combine(told["day"], told["hour"], tzinfo=self.campaign.zone).astimezone(UTC)
        return {"starts_at": starts_at, "minutes": told["minutes"], "url": told["url"], "place": self.words("place")}


class PointForm(TextsForm):
    """A point of the agenda by hand."""

    texts = {"point": (gettext_lazy("Point"), 1)}
    needed = ("point",)
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), required=False, min_value=1, max_value=600)

    def __init__(self, meeting: Meeting, data: Any = None) -> None:
        super().__init__(meeting.exchange.campaign, data, prefix="point")


class NotesForm(TextsForm):
    """Notes and decisions in each language. `read` is the revision that was opened."""

    texts = {"notes": (gettext_lazy("Notes"), 6), "decisions": (gettext_lazy("Decisions"), 3)}
    read = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, meeting: Meeting, data: Any = None) -> None:
        told = {"notes": meeting.notes, "decisions": meeting.decisions, "read": meeting.notes_revision}
        super().__init__(meeting.exchange.campaign, data, initial=told, prefix="notes")


class FollowUpForm(TextsForm):
    """What follows from a meeting: what, who, by when."""

    texts = {"text": (gettext_lazy("What"), 1)}
    needed = ("text",)
    municipality = forms.ModelChoiceField(
        Municipality.objects.none(),
        label=gettext_lazy("Municipality"),
        required=False,
        empty_label=gettext_lazy("None"),
    )
    user = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Who"),
        required=False,
        empty_label=gettext_lazy("Everyone of the municipality, or the team"),
    )
    due_on = forms.DateField(label=gettext_lazy("By when"), widget=DayInput)

    def __init__(self, meeting: Meeting, data: Any = None, *, today: date | None = None) -> None:
        super().__init__(meeting.exchange.campaign, data, prefix="follow")
        self.today = today
        fields: Any = self.fields
        fields["municipality"].queryset = self.campaign.municipalities.all()
        asked = meeting.invitations.filter(left_at=None).values("user")
        fields["user"].queryset = User.objects.filter(pk__in=asked, is_active=True).order_by("name", "pk")

    def clean_due_on(self) -> date:
        """Refuse a day that is over."""
        due: date = self.cleaned_data["due_on"]
        if self.today and due < self.today:
            raise forms.ValidationError(_("This day is over. Choose today or a later day."))
        return due

    def content(self) -> dict[str, Any]:
        """Return what was written, as meeting_steps takes it."""
        told = self.cleaned_data
        return {
            "text": self.words("text"),
            "municipality": told["municipality"],
            "user": told["user"],
            "due_on": told["due_on"],
        }
