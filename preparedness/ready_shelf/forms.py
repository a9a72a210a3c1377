"""The forms of the shelf: what is put on it, rewritten, looked at again, and used."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from bulletins.editing.variants import label_of
from bulletins.models import Platform, Urgency
from lib.text.languages.languages import language_heading
from lib.text.markup import LONGEST_TEXT
from preparedness.crisis_templates import template_files
from preparedness.crisis_templates.template_files import BLANK_KINDS, LONGEST_MESSAGE
from preparedness.models import ReadyBulletin

from . import contents, known_words
from .blank_fields import ONE_LINE, BlankFields
from .bulletin_contents import Proposal
from .contents import Place

DAY = "%Y-%m-%d"
KIND_NAMES = {
    "place": gettext_lazy("place"),
    "time": gettext_lazy("time"),
    "date": gettext_lazy("day"),
    "number": gettext_lazy("number"),
    "contact": gettext_lazy("contact"),
    "text": gettext_lazy("words"),
}
OWN_NAMES = {
    "title": gettext_lazy("Title"),
    "subject": gettext_lazy("Email subject"),
    "preheader": gettext_lazy("Preheader"),
    "body": gettext_lazy("Text"),
    "known": gettext_lazy("What is known"),
    "not_known": gettext_lazy("What is not known yet"),
    "being_done": gettext_lazy("What is being done"),
}


def crises() -> list[tuple[str, str]]:
    """Return the kinds of crises that there are templates of, for a choice, "any" first."""
    shelf = template_files.shelf()
    return [("", _("any crisis")), *((one.slug, one.named()) for one in shelf.templates.values())]


def crisis_names() -> dict[str, str]:
    """Return what the kinds of crises are called in the active language, {slug: name}."""
    return dict(crises())


class AboutReadyForm(forms.Form):
    """What a bulletin on the shelf is for, who looks after it, and until when it is looked at again."""

    crisis = forms.ChoiceField(
        label=gettext_lazy("For which crisis"), required=False, widget=forms.Select(attrs=ONE_LINE)
    )
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Who looks after it"),
        required=False,
        empty_label=gettext_lazy("everybody who writes"),
        widget=forms.Select(attrs=ONE_LINE),
    )
    review_on = forms.DateField(
        label=gettext_lazy("Look at it again by"),
        widget=forms.DateInput(attrs={**ONE_LINE, "type": "date"}, format=DAY),
        help_text=gettext_lazy("Its owner is reminded then, by email and at the bell."),
    )

    def __init__(self, campaign: int, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        crisis, owner = self.fields["crisis"], self.fields["owner"]
        assert isinstance(crisis, forms.ChoiceField) and isinstance(owner, forms.ModelChoiceField)
        crisis.choices = crises()
        people = User.objects.staff_with("preparedness.change_readybulletin", campaign)
        owner.queryset = people.order_by("name", "email")


class PutForm(AboutReadyForm):
    """Which values of a bulletin are other ones next time, and so become blanks."""

    blanks = forms.MultipleChoiceField(
        label=gettext_lazy("Becomes a blank"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, campaign: int, proposals: Iterable[Proposal], *args: Any, **kwargs: Any) -> None:
        super().__init__(campaign, *args, **kwargs)
        blanks = self.fields["blanks"]
        assert isinstance(blanks, forms.MultipleChoiceField)
        blanks.choices = [(one.key, f"{one.shown} ({KIND_NAMES[one.kind]})") for one in proposals]


class LookAgainForm(forms.Form):
    """Until when it is looked at again, once somebody has."""

    review_on = forms.DateField(
        label=gettext_lazy("Look at it again by"),
        widget=forms.DateInput(attrs={**ONE_LINE, "type": "date"}, format=DAY),
    )


class UseForm(BlankFields):
    """The blanks of what is used."""

    def __init__(self, ready: ReadyBulletin, languages: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.statement, self.zone = contents.statement_of(ready), ready.campaign.zone
        known = known_words.of_campaign(ready.campaign, self.statement.blanks, languages)
        self.add_blanks(self.statement.blanks, languages, known)

    def clean(self) -> None:
        """Write the blanks in each language, and refuse lines that become too long."""
        self.fill(self.statement, self.zone)


class WordsForm(AboutReadyForm):
    """Every text of a bulletin on the shelf, in every language, and of which kind each blank is."""

    urgency = forms.ChoiceField(
        label=gettext_lazy("Urgency"), choices=Urgency.choices, widget=forms.Select(attrs=ONE_LINE)
    )

    def __init__(self, ready: ReadyBulletin, *args: Any, **kwargs: Any) -> None:
        self.ready = ready
        about = {name: getattr(ready, name) for name in ("crisis", "urgency", "review_on")} | {"owner": ready.owner_id}
        super().__init__(ready.campaign_id, *args, initial=about, **kwargs)
        self.texts = contents.texts_of(ready.content)
        for place, text in self.texts.items():
            self.fields[name_of(place)] = field_of(place, text)
        for blank in ready.content["blanks"]:
            kinds = [(kind, str(KIND_NAMES[kind])) for kind in BLANK_KINDS]
            self.fields[f"kind-{blank['key']}"] = forms.ChoiceField(
                label=f"{{{blank['key']}}}",
                choices=kinds,
                initial=blank["kind"],
                required=False,
                widget=forms.Select(attrs=ONE_LINE),
            )

    @property
    def by_language(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """The texts of each language: its code, its name, and its fields."""
        found: dict[str, list[forms.BoundField]] = {}
        for place in self.texts:
            found.setdefault(language_of(place), []).append(self[name_of(place)])
        return [(code, language_heading(code), fields) for code, fields in found.items()]

    @property
    def kinds(self) -> list[forms.BoundField]:
        """The fields with the kind of each blank."""
        return [self[f"kind-{blank['key']}"] for blank in self.ready.content["blanks"]]

    def content(self) -> dict[str, Any]:
        """Return what was written."""
        told = self.cleaned_data
        texts = {place: one_way(place, told[name_of(place)]) for place in self.texts}
        kinds = {blank["key"]: told[f"kind-{blank['key']}"] for blank in self.ready.content["blanks"]}
        return contents.with_blanks_described(contents.written(self.ready.content, texts), kinds)


def one_way(place: Place, text: str) -> str:
    """Return a text as it is stored: a line stays one line."""
    return " ".join(text.split()) if place[0] in contents.LINES else text.replace("\r\n", "\n").strip()


def language_of(place: Place) -> str:
    """Return the language of a text."""
    return place[1] if place[0] == "variant" else place[-1]


def name_of(place: Place) -> str:
    """Return the name of the field of a text."""
    return "-".join(("text", *place))


def field_of(place: Place, text: str) -> forms.CharField:
    """Return the field of a text."""
    kind, language = place[0], language_of(place)
    attrs = {"class": "input", "lang": language}
    if kind in contents.LINES:
        widget: forms.Widget = forms.TextInput(attrs=attrs)
    else:
        widget = forms.Textarea(attrs={**attrs, "rows": 12 if kind == "body" else 3})
    most = contents.LIMITS.get(kind) or (LONGEST_MESSAGE if kind == "message" else LONGEST_TEXT)
    return forms.CharField(
        label=called(place), required=kind in {"title", "body"}, max_length=most, widget=widget, initial=text
    )


def called(place: Place) -> str:
    """Return what a text is called."""
    kind = place[0]
    if kind == "message":
        return _("Key message %(number)s") % {"number": int(place[1]) + 1}
    if kind == "action":
        return _("Call to action %(number)s") % {"number": int(place[1]) + 1}
    if kind == "variant":
        return f"{Platform(place[2]).label}, {label_of(place[2], place[3])}"
    return str(OWN_NAMES[kind])
