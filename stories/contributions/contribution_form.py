"""The public form: words or one picture, who may be named, and an address for one mail of thanks."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from factcheck.intake import screenshots
from factcheck.intake.forms import CleanedField
from lib.form_choices import offer_choices
from lib.images import uploaded_images
from lib.images.picture_inputs import PictureInput
from lib.mail_address_fields import AddressField
from lib.text.languages.languages import language_heading
from stories.models import Prompt

MOST_WORDS, MOST_NAME = 1500, 80  # characters
AGREED = gettext_lazy(
    "I made this myself and nobody else can be recognised in it without having agreed. It may be shown here, with the name that I gave, until I take it back."
)
OLD_ENOUGH = gettext_lazy("I am at least 15 years old, or my guardian agrees.")


class ContributionForm(forms.Form):
    """
    What somebody sends. `website` is a trap: people don't see it, machines fill it in. `token` names this sending, so that one that is
    pressed twice is kept once.
    """

    text = CleanedField(
        label=gettext_lazy("Your words"),
        required=False,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    picture = forms.FileField(
        label=gettext_lazy("Or a picture"),
        required=False,
        widget=PictureInput(megabytes=10),
        help_text=gettext_lazy(
            "PNG, JPEG or WebP, at most 10 MB. Where and when it was taken is removed from the file. Say above in a sentence what it shows."
        ),
        error_messages={"empty": gettext_lazy("The file is empty. Choose another one.")},
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    name = CleanedField(
        label=gettext_lazy("Name to show"),
        required=False,
        max_length=MOST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
        help_text=gettext_lazy("Leave it empty, and no name is shown."),
    )
    email = AddressField(
        label=gettext_lazy("Email address"),
        required=False,
        help_text=gettext_lazy("For one mail when it is shown. It is deleted 30 days later."),
    )
    agrees = forms.BooleanField(
        label=AGREED, error_messages={"required": gettext_lazy("It can only be shown if you agree to this.")}
    )
    old_enough = forms.BooleanField(
        label=OLD_ENOUGH, error_messages={"required": gettext_lazy("It can only be taken if this is so.")}
    )
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}))
    token = forms.RegexField(r"^[0-9a-f]{32}\Z", required=False, widget=forms.HiddenInput)

    def __init__(self, prompt: Prompt, data: Any = None, files: Any = None) -> None:
        self.prompt = prompt
        self.drawn: uploaded_images.Picture | None = None
        super().__init__(data, files, use_required_attribute=False)
        codes = prompt.campaign.language_codes()
        offer_choices(self, "language", [(code, language_heading(code)) for code in codes])
        page = (get_language() or "").partition("-")[0]
        self.initial["language"] = page if page in codes else prompt.campaign.default_language
        self.initial["token"] = uuid4().hex
        if not prompt.takes_pictures:
            del self.fields["picture"]
        for name, field in self.fields.items():
            if not isinstance(field.widget, forms.CheckboxInput) and name != "token":
                field.widget.attrs["class"] = "input"
            field.widget.attrs.pop("maxlength", None)

    @property
    def is_trap_sprung(self) -> bool:
        """Return whether the field was filled in that people don't see."""
        return bool(self.data.get("website"))

    def draw(self) -> bool:
        """Draw the picture of a valid form anew; return False and say why where that is none. It costs: limits come first."""
        if upload := self.cleaned_data.get("picture"):
            try:
                self.drawn = screenshots.read(upload)
            except uploaded_images.Unusable as fault:
                self.add_error("picture", str(fault))
        return not self.errors

    def clean(self) -> dict[str, Any]:
        """Refuse what has no words: a picture needs them too, for whoever cannot see it."""
        told = super().clean() or {}
        if "text" not in self.errors and not told.get("text"):
            only = _("Write what the picture shows.") if told.get("picture") else _("Write something.")
            self.add_error("text", only)
        if not self.prompt.takes_words and not told.get("picture") and "picture" not in self.errors:
            self.add_error("picture", _("Choose a picture."))
        return told

    def content(self) -> dict[str, str]:
        """Return what was sent, as contribution_steps takes it."""
        told = {name: self.cleaned_data[name] for name in ("text", "language", "name")}
        return told | {"email": self.cleaned_data["email"] or "", "agreed_to": f"{AGREED} {OLD_ENOUGH}"}
