"""The desk's forms of a course: what it is, one of its modules, one of its questions. Each has a box for every language of the campaign."""

from collections.abc import Collection, Iterator
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib.text.characters import visible_text
from lib.text.languages.languages import language_heading
from stories.models import CourseVersion

from . import content

LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_TEXT, LONGEST_QUESTION = 120, 300, 8000, 500  # characters


class CourseForm(forms.Form):
    """A form with texts in the campaign's languages. `read` names the version that it was started from, "" for a new course."""

    texts: tuple[tuple[str, Any, int, int], ...] = ()  # (name, label, characters at most, lines)
    read = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, codes: Collection[str], *args: Any, **kwargs: Any) -> None:
        self.codes = list(codes)
        super().__init__(*args, **kwargs)
        for name, label, longest, lines in self.texts:
            self.add_texts(name, label, longest, lines)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["class"] = "input"

    def add_texts(self, name: str, label: Any, longest: int, lines: int) -> None:
        """Add the boxes of a text, one for each language."""
        for code in self.codes:
            attributes = {"lang": code, **({"rows": lines} if lines > 1 else {})}
            self.fields[f"{name}_{code}"] = forms.CharField(
                label=f"{label}, {language_heading(code)}",
                required=False,
                max_length=longest,
                widget=forms.Textarea(attrs=attributes) if lines > 1 else forms.TextInput(attrs=attributes),
            )

    def groups(self) -> Iterator[list[forms.BoundField]]:
        """Yield the boxes in the order in which they are filled in, those of one text together."""
        for name, _label, _longest, _lines in self.texts:
            yield [self[f"{name}_{code}"] for code in self.codes]
        yield [field for field in self.visible_fields() if not self.is_text(field.name)]

    def is_text(self, name: str) -> bool:
        """Return whether a box belongs to a text in several languages."""
        return any(name == f"{text}_{code}" for text, *_rest in self.texts for code in self.codes)

    def words(self, name: str) -> dict[str, str]:
        """Return a text in each language that it is written in, without what turns or hides letters."""
        written = {
            code: str(self.cleaned_data.get(f"{name}_{code}", "")).translate(visible_text.TURNING)
            for code in self.codes
        }
        lines = {code: "\n".join(map(visible_text.seen, text.splitlines())).strip() for code, text in written.items()}
        return {code: text for code, text in lines.items() if text}


def boxes(texts: dict[str, dict[str, str]], codes: Collection[str]) -> dict[str, str]:
    """Return what the boxes of some texts show."""
    return {f"{name}_{code}": written.get(code, "") for name, written in texts.items() for code in codes}


class DetailsForm(CourseForm):
    """What a course is called and is about, how long it takes, and when it is finished."""

    texts = (
        ("title", gettext_lazy("Title"), LONGEST_TITLE, 1),
        ("summary", gettext_lazy("Summary"), LONGEST_SUMMARY, 2),
    )
    slug = forms.SlugField(
        label=gettext_lazy("Name in its address"),
        max_length=60,
        help_text=gettext_lazy("Small letters, digits and hyphens. It stays as it is."),
    )
    minutes = forms.IntegerField(label=gettext_lazy("How many minutes it takes"), min_value=1, max_value=600)
    share = forms.IntegerField(
        label=gettext_lazy("How much of the questions has to be right, in per cent"),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=gettext_lazy(
            "For whoever begins from now on. Those who have begun keep the rule that they began with."
        ),
        initial=80,
    )

    def __init__(self, codes: Collection[str], *args: Any, version: CourseVersion | None = None, **kwargs: Any) -> None:
        if version is not None:
            texts = {"title": version.title, "summary": version.summary}
            kwargs["initial"] = {
                **boxes(texts, codes),
                "minutes": version.minutes,
                "share": version.share,
                "read": version.digest,
            }
        super().__init__(codes, *args, **kwargs)
        if version is not None:
            del self.fields["slug"]

    def clean(self) -> dict[str, Any]:
        """Refuse a course without a title."""
        told = super().clean() or {}
        if not self.words("title"):
            self.add_error(f"title_{self.codes[0]}", _("Write it in at least one language."))
        return told


