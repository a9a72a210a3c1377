"""
What a correction says has changed: for each fact, and each sentence that somebody typed, what readers have and how it reads now, in every
language. It follows each further change as long as nobody has written it otherwise.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.checks.consistency.changed_facts import Step, says, steps_of
from bulletins.checks.consistency.changed_sentences import Changes, changes_between, sentences_of
from bulletins.checks.consistency.figures_match import facts
from bulletins.editing import drafts
from bulletins.models import Bulletin, Edition, FactChange, Parts, PublishedEdition, Variant
from bulletins.publication import corrections
from campaigns.models import ReadingLevel
from lib.text import markup
from lib.text.facts.fact import Fact
from lib.text.revisions.word_diff import Matcher

from . import text_places
from .fact_list import FactRow
from .proposals import Proposal, sentence_around
from .text_places import TextPlace

FIELDS = ("what_changed", "share_text")

ALIKE = 0.5  # of the words of a paragraph that was reworded
MOST_TYPED = (
    5  # sentences of a text that are named by themselves; of a text that was written anew a person says what changed
)

type Words = dict[str, dict[str, str]]  # {"what_changed": {language: text}, "share_text": …}
type Pair = tuple[str, str]  # a sentence as it was and as it is now


def changes_of(bulletin: Bulletin) -> list[FactChange]:
    """Return the changes of a version that stand, the first one first."""
    return list(bulletin.fact_changes.filter(version=bulletin.version, undone_at=None).order_by("pk"))


def words_of(
    changes: Sequence[FactChange], places: Iterable[TextPlace], published: Mapping[str, str] | None = None
) -> Words:
    """
    Return what the changes of a version ask to be said; `places` are the texts, those of the changes as they read then. `published` is
    {language: the text that readers have}: what differs from it and no change of a fact brought was typed.
    """
    places = list(places)
    before = texts_before(changes)
    typed = typed_by_language(places, published or {}, changes)
    texts = [place for place in places if place.key in before]
    steps = fact_steps(changes)
    words: Words = {name: {} for name in FIELDS}
    for code in dict.fromkeys([*(place.language for place in texts), *typed]):
        own = in_order(place for place in texts if place.language == code)
        pairs = pairs_of(steps, {place.key: changed_sentences(before[place.key], place.text) for place in own}, code)
        new = added_in(changes, own)
        more = typed.get(code, Changes())
        pairs += [(without_stop(was), without_stop(now)) for was, now in more.reworded]
        new += more.new
        if pairs or new:
            with override(code):
                words["what_changed"][code], words["share_text"][code] = told(pairs, new)
    return words


def fact_steps(changes: Iterable[FactChange]) -> list[Step]:
    """Return what changes come to, without what came with updates."""
    return steps_of(change for change in changes if change.kind != FactChange.NEW)


def texts_before(changes: Iterable[FactChange]) -> dict[str, str]:
    """Return {place: text} of what changes of facts have changed, as it was before the first of them."""
    before: dict[str, str] = {}
    for change in changes:
        for key, text, _after in change.texts:
            before.setdefault(key, text)
    return before


def typed_by_language(
    places: Iterable[TextPlace], published: Mapping[str, str], changes: Sequence[FactChange]
) -> dict[str, Changes]:
    """Return what was typed in each language; of a text that was written anew, of which a person says what changed, nothing."""
    found = {
        place.language: typed_in(place, published[place.language], changes)
        for place in places
        if place.language in published and is_text(place)
    }
    return {code: one for code, one in found.items() if len(one.reworded) + len(one.new) <= MOST_TYPED}


def in_order(places: Iterable[TextPlace]) -> list[TextPlace]:
    """Return texts of a language, what is written in the text itself before titles, and those before what is said in a script."""
    return sorted(places, key=lambda place: (is_easy(place), place.field != "body", not isinstance(place.row, Edition)))


def typed_in(place: TextPlace, before: str, changes: Sequence[FactChange]) -> Changes:
    """Return what somebody typed in a text since readers got it: what differs and neither a change of a fact nor an update brought."""
    made = made_in(place, changes)
    found = changes_between(before, place.text, place.language)
    steps = fact_steps(changes)

    def is_quoted(pair: Pair) -> bool:
        return any(covers(step, pair, place.language) for step in steps)

    return Changes(
        [one for one in found.reworded if one[1] not in made and not is_quoted(one)],
        [one for one in found.new if one not in made],
        [one for one in found.gone if one not in made.values()],
    )


def made_in(place: TextPlace, changes: Iterable[FactChange]) -> dict[str, str]:
    """Return {sentence: what it was} of what changes of facts made in a text; of what came with an update it was nothing."""
    made: dict[str, str] = {}
    for change in changes:
        for was, after in (both for key, *both in change.texts if key == place.key):
            if change.kind == FactChange.NEW:
                made |= dict.fromkeys(sentences_of(standing(added_by(was, after), place.text)), "")
            else:
                made |= {new: made.pop(old, old) for old, new in changed_sentences(was, after)}
    return made


def is_text(place: TextPlace) -> bool:
    """Return whether a place is the text of an edition at the usual reading level."""
    return isinstance(place.row, Edition) and place.field == "body" and not is_easy(place)


def added_in(changes: Iterable[FactChange], places: Sequence[TextPlace]) -> list[str]:
    """Return the paragraphs that came with updates into the texts of a language, as they read now: each once, of the first text that has it."""
    now = {place.key: place.text for place in places}
    found = []
    for change in changes:
        if change.kind == FactChange.NEW:
            added = {key: added_by(was, after) for key, was, after in change.texts if key in now}
            first = next((key for key in now if key in added), None)
            paragraph = standing(added[first], now[first]) if first else ""
            found += [" ".join(" ".join(markup.blocks(paragraph)).split())] if paragraph else []
    return list(dict.fromkeys(found))


def added_by(was: str, after: str) -> str:
    """Return the paragraph that came to the end of a text."""
    return after.removeprefix(was.rstrip()).strip()


def standing(paragraph: str, text: str) -> str:
    """Return a paragraph as a text has it now: as it was, or somebody's words in its place; "" when it is gone."""
    if paragraph in text:
        return paragraph
    alike = [(Matcher(paragraph.split(), one.split()).ratio(), one) for one in text.split("\n\n")]
    ratio, nearest = max(alike, default=(0.0, ""))
    return nearest if ratio >= ALIKE else ""


