"""The forms of the steps. Each is drawn from what was saved, or else from what is known, so that little has to be typed."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import RegexValidator, slug_re
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from campaigns.models import Authority, Campaign, CampaignLanguage, validate_time_zone
from campaigns.translated_fields import in_language
from influencers.profiles import contact_person
from lib.mail_address_fields import AddressField
from lib.text.blanks import filled
from lib.text.languages.languages import language_heading, own_name
from preparedness.crisis_templates.template_files import (
    LANGUAGES,
    CrisisTemplate,
    HoldingStatement,
    Shelf,
    Texts,
)
from preparedness.models import CampaignStart
from preparedness.ready_shelf import known_words
from preparedness.ready_shelf.blank_fields import ONE_LINE, BlankFields

from . import carried_over, team_roles
from .influencer_groups import Counts
from .steps import ABOUT, ALONG, FIRST, INFLUENCERS, PEOPLE, SOURCE

NOBODY = ""
MOST_OF_ROLES = 5_000


class StepForm(forms.Form):
    """The form of a step: `answers()` is what is saved of it, as plain data."""

    step = ""

    def __init__(self, start: CampaignStart | None, *args: Any, **kwargs: Any) -> None:
        self.start = start
        self.told = start.answer(self.step) if start else {}
        kwargs.setdefault("use_required_attribute", False)
        kwargs.setdefault("auto_id", f"{self.step}-%s")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, (forms.TextInput, forms.EmailInput, forms.Select)):
                field.widget.attrs = {**ONE_LINE, **field.widget.attrs}

    def offer(self, name: str, choices: list[Any]) -> None:
        """Let a field be answered with these."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def answers(self) -> dict[str, Any]:
        """Return what is saved."""
        return dict(self.cleaned_data)


class SourceForm(StepForm):
    """What the start begins with."""

    step = SOURCE
    template = forms.ChoiceField(label=gettext_lazy("Template"), required=False, widget=forms.RadioSelect)
    earlier = forms.ModelChoiceField(
        Campaign.objects.none(), label=gettext_lazy("Earlier campaign"), required=False, empty_label=None
    )

    def __init__(self, start: CampaignStart | None, shelf: Shelf, *args: Any, **kwargs: Any) -> None:
        super().__init__(start, *args, **kwargs)
        self.shelf = shelf
        ready = [(one.slug, one.named()) for one in shelf.templates.values()]
        self.offer("template", [*ready, (NOBODY, _("None"))])
        self.fields["template"].initial = self.told.get("template", "")
        campaigns = self.fields["earlier"]
        assert isinstance(campaigns, forms.ModelChoiceField)
        campaigns.queryset = Campaign.objects.order_by("-starts_on", "-pk")
        campaigns.empty_label = _("None")
        campaigns.initial = start.earlier_id if start else None
        names = names_of_campaigns()
        campaigns.label_from_instance = lambda row: names.get(row.pk, row.slug)  # type: ignore[assignment]  # to mypy it is a method

    def answers(self) -> dict[str, Any]:
        """Return the template's slug; the campaign is kept beside it."""
        return {"template": self.cleaned_data["template"]}

    @property
    def earlier_key(self) -> int | None:
        """The key of the campaign that was chosen."""
        chosen = self.cleaned_data["earlier"]
        return chosen.pk if chosen else None


def names_of_campaigns() -> dict[int, str]:
    """Return what the campaigns are called in the active language, {key: name}; one query."""
    found: dict[int, Texts] = {}
    for campaign, code, name in CampaignLanguage.objects.values_list("campaign", "code", "name"):
        found.setdefault(campaign, {})[code] = name
    return {key: in_language(texts) for key, texts in found.items()}


