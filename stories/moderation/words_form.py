"""The boxes for the words of a story at the desk: each in every language of the campaign."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from lib.text.characters import visible_text
from lib.text.languages.languages import language_heading
from stories.models import Story, StoryFile

from . import story_words

LONGEST = {"title": 120, "sentence": 300, "text": 6000, "alt": 500}  # characters


@dataclass(frozen=True, slots=True)
class Box:
    """A text in a language: its name in the form, what it says now."""

    name: str
    label: str
    code: str
    text: str
    rows: int
    longest: int


class WordsForm:
    """The words of a story with what is proposed of them, or as they were sent in `data`."""

    def __init__(self, story: Story, files: list[StoryFile], data: Mapping[str, Any] | None = None) -> None:
        self.story, self.data = story, data or {}
        self.pictures = [one for one in files if one.role == StoryFile.Role.PICTURE]
        self.words = story_words.words_of(story, files, proposed=True)
        codes = story.campaign.language_codes()
        self.codes = [story.original_language, *(code for code in codes if code != story.original_language)]

    def boxes(self) -> Iterator[Box]:
        """Yield the boxes, the language of the story first."""
        labels = {"title": _("Title"), "sentence": _("In one sentence"), "text": _("Text")}
        for name, label in labels.items():
            if name == "text" and self.story.kind != Story.Kind.TEXT and not self.words["text"]:
                continue
            for code in self.codes:
                text = self.words[name].get(code, "")
                rows = {"title": 1, "sentence": 2, "text": 8}[name]
                yield Box(f"{name}-{code}", f"{label}, {language_heading(code)}", code, text, rows, LONGEST[name])

    def alt_texts(self) -> Iterator[tuple[StoryFile, list[Box]]]:
        """Yield each picture with the boxes of its alt text."""
        for one in self.pictures:
            texts = self.words["alt"].get(str(one.pk), {})
            yield (
                one,
                [
                    Box(
                        f"alt-{one.pk}-{code}",
                        f"{_('Alt text')}, {language_heading(code)}",
                        code,
                        texts.get(code, ""),
                        2,
                        LONGEST["alt"],
                    )
                    for code in self.codes
                ],
            )

    def told(self) -> story_words.Words:
        """Return what was sent, as story_steps.propose_words takes it."""
        found: story_words.Words = {name: {} for name in (*story_words.FIELDS, "alt")}
        for box in self.boxes():
            name, _dash, code = box.name.partition("-")
            if box.name in self.data:
                found[name][code] = self.sent(box)
        for picture, boxes in self.alt_texts():
            texts = {box.code: text for box in boxes if (text := self.sent(box))}
            if any(box.name in self.data for box in boxes):
                found["alt"][str(picture.pk)] = texts
        return found

    def sent(self, box: Box) -> str:
        """Return what was sent in a box, without what hides or turns letters."""
        text = str(self.data.get(box.name, "")).translate(visible_text.TURNING).replace("\r\n", "\n")
        paragraphs = [visible_text.seen(one) for one in text.split("\n\n")]
        return "\n\n".join(filter(None, paragraphs))[: box.longest].strip()
