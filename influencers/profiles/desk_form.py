"""The form of a profile at the desk: shares as small charts whose numbers are written, languages and interests to tick."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from influencers.models import Influencer, Interest, ValuesQuestion
from lib.text.languages.languages import own_name

from . import form_options

AGREEMENT = 5  # of Influencer.values: from 1, which is disagreeing, to this


class ChartWidget(forms.Widget):
    """
    A row for each group: its name, a bar, and the number in a box. `whole` is what a bar of full length stands for; with `adds_up`
    the numbers come to that together, and the widget says what they come to.
    """

    template_name = "influencers/profiles/_shares.html"
    use_fieldset = True

    class Media:
        css = {"all": ["influencers/admin/profile.css"]}
        js = ["influencers/admin/profile.js"]

    def __init__(self, *, whole: int, adds_up: bool, least: int) -> None:
        super().__init__()
        self.whole, self.adds_up, self.least = whole, adds_up, least
        self.groups: Mapping[str, Any] = {}
        self.names: Mapping[str, Any] = {}  # of groups that are stored and no longer asked about

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        """Return {group: what is in its box} of the boxes that hold something."""
        prefix = f"{name}__"
        found = {key[len(prefix) :]: data[key].strip() for key in data if key.startswith(prefix)}
        return {group: text for group, text in found.items() if text}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Return whether no box was sent at all."""
        return not any(key.startswith(f"{name}__") for key in data)

    def id_for_label(self, id_: str) -> str:
        """Each box has a label of its own."""
        return ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return the rows: a group that is stored and no longer asked about stays."""
        numbers = value if isinstance(value, dict) else {}
        groups = {
            **self.groups,
            **{group: self.names.get(group, group) for group in numbers if group not in self.groups},
        }
        base = (attrs or {}).get("id") or f"id_{name}"
        rows = [
            {
                "id": f"{base}__{group}",
                "name": f"{name}__{group}",
                "label": label,
                "number": numbers.get(group, ""),
                "width": f"{min(100.0, 100 * number_in(numbers.get(group)) / self.whole):.1f}",
            }
            for group, label in groups.items()
        ]
        total = sum(number_in(number) for number in numbers.values())
        chart = {"rows": rows, "whole": self.whole, "least": self.least, "adds_up": self.adds_up, "total": total}
        chart |= {"is_off": bool(numbers) and total != self.whole, "name": self.attrs.get("aria-label", "")}
        return super().get_context(name, value, attrs) | {"chart": chart}

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the rows, from a template of the site's own."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))


def number_in(text: Any) -> int:
    """Return the whole number that someone wrote, 0 for anything else."""
    return int(text) if str(text).isdecimal() and len(str(text)) < 4 else 0


class ChartField(forms.Field):
    """A form field for {group: whole number}. What is empty is left out; what the numbers come to, the model judges."""

    def __init__(self, *, whole: int = 100, adds_up: bool = True, least: int = 0, **kwargs: Any) -> None:
        self.least, self.whole = least, whole
        super().__init__(required=False, widget=ChartWidget(whole=whole, adds_up=adds_up, least=least), **kwargs)
        self.widget.attrs["aria-label"] = self.label

    def to_python(self, value: Any) -> dict[str, int]:
        """Return the numbers by group. Raise ValidationError for one that is none, or outside its bounds."""
        found = {}
        for group, text in (value or {}).items():
            written = str(text).removesuffix("%").strip()
            if not written.isdecimal() or not self.least <= int(written[:9]) <= self.whole:
                says = gettext("Write whole numbers from %(least)d to %(most)d: “%(text)s” is none.")
                raise ValidationError(says % {"least": self.least, "most": self.whole, "text": str(text)[:20]})
            found[group] = int(written)
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the numbers."""
        try:
            return (initial or {}) != self.to_python(data)
        except ValidationError:
            return True


class TickedField(forms.MultipleChoiceField):
    """A form field for a list of short names, each with a box to tick. What is stored and no longer offered stays."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def offer(self, choices: Iterable[tuple[str, Any]], stored: Iterable[str]) -> None:
        """Offer these, and those that are stored."""
        names = dict(choices)
        self.choices = list((names | {one: one for one in stored if one not in names}).items())

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what is ticked, in whichever order."""
        return set(initial or []) != set(data or [])


class ProfileDeskForm(forms.ModelForm):
    """A profile, with the groups, languages, interests and questions of its campaign; `site_campaign` before it has one."""

    site_campaign: Campaign | None = None

    other_languages = TickedField(label=gettext_lazy("Other languages"))
    interests = TickedField(label=gettext_lazy("Interests"))
    audience_ages = ChartField(label=gettext_lazy("Followers by age"))
    audience_genders = ChartField(label=gettext_lazy("Followers by gender"))
    audience_languages = ChartField(label=gettext_lazy("Followers by language"))
    values = ChartField(label=gettext_lazy("Answers to the values questions"), whole=AGREEMENT, adds_up=False, least=1)

    class Meta:
        model = Influencer
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = self.instance
        campaign = person.campaign if person.campaign_id else self.site_campaign
        own = [row.code for row in campaign.languages.all()] if campaign else []
        names = {
            code: form_options.OWN_NAMES.get(code) or own_name(code) for code in (*own, *form_options.OTHER_LANGUAGES)
        }
        questions = ValuesQuestion.objects.filter(campaign=campaign)
        interests = Interest.objects.filter(campaign=campaign).order_by("slug")
        self.draw("audience_ages", form_options.AGE_GROUPS)
        self.draw("audience_genders", form_options.GENDERS)
        languages = {code: names[code] for code in own} | {form_options.OTHER: gettext_lazy("Other languages")}
        self.draw("audience_languages", languages, names)
        self.draw("values", {one.key: in_language(one.text) or one.key for one in questions})
        self.offer("other_languages", names.items(), person.other_languages)
        self.offer("interests", [(one.slug, str(one)) for one in interests], person.interests)

    def draw(self, name: str, groups: Mapping[str, Any], names: Mapping[str, Any] | None = None) -> None:
        """Give a chart its groups, and the names of others that may be stored."""
        if name in self.fields:  # not where it is only read
            widget = self.fields[name].widget
            widget.groups, widget.names = groups, names or {}  # type: ignore[attr-defined]

    def offer(self, name: str, choices: Iterable[tuple[str, Any]], stored: Iterable[str]) -> None:
        """Give a field of boxes to tick what it offers."""
        field = self.fields.get(name)
        if isinstance(field, TickedField):
            field.offer(choices, stored)
