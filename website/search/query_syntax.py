"""What a reader asks for: words, "words in this order", -without, or."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lib.text.linguistics.stemming import keys, stem

LONGEST = 200  # characters of a question
LEAST = 2  # letters of a word, at least one of them
MOST_PARTS = 16
OPEN = 4  # letters from which on a word also finds those that begin with it: koulu finds kouluterveys

_PART = re.compile(r"""(?P<no>-?)"(?P<phrase>[^"]*)"?|(?P<not>-?)(?P<word>[^\s"]+)""")
_WORD = re.compile(r"[^\W_]+")


class NotAskable(Exception):
    """A question that cannot be looked for. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """
    Words that stand in this order, most often one, and how the reader wrote them, in lower case. `is_open` when longer words that
    begin like it will do too. `alike` are other spellings of such a word.
    """

    text: str
    words: tuple[str, ...]
    wanted: bool = True
    is_open: bool = False
    alike: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """An open word and its other spellings."""
        return (self.words[0], *self.alike)

    def stems(self, language: str) -> list[str]:
        """Return the stems of an open word, with which longer words may begin."""
        return list(dict.fromkeys(stem(word, language) for word in self.spellings))

    def others(self, language: str) -> list[str]:
        """Return the other stems that forms of an open word have, as Finnish consonants change: kunta, kunnissa."""
        if not self.is_open:
            return []
        return sorted({key for word in self.spellings for key in keys(word, language)} - set(self.stems(language)))


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: any of `choices`, and of a choice all parts, one of them wanted at least."""

    choices: tuple[tuple[Part, ...], ...]

    @property
    def wanted(self) -> list[Part]:
        """The parts that a text is to have."""
        return [part for choice in self.choices for part in choice if part.wanted]


def read(said: str) -> Question:
    """Return a reader's words as a question, or raise NotAskable. Of very many words the first 16 count."""
    if len(said) > LONGEST:
        raise NotAskable(
            _("That is too long: at most %(most)s characters. Enter only the important words.") % {"most": LONGEST}
        )
    choices: list[list[Part]] = [[]]
    for found in list(_PART.finditer(normalized(said)))[:MOST_PARTS]:
        if (found["word"] or "").lower() == "or" and not found["not"]:
            choices.append([])
            continue
        if (part := part_of(found)) is not None:
            choices[-1].append(part)
    question = Question(tuple(tuple(choice) for choice in choices if any(part.wanted for part in choice)))
    if not any(len(word) >= LEAST for part in question.wanted for word in part.words):
        raise NotAskable(_("Enter a word to search for, with at least two letters."))
    return question


def part_of(found: re.Match[str]) -> Part | None:
    """Return a word or a phrase of a question, None for one without any letter."""
    text = (found["phrase"] or found["word"] or "").lower()
    words, wanted = tuple(words_of(text)), not (found["no"] or found["not"])
    if not words:
        return None
    is_open = wanted and not found["phrase"] and len(words) == 1 and len(words[0]) >= OPEN
    return Part(text, words, wanted, is_open)


def reworded(said: str, words: Mapping[str, str]) -> str:
    """Return what a reader said with other words in the place of some, {lower case: other word}; a capital stays one."""

    def other(found: re.Match[str]) -> str:
        word = words.get(found[0].lower(), found[0])
        return word[:1].upper() + word[1:] if found[0][:1].isupper() else word

    return _WORD.sub(other, normalized(said))


def normalized(text: str) -> str:
    """Return a text with each letter written in one way, and without what no database keeps."""
    return unicodedata.normalize("NFC", text.replace("\0", " "))


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


def stems_of(text: str, language: str) -> str:
    """Return a text as the stems of its words, by the rules of a language."""
    return " ".join(stem(word, language) for word in words_of(text))
