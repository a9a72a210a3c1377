"""Which themes the words of a story suggest. A person confirms them."""

import re
from collections.abc import Iterable

from lib.text.linguistics import word_forms
from stories.models import Story, StorySubtitles, StoryTheme

WORD = re.compile(r"[^\W\d_]+")
TIMES = re.compile(r"^[\d:.]+ --> .*$", re.MULTILINE)
MOST_WORDS = 4_000  # different ones of a language; a video of four minutes has some 600


def suggested(story: Story, themes: Iterable[StoryTheme]) -> set[int]:
    """Return the keys of the themes of which a word is in a story's title, sentence, text or subtitles; one query."""
    words = words_of(story)
    return {theme.pk for theme in themes if fits(theme, words)}


def words_of(story: Story) -> dict[str, set[str]]:
    """Return the words of a story by language, in lower case; one query."""
    texts: dict[str, list[str]] = {}
    for field in (story.title, story.sentence, story.text):
        for code, text in field.items():
            texts.setdefault(code, []).append(text)
    for row in StorySubtitles.objects.filter(story=story):
        texts.setdefault(row.language, []).append(TIMES.sub("", row.vtt or row.draft))
    return {
        code: set(list(dict.fromkeys(WORD.findall(" ".join(parts).lower())))[:MOST_WORDS])
        for code, parts in texts.items()
    }


def fits(theme: StoryTheme, words: dict[str, set[str]]) -> bool:
    """Return whether a word of a theme, or a form or compound of it, is among `words`."""
    return any(
        term in there
        or any(word_forms.is_form(word, term, code) or word_forms.is_part(word, term, code) for word in there)
        for code, there in words.items()
        for term in map(str.lower, theme.words.get(code, []))
    )
