"""How hard a text is to read: LIX, for each language against what is usual there."""

import re
from functools import lru_cache

from .sentences import markdown_sentences

# Above this a text is hard for its readers. LIX counts words of more than six letters, and Finnish, which puts
# together what others write apart, has about twice as many of them: newspapers come to about 50–60 in Finnish,
# 40–50 in Swedish, 35–45 in English. So the same ease has another figure in each language. Unlisted: 50, "hard"
# in Björnsson's table.
THRESHOLDS = {"fi": 60, "sv": 45, "en": 40}
OTHER_LANGUAGES = 50
LEAST_WORDS = 30  # below this a single word decides

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


@lru_cache(maxsize=4096)  # a text is asked about again after every save of another
def lix(text: str) -> float:
    """
    Return the LIX readability index of `text` (Markdown): mean sentence length in words plus the percentage of words
    longer than six letters. Below 30 is very easy, above 50 hard; see THRESHOLDS for each language.

    Markdown signs, addresses and hashtags are left out; a line break ends a sentence. Raise ValueError if `text` has
    no words. Source: Björnsson, Läsbarhet (1968).
    """
    counted = [words for sentence in markdown_sentences(text) if (words := _WORD.findall(sentence))]
    total = sum(len(words) for words in counted)
    if not total:
        raise ValueError("The text has no words.")
    long = sum(len(word) > 6 for words in counted for word in words)
    return total / len(counted) + 100 * long / total


def words_in(text: str) -> list[str]:
    """Return the words of a text, with their hyphens and apostrophes."""
    return _WORD.findall(text)


def hardest(text: str) -> str:
    """Return the sentence of at least five words that has the highest LIX, or ""."""
    long_enough = [one for one in markdown_sentences(text) if len(_WORD.findall(one)) >= 5]
    return max(long_enough, key=lix, default="")


def threshold(language: str) -> int:
    """Return the LIX above which a text in `language` is hard to read."""
    return THRESHOLDS.get(language.partition("-")[0], OTHER_LANGUAGES)


def is_long_enough(text: str) -> bool:
    """Return whether `text` has enough words for its LIX to say anything."""
    return len(_WORD.findall(text)) >= LEAST_WORDS