def is_easy(place: TextPlace) -> bool:
    """Return whether a text is of an edition in easy language."""
    row = place.row.edition if isinstance(place.row, Variant) else place.row
    return isinstance(row, Edition) and row.reading_level != ReadingLevel.STANDARD


def pairs_of(steps: Iterable[Step], sentences: Mapping[str, list[Pair]], language: str) -> list[Pair]:
    """Return a pair of sentences for each step that a language says, each pair once; `sentences` by place, the best first."""
    found: list[Pair] = []
    for step in steps:
        if any(covers(step, pair, language) for pair in found):
            continue
        every = [pair for pairs in sentences.values() for pair in pairs]
        own = [pair for key, pairs in sentences.items() if key in step.places for pair in pairs]
        pair = next((one for one in every if covers(step, one, language)), next(iter(own), None))
        if pair is not None and (cut := shortened(pair, step, language)) not in found:
            found.append(cut)
    return found


def covers(step: Step, pair: Pair, language: str) -> bool:
    """Return whether a pair of sentences says what a step changed."""
    was, now = (facts(text, language) for text in pair)
    return any(says(fact, step.kind, step.was) for fact in was) and any(
        says(fact, step.kind, step.becomes) for fact in now
    )


def without_stop(sentence: str) -> str:
    """Return a sentence without its full stop; that of "p.m." stays."""
    return sentence if sentence.endswith((".m.", "…")) else sentence.rstrip(".")


def shortened(pair: Pair, step: Step, language: str) -> Pair:
    """Return a pair, of long sentences what is nearest to the fact."""

    def cut(text: str, value: str) -> str:
        fact: Fact | None = next((one for one in facts(text, language) if says(one, step.kind, value)), None)
        begin, stop = sentence_around(text, fact.start, fact.end) if fact else (0, len(text))
        return without_stop(text[begin:stop].strip(" \n-•"))

    return cut(pair[0], step.was), cut(pair[1], step.becomes)


def changed_sentences(was: str, now: str) -> list[Pair]:
    """Return the sentences of a text that read otherwise now, in plain words, each with its other."""
    old, new = (sentences_of(text) for text in (was, now))
    return [pair for pair in aligned(old, new) if pair[0] != pair[1]]


def aligned(old: Sequence[str], new: Sequence[str]) -> Iterator[Pair]:
    """Yield the sentences of two texts that stand for each other."""
    if len(old) == len(new):
        yield from zip(old, new, strict=True)
        return
    for tag, a, b, c, d in Matcher(list(old), list(new)).get_opcodes():
        if tag == "replace":
            yield from zip(old[a:b], new[c:d], strict=False)


