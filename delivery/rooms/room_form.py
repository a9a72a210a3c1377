"""The form by which staff add a chat room. What opens the room is read once, and never shown again."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign
from delivery.models import Room
from delivery.transports.rooms.places import LONGEST_TOKEN, LONGEST_URL, NoPlace, Place, place_of
from lib.text.characters import visible_text
from lib.text.languages.languages import language_heading

SECRET = {"autocomplete": "off", "spellcheck": "false"}


class RoomForm(forms.Form):
    """A room that somebody gave us the address of."""

    organisation = forms.CharField(label=gettext_lazy("Newsroom or organisation"), max_length=120)
    service = forms.ChoiceField(label=gettext_lazy("Service"), choices=Room.Service)
    url = forms.CharField(
        label=gettext_lazy("Address of the webhook"),
        max_length=LONGEST_URL,
        widget=forms.TextInput(attrs={"inputmode": "url", **SECRET}),
        help_text=gettext_lazy(
            "It opens the room to whoever has it: it is stored encrypted, and shown to nobody. Of Matrix, the homeserver."
        ),
    )
    room_id = forms.CharField(
        label=gettext_lazy("Room ID"),
        max_length=255,
        required=False,
        widget=forms.TextInput(attrs=SECRET),
        help_text=gettext_lazy("Only of Matrix: it begins with “!”."),
    )
    token = forms.CharField(
        label=gettext_lazy("Access token"),
        max_length=LONGEST_TOKEN,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Only of Matrix: of the account that writes into the room."),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    wants_bulletins = forms.BooleanField(
        label=gettext_lazy("Every bulletin, not only urgent ones"),
        required=False,
        help_text=gettext_lazy("Corrections and withdrawals of what it got come in any case."),
    )

    def __init__(self, campaign: Campaign, data: Any = None) -> None:
        super().__init__(data)
        fields: Any = self.fields
        fields["language"].choices = [(code, language_heading(code)) for code in campaign.language_codes()]
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["class"] = "input"
            # A browser cuts what is pasted without a word, and a part of an address opens nothing: what is too long is refused instead.
            field.widget.attrs.pop("maxlength", None)

    def clean_organisation(self) -> str:
        """Return the name in one line, without signs that nobody sees or that turn other names around."""
        line = " ".join(visible_text.seen(self.cleaned_data["organisation"]).split())
        name = "".join(sign for sign in line if unicodedata.category(sign) != "Cf").strip()
        if not name:
            raise forms.ValidationError(_("Write the organisation's name."))
        return name

    def clean(self) -> dict[str, Any]:
        """Read where the room is."""
        told = super().clean() or {}
        if "url" in told and "service" in told:
            try:
                told["place"] = place_of(told["service"], told["url"], told.get("room_id", ""), told.get("token", ""))
            except NoPlace as why:
                self.add_error(None, str(why))
        return told

    @property
    def place(self) -> Place:
        """Where the room is; of a form that is valid."""
        found: Place = self.cleaned_data["place"]
        return found
