"""What is asked about an incident at the desk."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from website.models import Incident, IncidentUpdate

EDIT_AGAIN = "edit_again"  # the button that leads back from what becomes public
LONGEST_TITLE, LONGEST_TEXT = 200, 5_000  # characters in a language


class PublicWords(forms.ModelForm):
    """A form of texts for everyone."""

    longest: dict[str, int] = {}

    def clean(self) -> dict[str, Any]:
        """Refuse texts that are too long, and what no page can show."""
        found = super().clean() or {}
        for name, most in self.longest.items():
            for code, text in (found.get(name) or {}).items():
                if len(text) > most:
                    says = _("%(language)s: at most %(most)d characters. It has %(number)d.")
                    self.add_error(name, says % {"language": code, "most": most, "number": len(text)})
                if "\0" in text:
                    self.add_error(
                        name, _("%(language)s: contains a character that cannot be stored.") % {"language": code}
                    )
        return found

    def refuse_later(self, name: str) -> None:
        """Refuse a moment that is still to come."""
        moment = self.cleaned_data.get(name)
        if moment and moment > timezone.now():
            self.add_error(name, _("This time has not come yet."))


class IncidentForm(PublicWords):
    """An incident. Nothing is stored when someone came back from what becomes public to change it."""

    parts = forms.MultipleChoiceField(
        choices=Incident.Part.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        label=gettext_lazy("Affected parts"),
    )
    longest = {"title": LONGEST_TITLE, "text": LONGEST_TEXT}

    class Meta:
        model = Incident
        fields = ["title", "text", "parts", "started_at", "ended_at"]

    def clean(self) -> dict[str, Any]:
        """Refuse an incident that ends before it begins, or that has not begun or ended yet."""
        found = super().clean()
        began, ended = found.get("started_at"), found.get("ended_at")
        self.refuse_later("started_at")
        self.refuse_later("ended_at")
        if began and ended and ended < began:
            self.add_error("ended_at", _("It cannot end before it began."))
        if EDIT_AGAIN in self.data:
            raise forms.ValidationError(_("Nothing has been saved yet. Change what you want, then save."))
        return found


class IncidentUpdateForm(PublicWords):
    """What is known since."""

    longest = {"text": LONGEST_TEXT}

    class Meta:
        model = IncidentUpdate
        fields = ["at", "text"]

    def clean(self) -> dict[str, Any]:
        """Refuse a moment that is still to come."""
        found = super().clean()
        self.refuse_later("at")
        return found
