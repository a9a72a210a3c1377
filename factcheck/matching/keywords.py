"""What a claim goes by in any language: its keywords, how many two texts share, and the concepts of the glossary."""

import re
from collections.abc import Iterable, Iterator

from campaigns.models import GlossaryTerm
from lib.text import similarity
from lib.text.linguistics import lexicon, stemming, word_forms

LONGEST = 1_200  # characters of a claim that are looked at
KEYWORDS = 60  # of a claim in one language
LOOKED_FOR = 8  # words of what someone looks for

# How loan words are spelt → one spelling, in this order.
SOUNDS = (
    ("ph", "f"), ("ck", "k"), ("qu", "kv"), ("th", "t"), ("c", "k"), ("q", "k"), ("x", "s"), ("ks", "s"), ("w", "v"),
    ("z", "s"),
)  # fmt: skip

# How a medicine's brands begin → the root of what is in it.
BRANDS = {
    ("burana", "ibumetin", "ibux", "ipren", "nurofen", "advil", "brufen"): "ibuprof",
    ("panadol", "paratabs", "alvedon", "panodil", "tylenol", "paracetamol"): "parasetamol",
}

_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_TWICE = re.compile(r"(.)\1+")


def keywords_of(text: str, language: str, concepts: "Concepts | None" = None) -> list[str]:
    """
    Return what a text goes by in any language: its words with digits in them, its abbreviations, the stems of its other
    words, spelt as loan words are alike, and the concepts of the glossary.
    """
    found: dict[str, None] = {}
    words = _WORD.findall(text[:LONGEST])
    common = lexicon.of(lexicon.COMMON, language)
    for word in words:
        bare = similarity.plain(word)
        if _DIGIT.search(bare) or (word.isupper() and not text.isupper() and len(bare) > 1):
            found[bare] = None
        elif len(bare) > 3 and bare not in common:
            substance = next((of for brands, of in BRANDS.items() if bare.startswith(brands)), "")
            found[substance or keyword_of(word, language)] = None
    for concept in concepts.of(words, language) if concepts else ():
        found[concept] = None
    found.pop("", None)
    return list(found)[:KEYWORDS]


def looked_for(typed: str, language: str) -> list[set[str]]:
    """Return for each telling word of what someone looks for the keywords that its forms may have."""
    common = lexicon.of(lexicon.COMMON, language)
    words = [word.casefold() for word in _WORD.findall(typed[:LONGEST])][:LOOKED_FOR]
    found = []
    for word in words:
        bare = similarity.plain(word)
        if len(bare) > 3 and bare not in common and not _DIGIT.search(bare):
            stems = {word_forms.key(word, language), *stemming.keys(word, language)}
            found.append({*keywords_of(word, language), *map(root, stems)} - {""})
    return found


def keyword_of(word: str, language: str) -> str:
    """Return the keyword that a word is, whatever its form."""
    return root(word_forms.key(word.casefold(), language))


def root(stem: str) -> str:
    """Return the stem of a word as it is spelt in no language, so that a loan word is much the same in all of them."""
    bare = similarity.plain(stem)
    for spelling, sound in SOUNDS:
        bare = bare.replace(spelling, sound)
    return _TWICE.sub(r"\1", bare).rstrip("aeiouy") or bare


class Concepts:
    """The concepts of a campaign's glossary: each is one keyword, whatever a language calls it."""

    def __init__(self, campaign_id: int) -> None:
        self._terms: dict[str, dict[str, list[tuple[list[frozenset[str]], str]]]] = {}
        for names in GlossaryTerm.objects.filter(campaign=campaign_id).order_by("pk").values_list("term", flat=True):
            names = {code: _WORD.findall(name.casefold()) for code, name in names.items() if name}
            concept = next(("".join(similarity.plain(word) for word in name) for name in names.values()), "")
            for code, name in names.items():
                forms = [stemming.keys(word, code) | {word_forms.key(word, code)} for word in name]
                for first in forms[0] if forms else ():
                    self._terms.setdefault(code, {}).setdefault(first, []).append((forms, root(concept)))

    def of(self, words: list[str], language: str) -> Iterator[str]:
        """Return the concepts that these words of a text name, in the text's language."""
        terms = self._terms.get(language, {})
        keys = [_keys_of(word.casefold(), language) for word in words] if terms else []
        for at, of_word in enumerate(keys):
            for forms, concept in (found for key in of_word for found in terms.get(key, ())):
                after = keys[at : at + len(forms)]
                if len(after) == len(forms) and not any(map(frozenset.isdisjoint, after, forms)):
                    yield concept


def _keys_of(word: str, language: str) -> frozenset[str]:
    """Return what a word of a text may be filed under: its stem, and that of its basic form."""
    return frozenset((stemming.stem(word, language), word_forms.key(word, language)))


def shared(some: Iterable[str], others: Iterable[str]) -> float:
    """
    Return how much of their keywords two texts share, 0 to 1; nothing for a single one, for in a crisis every text has
    the crisis in it. Words that only begin alike count half.
    """
    one, other = dict.fromkeys(some), dict.fromkeys(others)
    size = len(one) + len(other)
    same = half = 0
    for alike_enough in (_same, _begin_alike):
        for word in list(one):
            if twin := next((word_there for word_there in other if alike_enough(word, word_there)), None):
                del one[word], other[twin]
                same += alike_enough is _same
                half += alike_enough is _begin_alike
    return (2 * same + half) / size if same and same + half > 1 else 0.0


def _same(one: str, other: str) -> bool:
    """Return whether two keywords are the same, or a long one but for a letter or two at the end."""
    shorter, longer = sorted((one, other), key=len)
    return one == other or (len(longer) - len(shorter) <= 2 and len(shorter) > 5 and longer.startswith(shorter))


def _begin_alike(one: str, other: str) -> bool:
    """Return whether two keywords begin with the same five letters, or a short one is how the other begins."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) > 2 and shorter.isalpha() and longer.startswith(shorter[:5])