class AboutForm(StepForm):
    """What readers will see of it."""

    step = ABOUT
    place = forms.CharField(
        label=gettext_lazy("Where"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("A place or an area. It goes into the names and the first bulletin."),
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one language.")},
    )
    slug = forms.CharField(
        label=gettext_lazy("Short name, for addresses"),
        required=False,
        max_length=60,
        validators=[
            RegexValidator(slug_re, gettext_lazy("Use only the letters a to z, digits, hyphens and underscores."))
        ],
        help_text=gettext_lazy("Leave it empty, and it is made of the name."),
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("Mode"),
        choices=[
            (Campaign.Mode.EXERCISE.value, gettext_lazy("An exercise: nothing ever reaches a real inbox")),
            (Campaign.Mode.LIVE.value, gettext_lazy("Live: mail reaches people once it is public and approved")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose whether it is an exercise. It cannot be changed later.")},
    )
    time_zone = forms.CharField(label=gettext_lazy("Time zone"), max_length=60, validators=[validate_time_zone])
    authority = forms.ModelChoiceField(
        Authority.objects.all(),
        label=gettext_lazy("Lead authority"),
        required=False,
        empty_label=gettext_lazy("None yet"),
        help_text=gettext_lazy("It is named as the source in the first bulletin."),
    )

    def __init__(self, start: CampaignStart | None, template: CrisisTemplate | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(start, *args, **kwargs)
        self.template = template
        earlier = start.earlier if start else None
        known = earlier.language_codes() if earlier else []
        self.codes = list(dict.fromkeys([*known, *LANGUAGES]))
        own = {code: own_name(code).capitalize() for code in self.codes}
        self.offer("languages", list(own.items()))
        proposed = template.campaign_name if template else {}
        for code in self.codes:
            self.fields[f"name_{code}"] = forms.CharField(
                label=_("Name in %(language)s") % {"language": language_heading(code)},
                required=False,
                max_length=120,
                widget=forms.TextInput(attrs={**ONE_LINE, "lang": code}),
                initial=self.told.get("names", {}).get(code, proposed.get(code, "")),
            )
        self.order_fields(["place", *(f"name_{code}" for code in self.codes)])
        told = self.told
        for name in ("place", "slug"):
            self.fields[name].initial = told.get(name, "")
        self.fields["languages"].initial = told.get("languages", known or list(LANGUAGES))
        self.fields["mode"].initial = told.get("mode", "")
        self.fields["time_zone"].initial = told.get("time_zone", earlier.time_zone if earlier else "Europe/Helsinki")
        self.fields["authority"].initial = told.get("authority", earlier.authority_id if earlier else None)

    @property
    def names(self) -> list[Any]:
        """The fields of the names."""
        return [self[f"name_{code}"] for code in self.codes]

    def clean(self) -> None:
        """Put the place into the names, and make a short name where none was written. Refuse a language without a name."""
        told = self.cleaned_data
        place = told.get("place", "")
        for code in told.get("languages", []):
            written = told.get(f"name_{code}", "")
            name = filled(written, {"place": place}) if place else written.removesuffix(", {place}").strip()
            told[f"name_{code}"] = name
            if not name:
                self.add_error(f"name_{code}", _("Write its name in this language, or untick the language."))
        names = [told[f"name_{code}"] for code in ("en", *told.get("languages", [])) if told.get(f"name_{code}")]
        if "slug" in told and not told["slug"] and names:
            told["slug"] = slugify(names[0])[:60].strip("-")
        slug = told.get("slug", "")
        if "slug" in told and not slug and names:
            self.add_error("slug", _("Write a short name of letters, digits and hyphens."))
        elif slug and Campaign.objects.filter(slug=slug).exists():
            self.add_error("slug", _("Another campaign has this short name. Choose another one."))

    def answers(self) -> dict[str, Any]:
        """Return it as plain data; names of the chosen languages only."""
        told = self.cleaned_data
        authority = told["authority"]
        return {
            "place": told["place"],
            "languages": told["languages"],
            "names": {code: told[f"name_{code}"] for code in told["languages"]},
            "slug": told["slug"],
            "mode": told["mode"],
            "time_zone": told["time_zone"],
            "authority": authority.pk if authority else None,
        }


class AlongForm(StepForm):
    """What is copied."""

    step = ALONG
    kinds = forms.MultipleChoiceField(required=False)

    def __init__(self, start: CampaignStart | None, kinds: list[carried_over.Kind], *args: Any, **kwargs: Any) -> None:
        super().__init__(start, *args, **kwargs)
        self.rows = kinds
        there = [kind.key for kind in kinds if kind.is_there]
        self.offer("kinds", [(key, key) for key in there])
        self.fields["kinds"].initial = self.told.get("kinds", there)

    @property
    def chosen(self) -> set[str]:
        """The kinds that are ticked in the form as it is drawn."""
        return {str(key) for key in self["kinds"].value() or []}


class PeopleForm(StepForm):
    """Who speaks with influencers, and who has a role in this campaign only: a colleague a line, with their roles."""

    step = PEOPLE
    contact = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Contact person for influencers"),
        required=False,
        empty_label=gettext_lazy("Nobody yet"),
        help_text=gettext_lazy("Named in emails and in the portal. Who had a contact person of their own keeps them."),
    )
    roles = forms.CharField(
        label=gettext_lazy("Roles in this campaign only"),
        required=False,
        max_length=MOST_OF_ROLES,
        widget=forms.Textarea({"rows": 3, "class": "input", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "A colleague a line, such as maria@example.org: editor, liaison. They see no other campaign unless they have"
            " a role there. They get the roles when the campaign is made; powerful ones wait for a second administrator."
        ),
    )

    def __init__(self, start: CampaignStart | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(start, *args, **kwargs)
        people = contact_person.answerers(start.earlier_id if start else None)
        field = self.fields["contact"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people
        earlier = start.earlier if start else None
        before = next((one.pk for one in people if earlier and one.email == earlier.liaison_email), None)
        self.fields["contact"].initial = self.told.get("contact", before)
        held = team_roles.of_campaign(earlier) if earlier else []
        self.fields["roles"].initial = team_roles.as_lines(self.told.get("roles", held))

    def clean_roles(self) -> list[tuple[int, list[str]]]:
        """Return the colleagues by key, each with their roles."""
        try:
            return team_roles.read(self.cleaned_data["roles"])
        except team_roles.NotReadable as why:
            raise forms.ValidationError(str(why)) from why

    def answers(self) -> dict[str, Any]:
        """Return the people's keys."""
        contact = self.cleaned_data["contact"]
        return {"contact": contact.pk if contact else None, "roles": self.cleaned_data["roles"]}


class InfluencersForm(StepForm):
    """Which influencers, as far as there are any."""

    step = INFLUENCERS
    bring = forms.ChoiceField(widget=forms.RadioSelect, label=gettext_lazy("Those who agreed"))
    others = forms.ChoiceField(widget=forms.RadioSelect, label=gettext_lazy("Those who never said"))
    close = forms.ChoiceField(widget=forms.RadioSelect, label=gettext_lazy("Close contact"))

    def __init__(self, start: CampaignStart | None, counts: Counts, *args: Any, **kwargs: Any) -> None:
        super().__init__(start, *args, **kwargs)
        self.counts = counts
        choices = {
            "bring": [("yes", _("They come along")), ("no", _("Leave them out"))],
            "others": [("invite", _("Invite once, when the campaign is public")), ("leave", _("Leave them out"))],
            "close": [("propose", _("Start from a proposal")), ("choose", _("Choose them all yourself"))],
        }
        for name, offered in choices.items():
            self.offer(name, offered)
            self.fields[name].initial = self.told.get(name, offered[0][0])
        if "bring" in self.told:
            self.fields["bring"].initial = "yes" if self.told["bring"] else "no"
        if not counts.agreed:
            del self.fields["bring"], self.fields["close"]
        if not counts.undecided:
            del self.fields["others"]

    def answers(self) -> dict[str, Any]:
        """Return it as plain data; of what was not asked, the answer that does nothing."""
        told = self.cleaned_data
        return {
            "bring": told.get("bring") == "yes",
            "others": told.get("others", "leave"),
            "close": told.get("close", "choose"),
        }


class FirstForm(BlankFields, StepForm):
    """Who sends, and the blanks of the first bulletin."""

    step = FIRST
    statement = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    sender_email = AddressField(
        label=gettext_lazy("Sender’s address"), max_length=254, widget=forms.EmailInput(attrs=ONE_LINE)
    )
    reply_to = AddressField(
        label=gettext_lazy("Address for replies"), max_length=254, widget=forms.EmailInput(attrs=ONE_LINE)
    )

    def __init__(
        self,
        start: CampaignStart | None,
        template: CrisisTemplate | None,
        statement: HoldingStatement | None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(start, *args, **kwargs)
        self.template, self.chosen = template, statement
        earlier = start.earlier if start else None
        self.about = about = start.answer(ABOUT) if start else {}
        languages = [code for code in about.get("languages", []) if statement and code in statement.title]
        keys = [one.key for one in template.holding_statements] if template else []
        self.offer("statement", [(key, key) for key in ("", *keys)])
        self.fields["statement"].initial = statement.key if statement else ""
        for name in ("sender_email", "reply_to"):
            self.fields[name].initial = self.told.get(name, getattr(earlier, name, "") if earlier else "")
        self.lead = lead = Authority.objects.filter(pk=about.get("authority")).first() if statement else None
        before = self.typed_before(about.get("place", ""))
        if lead is not None:
            before = {known_words.AUTHORITY: known_words.by_language(lead.name, languages)} | before
        self.add_blanks(statement.blanks if statement else [], languages, before)

    @property
    def sourceless(self) -> bool:
        """Whether the key messages of the bulletin will name no source: it is the lead authority."""
        return self.chosen is not None and self.lead is None

    def typed_before(self, place: str) -> dict[str, Texts]:
        """Return what was typed into the blanks; `{place}` begins as the campaign’s."""
        before = dict(self.told.get("typed", {}))
        return before | ({"place": {"": place} | before.get("place", {})} if place else {})

    def clean(self) -> None:
        """Write the blanks in each language, and refuse lines that become too long."""
        if self.chosen is not None:
            self.fill(self.chosen, ZoneInfo(self.about.get("time_zone") or "UTC"))

    def answers(self) -> dict[str, Any]:
        """Return it as plain data: the addresses, what was typed, and the blanks in each language."""
        told = self.cleaned_data
        found = {name: told[name] for name in ("sender_email", "reply_to", "statement")}
        if self.chosen is None:
            return found | {"statement": ""}
        return found | {"typed": self.typed(), "blanks": self.words}
