"""
The words that texts have. By them a word is found that a reader writes without its accents, and one that is close to a word
that was misspelled.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Length
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from campaigns.models import Campaign
from lib.text.similarity import plain
from website.models import NewSearchText, SearchText, SearchWord

from .query_syntax import Question, reworded, words_of

SHORTEST, LONGEST = 3, 40  # letters of a word that is entered
BEGINNING = SearchWord._meta.get_field("begins").max_length or 0
AT_ONCE = 200  # texts that one tick reads
ACCENTED = 3  # other spellings of a word that are looked for with it
MISSPELLED = 3  # words of a question for which a better spelling is looked for
LOOKED_AT = 20_000  # words that are compared with a misspelled one
SHORT, LONG = 6, 8  # letters from which on two mistakes may be in a word, and three in one that is much like another
MUCH_LIKE = 0.92  # of 1: how alike a word with three mistakes is (Jaro and Winkler: the beginning counts most)
SURE = 3  # first letters of a long word that are taken to be right
ENDING = 4  # letters that a form of a word may be longer: resturang is close to restauranger


# --- Writing them down -----------------------------------------------------------------------------------


def note_new(*, at: datetime) -> int:
    """Enter the words of texts that have come since, 200 texts at a time, and return how many texts were read."""
    waiting = list(NewSearchText.objects.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if waiting:
        texts = SearchText.objects.filter(pk__in=waiting)
        with transaction.atomic():
            SearchWord.objects.bulk_create(sorted_words(texts), batch_size=1_000, ignore_conflicts=True)
            NewSearchText.objects.filter(pk__in=waiting).delete()
    return len(waiting)


def sorted_words(texts: Iterable[SearchText]) -> list[SearchWord]:
    """Return the words of texts, each once, unsaved; in one order, so that no two writers wait for each other."""
    found = {
        (text.campaign_id, text.written_in, word)
        for text in texts
        for part in (text.title, text.lead, text.messages, text.body)
        for word in words_of(part)
        if SHORTEST <= len(word) <= LONGEST and word.isalpha()
    }
    return [
        SearchWord(campaign_id=campaign, language=code, word=word, folded=folded, begins=folded[:BEGINNING])
        for campaign, code, word in sorted(found)
        for folded in [plain(word)[:LONGEST]]
    ]


# --- Looking them up -------------------------------------------------------------------------------------


def with_accents(question: Question, campaign: Campaign, written_in: Iterable[str]) -> Question:
    """Return a question whose words are also looked for as they are spelled with accents: hata finds hätä. One query."""
    asked = {part.words[0]: plain(part.words[0]) for part in question.wanted if part.is_open}
    spelled: dict[str, set[str]] = {word: set() for word in asked}
    begins = {folded[:BEGINNING] for folded in asked.values()}
    rows = SearchWord.objects.filter(campaign=campaign, language__in=written_in, begins__in=begins)
    for word, folded in rows.values_list("word", "folded")[:LOOKED_AT] if asked else ():
        if len(word) != len(folded):
            continue  # its letters cannot be told apart one by one
        for said, bare in asked.items():
            if folded.startswith(bare) and not word.startswith(said) and len(bare) == len(said):
                spelled[said].add(word[: len(said)])
    return Question(
        tuple(
            tuple(
                replace(part, alike=tuple(sorted(spelled.get(part.words[0], ()))[:ACCENTED])) if part.is_open else part
                for part in choice
            )
            for choice in question.choices
        )
    )


def respelled(said: str, question: Question, campaign: Campaign, written_in: Iterable[str]) -> str:
    """
    Return what a reader said with its misspelled words as the texts have them, "" when none of them is close to any. One query
    for each of the first three words, and one more.
    """
    asked, here = [part.words[0] for part in question.wanted if part.is_open][:MISSPELLED], list(written_in)
    better = {word: close for word in asked if (close := closest(word, campaign, here))}
    return reworded(said, better) if better else ""


def closest(word: str, campaign: Campaign, written_in: list[str]) -> str:
    """Return the word that is most like one that no text has; "" when a text has it, or none is close."""
    folded = plain(word)
    here = SearchWord.objects.filter(campaign=campaign, language__in=written_in)
    if not folded or here.filter(begins=folded[:BEGINNING], folded__startswith=folded).exists():
        return ""
    mistakes = 1 if len(folded) < SHORT else 2
    longest = len(folded) + mistakes + (ENDING if len(folded) >= LONG else 0)
    rows = here.annotate(length=Length("folded")).filter(
        begins__startswith=folded[0], length__range=(len(folded) - mistakes, longest)
    )
    known = dict(rows.values_list("folded", "word")[:LOOKED_AT])
    found = process.extractOne(folded, known.keys(), scorer=OSA.distance, score_cutoff=mistakes)
    if found:
        return known[found[0]]
    form = closest_form(folded, known.keys(), mistakes) if len(folded) >= LONG else ""
    return known[form] if form else ""


def closest_form(folded: str, known: Iterable[str], mistakes: int) -> str:
    """Return the shortest of `known` words whose beginning is close to a long word, "" for none."""
    beginnings: dict[str, str] = {}
    for one in sorted((one for one in known if one.startswith(folded[:SURE])), key=len):
        for length in range(len(folded) - 1, min(len(one), len(folded) + mistakes) + 1):
            beginnings.setdefault(one[:length], one)
    found = process.extractOne(folded, beginnings.keys(), scorer=OSA.distance, score_cutoff=mistakes)
    if found:
        return beginnings[found[0]]
    alike = process.extract(folded, beginnings.keys(), scorer=OSA.distance, score_cutoff=mistakes + 1, limit=None)
    near = [one for one, _distance, _place in alike]
    much = process.extractOne(folded, near, scorer=JaroWinkler.similarity, score_cutoff=MUCH_LIKE)
    return beginnings[much[0]] if much else ""
