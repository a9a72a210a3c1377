"""The forms in which bulletins are started, written and corrected."""

from typing import Any

from django import forms
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldBooleanSwitchWidget

from campaigns.desk import TranslatedFormField, TranslatedWidget

from ..models import Bulletin, Edition, MessageInput, Urgency


def language_name(code: str) -> str:
    """Return the name of a language in the user's language, or its code."""
    try:
        return get_language_info(code)["name_translated"]
    except KeyError:
        return code


class EditionForm(forms.ModelForm):
    """An edition as it is written. A draft may have holes; what is still missing stops it at approval, not here."""

    is_current = forms.BooleanField(
        label=gettext_lazy("I have brought it up to date with the original"),
        help_text=gettext_lazy("Switch it on when the original has changed and this says the same again."),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
    )

    class Meta:
        model = Edition
        fields = "__all__"

    def __init__(self, *args: Any, original: Edition | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title", "subject", "body"):
            if name in self.fields:
                self.fields[name].required = False
        is_original = original is not None and original.pk == self.instance.pk
        field = self.fields["is_current"]
        field.initial = is_original
        if is_original:
            field.disabled = True
            field.label = _("This is the original")
            field.help_text = ""
        if language := self.instance.language:
            for name in ("title", "subject", "preheader", "body"):
                if name in self.fields:
                    self.fields[name].widget.attrs["lang"] = language

    @property
    def is_up_to_date(self) -> bool:
        """Tell whether the editor says that this follows the original now; a first translation always does."""
        return bool(self.cleaned_data.get("is_current")) or not self.initial.get("body")

    def clean(self) -> dict[str, Any]:
        """Keep the subject in one line."""
        data = super().clean() or {}
        if "subject" in data:
            data["subject"] = " ".join((data["subject"] or "").split())
        return data


class BulletinForm(forms.ModelForm):
    """A bulletin's own fields; it is written in one of the languages that it has."""

    class Meta:
        model = Bulletin
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "original_language" in self.fields and self.instance.pk:
            codes = dict.fromkeys(
                [*self.instance.editions.values_list("language", flat=True), self.instance.original_language]
            )
            self.fields["original_language"].widget.choices = [(code, language_name(code)) for code in codes]


class WhatChangedForm(forms.Form):
    """What a correction or a withdrawal tells readers, per language."""

    what_changed = TranslatedFormField(
        label=gettext_lazy("What changed"), required=False, widget=TranslatedWidget(rows=3)
    )
    share_text = TranslatedFormField(
        label=gettext_lazy("Words for those who already posted"), required=False, widget=TranslatedWidget(rows=3)
    )

    def __init__(self, *args: Any, languages: list[str], reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = languages
        if reason:
            self.fields["what_changed"].label = _("Reason")

    def clean_what_changed(self) -> dict[str, str]:
        """Want it in every language of the campaign."""
        texts = self.cleaned_data["what_changed"]
        missing = [code for code in self.languages if code not in texts]
        if missing:
            raise forms.ValidationError(
                _("Write it in every language. Missing: %(codes)s.") % {"codes": ", ".join(missing)}
            )
        return texts


class StartForm(forms.Form):
    """A new bulletin: from which inputs, how urgent."""

    inputs = forms.ModelMultipleChoiceField(
        MessageInput.objects.none(),
        label=gettext_lazy("message inputs"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("urgency"),
        required=False,
        choices=[("", gettext_lazy("As the inputs say")), *Urgency.choices],
    )