class ModuleForm(CourseForm):
    """A module: its heading, its text, and a picture or a video."""

    texts = (
        ("title", gettext_lazy("Heading"), LONGEST_TITLE, 1),
        ("text", gettext_lazy("Text (Markdown)"), LONGEST_TEXT, 14),
        ("alt", gettext_lazy("Alt text of the picture"), 300, 1),
    )
    picture = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    no_picture = forms.BooleanField(label=gettext_lazy("Remove the picture"), required=False)
    video = forms.FileField(
        label=gettext_lazy("Video"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "video/mp4,video/quicktime,video/webm"}),
        help_text=gettext_lazy("It needs subtitles in every language."),
    )
    no_video = forms.BooleanField(label=gettext_lazy("Remove the video"), required=False)

    def __init__(
        self,
        codes: Collection[str],
        *args: Any,
        version: CourseVersion,
        module: content.Module | None = None,
        **kwargs: Any,
    ) -> None:
        initial: dict[str, Any] = {"read": version.digest}
        if module is not None:
            initial |= boxes({name: module[name] for name in ("title", "text", "alt")}, codes)
        super().__init__(codes, *args, initial=initial, **kwargs)
        for code in self.codes:
            self.fields[f"subtitles_{code}"] = forms.FileField(
                label=_("Subtitles, %(language)s (SRT or WebVTT)") % {"language": language_heading(code)},
                required=False,
                widget=forms.FileInput(attrs={"accept": ".srt,.vtt", "class": "input"}),
            )
        for name in ("picture", "video"):
            if module is None or not module[name]:
                del self.fields[f"no_{name}"]

    def clean(self) -> dict[str, Any]:
        """Refuse a module without a heading."""
        told = super().clean() or {}
        if not self.words("title"):
            self.add_error(f"title_{self.codes[0]}", _("Write it in at least one language."))
        return told


class QuestionForm(CourseForm):
    """A question with its answers; an answer without words is none."""

    texts = (("text", gettext_lazy("Question"), LONGEST_QUESTION, 2),)
    must = forms.BooleanField(
        label=gettext_lazy("It has to be right to finish the course"),
        required=False,
    )

    def __init__(
        self,
        codes: Collection[str],
        *args: Any,
        version: CourseVersion,
        question: content.Question | None = None,
        **kwargs: Any,
    ) -> None:
        initial: dict[str, Any] = {"read": version.digest}
        options = question["options"] if question else []
        if question is not None:
            initial |= {"must": question["must"], **boxes({"text": question["text"]}, codes)}
        for place, option in enumerate(options):
            initial |= boxes({f"option{place}": option["text"], f"why{place}": option["why"]}, codes)
            initial[f"right{place}"] = option["right"]
        super().__init__(codes, *args, initial=initial, **kwargs)
        for place in range(content.MOST_OPTIONS):
            number = {"n": place + 1}
            self.fields[f"right{place}"] = forms.BooleanField(label=_("Answer %(n)d is right") % number, required=False)
            self.add_texts(f"option{place}", _("Answer %(n)d") % number, LONGEST_QUESTION, 1)
            self.add_texts(f"why{place}", _("Explanation of answer %(n)d") % number, LONGEST_QUESTION, 2)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["class"] = "input"

    def groups(self) -> Iterator[list[forms.BoundField]]:
        """Yield the question, then each answer with its explanation."""
        yield [*(self[f"text_{code}"] for code in self.codes), self["must"]]
        for place in range(content.MOST_OPTIONS):
            names = (f"option{place}", f"why{place}")
            yield [self[f"right{place}"], *(self[f"{name}_{code}"] for name in names for code in self.codes)]

    def question(self, key: str) -> content.Question:
        """Return what was written as a question."""
        options = [
            {
                "text": self.words(f"option{place}"),
                "why": self.words(f"why{place}"),
                "right": self.cleaned_data[f"right{place}"],
            }
            for place in range(content.MOST_OPTIONS)
        ]
        written = [one for one in options if one["text"] or one["why"]]
        return {"id": key, "text": self.words("text"), "must": self.cleaned_data["must"], "options": written}

    def clean(self) -> dict[str, Any]:
        """Refuse a question without words."""
        told = super().clean() or {}
        if not self.words("text"):
            self.add_error(f"text_{self.codes[0]}", _("Write it in at least one language."))
        return told