def told(pairs: Sequence[Pair], new: Sequence[str] = ()) -> Pair:
    """
    Return what changed, a line for each pair of sentences and for what is `new`, and the words for whoever shared it, in the active
    language.
    """
    both = [corrections.sentences_of(quoted(was), quoted(now)) for was, now in pairs]
    more = [corrections.also_said(quoted(was), quoted(now)) for was, now in pairs[1:]]
    share = [both[0][1], *more] if both else []
    for words in new:
        share.append(corrections.adds(quoted(words)) if share else corrections.now_says(quoted(words)))
    return "\n".join(
        [*(changed for changed, _share in both), *(corrections.is_new(quoted(words)) for words in new)]
    ), " ".join(share)


def quoted(words: str) -> str:
    """Return words in the quotation marks of the active language."""
    return _("“%(words)s”") % {"words": words}


def after_change(bulletin: Bulletin, row: FactRow, value: str, proposed: Iterable[Proposal]) -> Words:
    """Return what the correction is to say once a fact has changed as proposed; of what is published, of the one that this opens."""
    made = FactChange(kind=row.kind, was=row.value, becomes=value, texts=[
        [one.place.key, one.before, one.after] for one in proposed if one.after != one.before
    ])  # fmt: skip
    earlier = [] if bulletin.state == Bulletin.State.PUBLISHED else changes_of(bulletin)
    return words_with(bulletin, [*earlier, made], {key: after for key, _before, after in made.texts})


def words_with(bulletin: Bulletin, changes: Sequence[FactChange], written: Mapping[str, str] | None = None) -> Words:
    """Return what a correction is to say of changes; `written` are the texts, {place: text}, of one that is not stored yet."""
    places = [
        TextPlace(one.key, one.language, one.where, (written or {}).get(one.key, one.text), one.row, one.field)
        for one in text_places.places(Parts(bulletin))
    ]
    return words_of(changes, places, published_texts(bulletin) if bulletin.kind == Bulletin.Kind.CORRECTION else None)


def published_texts(bulletin: Bulletin) -> dict[str, str]:
    """Return {language: text} of the version before the one in the making, at the usual reading level; of what is published nothing differs."""
    if bulletin.state == Bulletin.State.PUBLISHED:
        return {}
    rows = PublishedEdition.objects.filter(
        version__bulletin=bulletin, version__number=bulletin.version - 1, reading_level=ReadingLevel.STANDARD
    )
    return dict(rows.values_list("language", "body"))


def latest_of(bulletin: Bulletin) -> Words:
    """Return what the last change of a version proposed to say."""
    last = bulletin.fact_changes.filter(version=bulletin.version, undone_at=None).order_by("pk").last()
    return (last and last.words) or {name: {} for name in FIELDS}


def follow(bulletin: Bulletin, change: FactChange | None, *, last: Mapping[str, Mapping[str, str]]) -> None:
    """
    Let a correction say what its changes come to, `change` being the last that stands; words that a person has edited, which are
    not those that were proposed `last`, stay. Inside a transaction.
    """
    if bulletin.kind != Bulletin.Kind.CORRECTION:
        return
    now = words_with(bulletin, changes_of(bulletin))
    if change is not None:
        FactChange.objects.filter(pk=change.pk).update(words=now)
    bulletin.what_changed, bulletin.share_text = (merged(bulletin, name, last, now) for name in FIELDS)
    bulletin.save(update_fields=FIELDS)


@transaction.atomic
def follow_typing(bulletin: Bulletin) -> bool:
    """
    Let a correction that began with a change of a fact say what somebody has typed in its texts since, as `follow` does; return whether it
    says something else now.
    """
    if bulletin.kind != Bulletin.Kind.CORRECTION:
        return False
    held = drafts.lock(bulletin)
    last = held.fact_changes.filter(version=held.version, undone_at=None).order_by("pk").last()
    before = (held.what_changed, held.share_text)
    if last is not None:
        follow(held, last, last=last.words)
    return before != (held.what_changed, held.share_text)


def merged(bulletin: Bulletin, name: str, last: Mapping[str, Mapping[str, str]], now: Words) -> dict[str, str]:
    """Return the texts of a field in which those that nobody has edited say what is proposed now."""
    stored: dict[str, str] = getattr(bulletin, name)
    edited = edited_in(bulletin, name, last)
    texts = {
        code: stored.get(code, "") if code in edited else now[name].get(code, "") for code in [*stored, *now[name]]
    }
    return {code: text for code, text in texts.items() if text}


def edited_in(bulletin: Bulletin, name: str, last: Mapping[str, Mapping[str, str]]) -> set[str]:
    """Return the languages in which a person has written other words than were proposed last."""
    stored, proposed = getattr(bulletin, name), last.get(name, {})
    return {code for code in {*stored, *proposed} if stored.get(code, "").split() != proposed.get(code, "").split()}
