"""The short form of a prepared bulletin's blanks: each is filled once, for every language and channel."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, tzinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _

from campaigns.translated_fields import in_language
from lib.text.languages.languages import language_name
from preparedness.crisis_templates.template_files import NEXT_WORD, Blank, HoldingStatement, Texts

from . import prepared_drafts

MOST_OF_A_BLANK = 200
SAID_BY_EACH = ("date", "time", "number")  # what is typed once, and each language writes its own way
ONE_LINE = {"autocomplete": "off", "class": "input"}


class BlankFields(forms.Form):
    """
    A form with a field for each blank of a statement, and one more for each further language that may say it otherwise. `words`
    is then what was typed, {blank: {language: words}}.
    """

    blanks: Iterable[Blank] = ()
    languages: list[str]
    next_word: datetime | None = None

    def add_blanks(self, blanks: Iterable[Blank], languages: list[str], typed: Mapping[str, Texts]) -> None:
        """Add the fields; `typed` is {blank: {"": what was typed before, language: …}}."""
        self.blanks, self.languages = list(blanks), languages
        self.words: dict[str, Texts] = {}
        for blank in self.blanks:
            before = typed.get(blank.key, {})
            for code in ("", *self.other_languages(blank)):
                self.fields[name_of(blank, code)] = self.field_of(blank, code, before.get(code, ""))

    def field_of(self, blank: Blank, code: str, initial: str) -> forms.Field:
        """Return the field of a blank in a language; the main one, "", says in which it is written, and where else its words go."""
        field = field_of(blank, code or self.main_language, initial, is_main=not code)
        if not code and self.other_languages(blank):
            others = get_text_list([language_name(one) for one in self.other_languages(blank)], _("and"))
            field.label = _("%(blank)s, in %(language)s") % {
                "blank": field.label,
                "language": language_name(self.main_language),
            }
            also = _("Also used in %(languages)s, unless you write it there in other words.") % {"languages": others}
            field.help_text = f"{field.help_text}. {also}" if field.help_text else also
        return field

    @property
    def main_language(self) -> str:
        """The language of the words that are typed first, "" where there is none."""
        return self.languages[0] if self.languages else ""

    def other_languages(self, blank: Blank) -> list[str]:
        """Return the languages in which a blank may have other words: none where a date or an hour is meant."""
        return [] if blank.kind in SAID_BY_EACH else self.languages[1:]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The blanks with their fields: the first for every language, the others where one says it otherwise."""
        return [
            {
                "field": self[name_of(blank, "")],
                "others": [self[name_of(blank, code)] for code in self.other_languages(blank)],
                "in": get_text_list([language_name(code) for code in self.other_languages(blank)], _("and")),
                # Words of one language are wrong in another; a name of a place or an address seldom is.
                "is_open": blank.kind == "text",
            }
            for blank in self.blanks
        ]

    def fill(self, statement: HoldingStatement, zone: tzinfo) -> None:
        """
        Write the blanks in each language into `words`, and the moment in `zone` by which more is promised into `next_word`; refuse lines that
        become too long, and a moment that is over. When the fields are clean.
        """
        self.next_word = prepared_drafts.next_word_of(self.typed(), zone)
        if self.next_word is not None and self.next_word <= timezone.now():
            over = _("This is over: choose when you will really say more.")
            self.add_error(f"blank_{NEXT_WORD[0]}", over)
        for blank in self.blanks:
            typed = {
                code: self.cleaned_data.get(name_of(blank, code)) or "" for code in ("", *self.other_languages(blank))
            }
            main = typed[""].isoformat() if isinstance(typed[""], (date, time)) else str(typed[""])
            said = prepared_drafts.spoken(blank, main, self.languages)
            self.words[blank.key] = said | {code: str(words) for code, words in typed.items() if code and words}
        for sentence in prepared_drafts.too_long(statement, self.words, self.languages):
            self.add_error(None, sentence)

    def typed(self) -> dict[str, Texts]:
        """Return what was typed as plain data, {blank: {"": words, language: words}}."""
        told = self.cleaned_data
        return {
            blank.key: {
                code: str(value)
                for code in ("", *self.other_languages(blank))
                if (value := told.get(name_of(blank, code)))
            }
            for blank in self.blanks
        }


def name_of(blank: Blank, language: str) -> str:
    """Return the name of the field of a blank, of one language or (with "") of all."""
    return f"blank_{blank.key}__{language}" if language else f"blank_{blank.key}"


def without_braces(words: str) -> None:
    """Refuse words that would be a blank again."""
    if "{" in words or "}" in words:
        raise ValidationError(_("Write it without { and }: these signs mark what still has to be filled in."))


def field_of(blank: Blank, language: str, initial: str, *, is_main: bool) -> forms.Field:
    """Return the field of a blank, with an example in its language. It may stay empty: then it is a finding of the bulletin."""
    told = "" if blank.kind in SAID_BY_EACH else language  # a day is written as the page's language writes it
    label, example = in_language(blank.label) or blank.key, in_language(blank.example, told or None)
    help_text = _("For example: %(example)s") % {"example": example} if example else ""
    if blank.kind == "date":
        widget: forms.Widget = forms.DateInput(attrs={**ONE_LINE, "type": "date"}, format="%Y-%m-%d")
        return forms.DateField(label=label, required=False, widget=widget, initial=initial, help_text=help_text)
    if blank.kind == "time":
        widget = forms.TimeInput(attrs={**ONE_LINE, "type": "time"}, format="%H:%M")
        return forms.TimeField(label=label, required=False, widget=widget, initial=initial[:5], help_text=help_text)
    if not is_main:
        label = _("%(blank)s, in %(language)s") % {"blank": label, "language": language_name(language)}
    attrs = {**ONE_LINE, "lang": language} if language else ONE_LINE
    return forms.CharField(
        label=capfirst(label),
        required=False,
        max_length=MOST_OF_A_BLANK,
        widget=forms.TextInput(attrs=attrs),
        initial=initial,
        help_text=help_text,
        validators=[without_braces],
    )
