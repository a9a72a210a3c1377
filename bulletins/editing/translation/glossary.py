"""Where the original uses a word of the glossary and a translation says something else."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bulletins.models import Bulletin
from campaigns.models import GlossaryTerm, ReadingLevel
from lib.text.linguistics.stemming import keys
from lib.text.linguistics.word_forms import is_form, is_part
from lib.text.markup import to_text

Texts = Mapping[str, Mapping[str, str]]  # {language: {passage: plain text}}

# Words that a glossary writes before a term, and a text need not.
BEFORE = {"en": {"the", "a", "an", "be"}, "sv": {"att", "en", "ett"}}
SHORTEST_IN_COMPOUND = 4
_WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")


@dataclass(frozen=True)
class Miss:
    """
    A `term` as the original writes it, at `start` to `end` of its `passage` (plain text), for which the edition in
    `language` nowhere says what the glossary expects.
    """

    term: str
    expected: str
    language: str
    passage: str
    start: int
    end: int


def texts_of(bulletin: Bulletin) -> dict[str, dict[str, str]]:
    """Return a bulletin's words as plain text: {language: {passage: text}}; three queries."""
    texts: dict[str, dict[str, str]] = {}
    for edition in bulletin.editions.filter(reading_level=ReadingLevel.STANDARD):
        texts[edition.language] = {
            "title": edition.title,
            "preheader": edition.preheader,
            "body": to_text(edition.whole, width=100_000),
        }
    for rows, name in ((bulletin.key_messages.all(), "message"), (bulletin.calls_to_action.all(), "action")):
        for row in rows:
            for code, text in row.text.items():
                if code in texts:
                    texts[code][f"{name}:{row.pk}"] = text
    return texts


def misses(bulletin: Bulletin, texts: Texts | None = None) -> list[Miss]:
    """Return where translations say another word than the glossary; one query, three more without `texts`."""
    glossary = list(GlossaryTerm.objects.filter(campaign=bulletin.campaign_id).values_list("term", flat=True))
    if not glossary:
        return []
    return compare(texts_of(bulletin) if texts is None else texts, bulletin.original_language, glossary)


def compare(texts: Texts, original: str, glossary: Iterable[Mapping[str, str]]) -> list[Miss]:
    """
    Return the misses in `texts`, in the order of the original; `glossary` holds {language: term}. A language
    without any words is left alone: it is missing, and told elsewhere.
    """
    terms = [term for term in glossary if term.get(original)]
    # The longest first: "movement restriction" is not also a "restriction".
    terms.sort(key=lambda term: -len(term[original]))
    said = _terms_found(texts, terms, original)
    found = []
    for passage, text in texts.get(original, {}).items():
        for number, start, end in _places(text, [term[original] for term in terms], original):
            found += [
                Miss(text[start:end], terms[number][code], code, passage, start, end)
                for code in texts
                if said.get((number, code)) is False
            ]
    order = list(texts.get(original, {}))
    return sorted(found, key=lambda miss: (order.index(miss.passage), miss.start, miss.language))


def said_in(texts: Mapping[str, str], glossary: Mapping[int, Mapping[str, str]]) -> list[int]:
    """Return the keys of the terms, {key: {language: term}}, that some texts, {language: plain text}, say in any language."""
    words = {code: [word.group().lower() for word in _WORD.finditer(text)] for code, text in texts.items()}
    return [
        key
        for key, term in glossary.items()
        if any(term.get(code) and _has_term(words[code], term[code], code) for code in words)
    ]


def _terms_found(texts: Texts, terms: Sequence[Mapping[str, str]], original: str) -> dict[tuple[int, str], bool]:
    """Return {(number of a term, language): whether the translation says it}, for those that have the term and any words."""
    words = {
        code: [word.group().lower() for text in passages.values() for word in _WORD.finditer(text)]
        for code, passages in texts.items()
        if code != original
    }
    return {
        (number, code): _has_term(words[code], term[code], code)
        for number, term in enumerate(terms)
        for code in words
        if words[code] and term.get(code)
    }


def _places(text: str, terms: list[str], language: str) -> Iterator[tuple[int, int, int]]:
    """Yield (number of the term, start, end) of each place of a term in a text; no word belongs to two of them."""
    spans = list(_WORD.finditer(text))
    lower = [span.group().lower() for span in spans]
    taken: set[int] = set()
    for number, term in enumerate(terms):
        parts = _parts(term, language)
        for at in range(len(lower) - len(parts) + 1):
            places = range(at, at + len(parts))
            if taken.intersection(places):
                continue
            if all(is_form(lower[at + n], part, language) for n, part in enumerate(parts)):
                taken.update(places)
                yield number, spans[at].start(), spans[places[-1]].end()


def _has_term(words: list[str], term: str, language: str) -> bool:
    """Return whether a text says a term, inflected or inside a compound."""
    parts = _parts(term, language)
    if len(parts) == 1:
        return any(_holds(word, parts[0], language) for word in dict.fromkeys(words))
    return any(
        all(_holds(words[at + n], part, language) for n, part in enumerate(parts))
        for at in range(len(words) - len(parts) + 1)
    )


@lru_cache(maxsize=1 << 16)  # the same words are looked at after every save
def _holds(word: str, part: str, language: str) -> bool:
    if is_form(word, part, language) or is_part(word, part, language):
        return True
    return any(len(key) >= SHORTEST_IN_COMPOUND and key in word for key in keys(part, language))


def _parts(term: str, language: str) -> list[str]:
    words = [word.group().lower() for word in _WORD.finditer(term)]
    return words[1:] if len(words) > 1 and words[0] in BEFORE.get(language, ()) else words


def is_of_terms(word: str, glossary: Iterable[Mapping[str, str]], language: str) -> bool:
    """Return whether a word is one of the glossary's, in any language of it: a form of one, or a compound with one."""
    return any(
        _holds(word.lower(), part, language) for term in glossary for name in term.values() for part in _parts(name, "")
    )


def marked(passages: Mapping[str, str], missed: Iterable[Miss], language: str) -> list[SafeString]:
    """
    Return the passages of the original as paragraphs of HTML, with each term underlined that the edition in
    `language` says otherwise, and beside it what the glossary expects.
    """
    by_passage: dict[str, list[Miss]] = {}
    for miss in missed:
        if miss.language == language:
            by_passage.setdefault(miss.passage, []).append(miss)
    shown = []
    for passage, text in passages.items():
        if passage not in {"title", "body"} and passage not in by_passage:
            continue
        parts, done = [], 0
        for miss in sorted(by_passage.get(passage, []), key=lambda miss: miss.start):
            say = _("%(language)s: say “%(term)s”") % {"language": miss.language, "term": miss.expected}
            mark = '<u class="term" tabindex="0">{}<span class="term__say"> {}</span></u>'
            parts += [format_html("{}", text[done : miss.start]), format_html(mark, text[miss.start : miss.end], say)]
            done = miss.end
        parts.append(format_html("{}", text[done:]))
        shown.append(mark_safe("".join(parts)))  # noqa: S308 each part is escaped above
    return shown
