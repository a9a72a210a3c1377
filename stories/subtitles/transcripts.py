"""What is said in a story, as text: from its confirmed subtitles, in paragraphs that each begin at a moment of the video."""

import html
import re
from collections.abc import Iterable

from lib.text import subtitles
from stories.models import Story, StorySubtitles

MARKUP = re.compile(r"</?[ibu]>")
PAUSE = 1_500  # milliseconds without words, after which a paragraph may begin
LONG = 240  # characters, after which one begins with the next sentence
LONGEST = 600  # and after which one begins wherever a cue does
ENDS = re.compile(r"[.!?…؟۔][\"'”’»)\]]*$")


def plain(text: str) -> str:
    """Return a cue's words on one line, without emphasis."""
    return " ".join(html.unescape(MARKUP.sub("", text)).split())


def paragraphs(vtt: str) -> list[tuple[float, str]]:
    """
    Return (second at which it begins, words) of each paragraph of what is said. One ends at a pause or when it is long, with its sentence
    where it can; nothing for what cannot be read.
    """
    try:
        cues = subtitles.parse(vtt)
    except subtitles.Unreadable:
        return []
    found: list[tuple[float, str]] = []
    words, begins, last = "", 0, 0
    for cue in cues:
        text = plain(cue.text)
        is_over = ENDS.search(words) and (len(words) >= LONG or cue.start - last >= PAUSE)
        if words and (is_over or len(words) >= LONGEST):
            found.append((begins / 1000, words))
            words = ""
        if not words:
            begins = cue.start
        words = f"{words} {text}".strip()
        last = cue.end
    if words:
        found.append((begins / 1000, words))
    return found


def confirmed(story: Story) -> list[StorySubtitles]:
    """Return the subtitles of a story that players get, those in the language that is spoken first; one query."""
    rows = list(StorySubtitles.objects.shown([story.pk]))
    return sorted(rows, key=lambda row: (row.language != story.original_language, row.language))


def waited_for(story: Story, languages: Iterable[str], rows: Iterable[StorySubtitles]) -> list[tuple[str, bool]]:
    """
    Return (language, whether a draft is being worked on) of each of `languages` in which a story has no confirmed subtitles; `rows` are
    all that it has. No query.
    """
    found = {row.language: row for row in rows}
    lacking = [code for code in languages if code not in found or found[code].confirmed_at is None]
    return [(code, code in found) for code in lacking]
