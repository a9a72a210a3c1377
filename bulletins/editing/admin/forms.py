"""The forms in which bulletins are started, written and corrected."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulletins.models import MessageInput, Urgency
from bulletins.publication.corrections import GAP
from campaigns.desk_fields import TranslatedFormField, TranslatedWidget


class WhatChangedForm(forms.Form):
    """What a correction or a withdrawal tells readers, per language."""

    what_changed = TranslatedFormField(
        label=gettext_lazy("What changed"), required=False, widget=TranslatedWidget(rows=3)
    )
    share_text = TranslatedFormField(
        label=gettext_lazy("Text for people who have already posted"), required=False, widget=TranslatedWidget(rows=3)
    )

    def __init__(self, *args: Any, needed: list[str], reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needed = needed
        if reason:
            self.fields["what_changed"].label = _("Reason")

    def data_of_languages(self) -> dict[str, dict[str, str]]:
        """Return what was typed, good or not yet, as {field: {language: text}}."""
        return {name: self[name].value() or {} for name in ("what_changed", "share_text")}

    def clean_what_changed(self) -> dict[str, str]:
        """Want it in every language that a bulletin waits for."""
        texts = self.cleaned_data["what_changed"]
        missing = [code for code in self.needed if code not in texts]
        if missing:
            raise forms.ValidationError(
                _("Write it in every language. Missing: %(codes)s.") % {"codes": ", ".join(missing)}
            )
        return self.without_gaps(texts)

    def clean_share_text(self) -> dict[str, str]:
        """Words may be missing here, but not half."""
        return self.without_gaps(self.cleaned_data["share_text"])

    def without_gaps(self, texts: dict[str, str]) -> dict[str, str]:
        """Refuse texts where the words that were put in beforehand still have a gap."""
        gaps = [code for code, text in texts.items() if f": {GAP}" in text]
        if gaps:
            raise forms.ValidationError(
                _("Fill in each gap marked “…”. Languages: %(codes)s.") % {"codes": ", ".join(gaps)}
            )
        return texts


class DatesForm(forms.Form):
    """A date that was wrong, and the right one."""

    was = forms.DateField(
        label=gettext_lazy("We wrote"),
        widget=forms.DateInput(attrs={"type": "date", "class": "box"}, format="%Y-%m-%d"),
    )
    is_now = forms.DateField(
        label=gettext_lazy("It should say"),
        widget=forms.DateInput(attrs={"type": "date", "class": "box"}, format="%Y-%m-%d"),
    )


class StartForm(forms.Form):
    """A new bulletin: from which inputs, how urgent."""

    inputs = forms.ModelMultipleChoiceField(
        MessageInput.objects.none(),
        label=gettext_lazy("submissions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("urgency"),
        required=False,
        choices=[("", gettext_lazy("As in the submissions")), *Urgency.choices],
    )
