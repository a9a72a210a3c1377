"""What is shown of a text that was found: the words around, those that were looked for marked, all of it safe in a page."""

import re
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from lib.text.linguistics.stemming import stem

from .query_syntax import Question

LENGTH = 240  # characters of an excerpt
BEFORE = 40  # characters before the first word that was looked for
ALIKE = 2  # first letters that every form of a word has


class Span(NamedTuple):
    """Where a text has a word of a question: from, to, and its stem there."""

    start: int
    end: int
    stem: str


class Marker:
    """Knows the words of a question by the rules of a language."""

    def __init__(self, question: Question, language: str) -> None:
        self.language = language
        self.stems: dict[str, bool] = {}  # whether longer words will do too
        for part in question.wanted:
            self.stems |= dict.fromkeys(part.others(language), False)
            words = part.stems(language) if part.is_open else [stem(word, language) for word in part.words]
            self.stems |= dict.fromkeys(words, part.is_open)
        beginnings = "|".join(sorted({re.escape(one[:ALIKE]) for one in self.stems}))
        self.maybe = re.compile(rf"(?<![^\W_])(?:{beginnings})[^\W_]*", re.IGNORECASE)

    def spans(self, text: str) -> list[Span]:
        """Return where a text has words of the question."""
        found = []
        for word in self.maybe.finditer(text):
            root = stem(word[0].lower(), self.language)
            of = next(
                (one for one, longer in self.stems.items() if root == one or (longer and root.startswith(one))), ""
            )
            if of:
                found.append(Span(word.start(), word.end(), of))
        return found

    def marked(self, text: str) -> SafeString:
        """Return a text with the words of the question marked."""
        return marked(text, self.spans(text))

    def excerpt(self, *texts: str) -> SafeString:
        """Return where the texts have most of the question's words, or else how the first of them begins."""
        best, places, start, most = next(filter(None, texts), ""), [], 0, 0
        for text in texts:
            here = self.spans(text)
            for n, place in enumerate(here):
                near = {one.stem for one in here[n:] if one.end <= place.start - BEFORE + LENGTH}
                if len(near) > most:
                    best, places, start, most = text, here, place.start, len(near)
        begin = best.find(" ", max(0, start - BEFORE)) + 1 if start > BEFORE else 0
        begin = min(begin, start)
        end = best.rfind(" ", begin, begin + LENGTH) if len(best) > begin + LENGTH else len(best)
        within = [
            Span(one.start - begin, one.end - begin, one.stem)
            for one in places
            if begin <= one.start and one.end <= end
        ]
        shown = marked(best[begin:end], within)
        return format_html("{}{}{}", "… " if begin else "", shown, " …" if end < len(best) else "")


def marked(text: str, places: list[Span]) -> SafeString:
    """Return a text with these places marked."""
    starts = [0, *(one.end for one in places)]
    ends = [*(one.start for one in places), len(text)]
    between = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    words = [text[one.start : one.end] for one in places]
    pieces = format_html_join("", "{}<mark>{}</mark>", zip(between, words, strict=False))
    return format_html("{}{}", pieces, between[-1])
