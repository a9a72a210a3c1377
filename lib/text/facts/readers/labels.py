"""
Numbers that are no facts by their place: of a line in a list, of a page, after a noun that names something. None where they are read over,
[] where they are something else.
"""

from lib.text.facts.fact import Fact
from lib.text.facts.tokens import Tokens
from lib.text.facts.words.labels import BEFORE_COUNTS, GOES_ON, NO_LABEL
from lib.text.facts.words.nouns import COUNTED, PIECES

from .names import DO, SHORT_NUMBERS, name

_BRACKETS = 200  # characters before a bracket that are looked at
_VERB_ENDINGS = ("taa", "tää")  # vuotaa, kestää; a noun after a count ends otherwise


def no_fact(_tok: Tokens, _start: int, _end: int) -> list[Fact] | None:
    """Read over what is no fact: the number of a line in a list, of a subtitle, of a row."""
    return None


def name_in_words(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read over "rule two", but not "tie kuudelta", at six."""
    if tok.words[start] in DO:
        return []  # report five or more
    return None if tok.language != "fi" or "nom" in tok.meanings[end - 1].form.split() else []


def inline_list(tok: Tokens, start: int, _end: int) -> list[Fact] | None:
    """Read over "1) wash, 2) dry", but not the end of brackets: "(in all 20)"."""
    before = tok.text[max(0, tok.starts[start] - _BRACKETS) : tok.starts[start]]
    return [] if before.rfind("(") > before.rfind(")") else None


def label(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read the number after a noun in its plain form, which is what it names: tank 2, silta 118, kandidat 128."""
    word, code, digits = tok.words[start - 2].lower(), tok.language, tok.words[start]
    if code not in BEFORE_COUNTS or word in BEFORE_COUNTS[code] or word.endswith(NO_LABEL[code]) or len(word) < 3:
        return []
    if digits in SHORT_NUMBERS or (digits[0] == "0" and len(digits) > 3) or _is_count(tok, start, end):
        return []
    return name(tok, start, end)


def _is_count(tok: Tokens, start: int, end: int) -> bool:
    """Return whether the word after digits is what they count, and not what a named thing does: "tank 2 leaks"."""
    code, following = tok.language, tok.word_after(end)
    if tok.classes[end : end + 2] not in {" w", " W"} or following in GOES_ON[code]:
        return False
    opens = tok.classes[start - 2] == "W" and tok.begins_sentence(start - 2)
    partitive = code == "fi" and following.endswith(("a", "ä")) and not following.endswith(_VERB_ENDINGS)
    return not opens or partitive or following in PIECES or following in COUNTED.get(code, ())


def page(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read "s. 14", the page in Finnish and Swedish; the letter means seconds elsewhere."""
    return name(tok, start + 2, end) if tok.words[start] == "s" and tok.classes[start - 1] in " (\n" else []
