"""The form of a story: few fields, in the order in which somebody tells it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib.text.characters import visible_text
from lib.text.languages.languages import language_heading, own_name
from stories.models import Story, StoryConsent, StoryFile

OTHER = "other"
# Offered besides the campaign's own, by their own names: those spoken in municipalities here, then their neighbours'.
OFFERED = (
    *(
        "fi",
        "sv",
        "en",
        "se",
        "smn",
        "sms",
        "et",
        "ru",
        "uk",
        "ar",
        "so",
        "ku",
        "fa",
        "sq",
        "tr",
        "vi",
        "th",
        "zh-hans",
    ),
    *("es", "fr", "de", "it", "pl", "ro"),
)
LONGEST = {"title": 80, "speaker": 80, "sentence": 200, "text": 6000, "alt": 250}  # characters


class StoryForm(forms.Form):
    """What is told beside the files. Nothing is required to keep a draft; `story_steps.faults` says what is missing to send."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=LONGEST["title"],
        required=False,
        widget=forms.TextInput(attrs={"class": "input"}),
    )
    speaker = forms.CharField(
        label=gettext_lazy("Who speaks?"),
        max_length=LONGEST["speaker"],
        required=False,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "organization-title"}),
    )
    language = forms.ChoiceField(label=gettext_lazy("In which language?"), widget=forms.RadioSelect, required=False)
    other_language = forms.ChoiceField(
        label=gettext_lazy("Which other language?"), required=False, widget=forms.Select(attrs={"class": "input"})
    )
    sentence = forms.CharField(
        max_length=LONGEST["sentence"], required=False, widget=forms.Textarea(attrs={"rows": 2, "class": "input"})
    )
    text = forms.CharField(
        label=gettext_lazy("The story"),
        max_length=LONGEST["text"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "class": "input"}),
    )
    nobody_else = forms.BooleanField(label=gettext_lazy("Nobody else can be recognised."), required=False)

    data: Any  # a QueryDict, whose revision goes on

    def __init__(self, story: Story, data: Any = None) -> None:
        self.story, self.codes = story, story.campaign.language_codes()
        super().__init__(data, initial=self.initial_of(story))
        fields: Any = self.fields
        fields["language"].choices = [*((code, own_name(code)) for code in self.codes), (OTHER, _("Another language"))]
        fields["other_language"].choices = [
            ("", "–"),
            *((code, language_heading(code)) for code in OFFERED if code not in self.codes),
        ]
        fields["sentence"].label = {
            Story.Kind.VIDEO: _("One sentence about the video"),
            Story.Kind.PICTURES: _("One sentence about the pictures"),
        }.get(Story.Kind(story.kind), _("In one sentence"))
        if story.kind == Story.Kind.TEXT:
            del self.fields["nobody_else"]
        elif story.kind == Story.Kind.VIDEO:
            del self.fields["text"]

    def initial_of(self, story: Story) -> dict[str, Any]:
        """Return what the form shows of a story."""
        code = story.original_language
        return {
            "revision": story.revision,
            "speaker": story.speaker,
            "language": code if code in self.codes else OTHER,
            "other_language": "" if code in self.codes else code,
            **{name: getattr(story, name).get(code, "") for name in ("title", "sentence", "text")},
        }

    def compare(self, stored: Story) -> None:
        """Show what is stored below each box with something else in it (`field.theirs`), and have the form go on from there."""
        self.data["revision"] = str(stored.revision)
        now = self.initial_of(stored)
        if self.data.get("language") != OTHER:
            del now["other_language"]
        for name, field in self.fields.items():
            typed, saved = self.data.get(name, "").replace("\r\n", "\n").strip(), str(now.get(name, ""))
            if name in now and typed != saved:
                options = dict(getattr(field, "choices", ()))
                field.theirs = options.get(saved, saved) or "–"  # type: ignore[attr-defined]

    def content(self) -> dict[str, Any]:
        """Return what was written, as story_steps takes it."""
        told = self.cleaned_data
        code = told.get("language") or self.story.original_language
        if code == OTHER:
            code = told.get("other_language") or self.story.original_language
        words = {
            name: visible_text.seen(told.get(name, "").translate(visible_text.TURNING))
            for name in ("title", "speaker", "sentence", "text")
        }
        return {**words, "language": code, "people": self.people()}

    def people(self) -> list[StoryConsent]:
        """Return the consents of the municipality that are ticked."""
        keys = [key for key in self.data.getlist("people") if key.isdecimal() and len(key) < 19]
        return list(self.story.municipality.consents.filter(pk__in=keys, withdrawn_at=None))

    @property
    def lacks_tick(self) -> bool:
        """Whether it was to be sent without the word that nobody else can be recognised."""
        is_asked = "nobody_else" in self.fields and self.data.get("do") == "send"
        return is_asked and not self.cleaned_data.get("nobody_else")

    def store_alt_texts(self) -> None:
        """Store what was written about each picture."""
        code = self.content()["language"]
        for one in self.story.files.filter(role=StoryFile.Role.PICTURE):
            said = self.data.get(f"alt-{one.pk}")
            if said is not None:
                said = visible_text.seen(said[: LONGEST["alt"]].translate(visible_text.TURNING))
                one.alt_text = {**one.alt_text, code: said}
                one.save(update_fields=["alt_text"])
