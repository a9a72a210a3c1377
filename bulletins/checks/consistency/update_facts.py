"""What came with an authority's update and the bulletin made of it says nothing of yet: key facts, and sentences of its text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from bulletins.editing.conflicts import token
from bulletins.editing.input_merge import counterparts
from bulletins.models import Bulletin, FactChange, InputFact, KeyMessage, MessageInput, Parts
from lib.text.facts.fact import Fact
from lib.text.linguistics.sentences import sentences_in
from lib.text.revisions.word_diff import Matcher

from ..findings import STOPS, Finding, Workspace, shortened
from .figures_match import facts
from .marked_words import is_among, pattern, values_of

UNTOLD = "untold-fact"
ALIKE = 0.5  # of the words of two sentences, so that they are one, said anew
LONGEST = 160  # characters of what is new that a finding shows

type Texts = Sequence[tuple[str, str]]  # (language, text)
# An update, the submissions that it replaces, and the values that it brings in the place of theirs.
type Taken = tuple[MessageInput, Sequence[MessageInput], Sequence[Fact]]


@dataclass(frozen=True, slots=True)
class News:
    """What an update says that is new: a key fact of it, or a sentence of its text."""

    text: str
    source: MessageInput
    fact: InputFact | None = None

    @property
    def key(self) -> str:
        """What names it in a form."""
        return f"{self.source.pk}:{token(self.text)}"


def earlier_of(source: MessageInput, every: Iterable[MessageInput]) -> list[MessageInput]:
    """Return those among `every` that a submission replaces, the last one first."""
    by_pk: Mapping[int | None, MessageInput] = {one.pk: one for one in every}
    found: list[MessageInput] = []
    while (before := by_pk.get((found or [source])[-1].replaces_id)) and before not in [source, *found]:
        found.append(before)
    return found


def new_facts(
    update: MessageInput, earlier: Iterable[MessageInput], messages: Iterable[KeyMessage], texts: Texts
) -> list[InputFact]:
    """
    Return the key facts of an update that say nothing anew of what the earlier submissions said, that no key message rests on, and that
    stand in none of the bulletin's texts.
    """
    again = set(counterparts([fact for one in earlier for fact in one.facts.all()], update.facts.all()).values())
    used = {message.fact_id for message in messages}
    return [
        fact
        for fact in update.facts.all()
        if fact.pk not in used
        and not fact.superseded_by_id
        and fact not in again
        and not is_told(fact.text, update.language, texts)
    ]


def is_told(words: str, language: str, texts: Texts, *, by_name: bool = True) -> bool:
    """
    Return whether some words stand in a text as they are, or all that they name (a day, a number, a place …) in texts together; the latter not
    unless `by_name`.
    """
    plain = bare(words)
    if any(plain in bare(text) for _code, text in texts):
        return True
    named = [fact for fact in facts(words, language) if not fact.soft] if by_name else []
    return bool(named) and all(is_named(fact, texts) for fact in named)


def is_named(fact: Fact, texts: Texts) -> bool:
    """Return whether a text has a value."""
    return any(one.matches(fact) for code, text in texts for one in facts(text, code))


@lru_cache(maxsize=1024)  # the same texts are read again for each sentence, and after every autosave
def bare(words: str) -> str:
    """Return words without case, breaks of lines and the full stop at their end, to be compared."""
    return " ".join(words.casefold().split()).rstrip(".!")


def news_of(
    update: MessageInput,
    earlier: Sequence[MessageInput],
    messages: Iterable[KeyMessage],
    texts: Texts,
    brought: Iterable[Fact] = (),
) -> list[News]:
    """
    Return what an update says that none of the earlier submissions and none of the bulletin's `texts` does: key facts, and sentences that stand
    in the place of no other. `brought` are values that a change of a fact brings.
    """
    found = [News(one.text, update, one) for one in new_facts(update, earlier, messages, texts)]
    listed = [one.text for one in found]
    return [
        *found,
        *(News(one.strip(" \n-•*"), update) for one in new_sentences(update, earlier, listed, texts, brought)),
    ]


def new_sentences(
    update: MessageInput, earlier: Sequence[MessageInput], listed: Sequence[str], texts: Texts, brought: Iterable[Fact]
) -> Iterator[str]:
    """Yield the sentences of an update that no text says, and neither the earlier submissions nor the key facts that are `listed`."""
    said = [(text, one.language) for one in earlier for text in texts_of(one)] + [
        (text, update.language) for text in listed
    ]
    known = [*brought, *(fact for text, language in said for fact in facts(text, language))]
    before = [pattern(sentence, language) for text, language in said for sentence in sentences_in(text)]
    for sentence in sentences_in(update.body):
        values = values_of(sentence, update.language)
        words = pattern(sentence, update.language)
        is_new = (
            words not in before and says_anew(values, known, texts)
            if values
            else len(words) > 1 and not any(is_alike(words, other) for other in before)
        )
        if is_new and not is_told(sentence, update.language, texts, by_name=bool(values)):
            yield sentence


def says_anew(values: Iterable[Fact], known: Sequence[Fact], texts: Texts) -> bool:
    """Return whether one of some values is not `known`, and no text has it."""
    return any(not is_among(one, known) and not is_named(one, texts) for one in values)


def texts_of(source: MessageInput) -> list[str]:
    """Return the words of a submission: its title, its text and its key facts."""
    return [source.title, source.body, *(one.text for one in source.facts.all())]


def is_alike(words: list[str], other: list[str]) -> bool:
    """Return whether two sentences are one, said anew."""
    most = 2 * len({*words} & {*other}) / (len({*words}) + len({*other}))  # a bound that costs little
    return words == other or (most >= ALIKE / 2 and Matcher(words, other).ratio() >= ALIKE)


def undecided(desk: Workspace) -> Iterator[Finding]:
    """Find what updates that the bulletin is made of say anew, as long as nobody has put it in or left it out, in this version or before."""
    taken: list[Taken] = [(source, earlier_of(source, desk.parts.every_input), []) for source in desk.inputs]
    texts = [(code, text) for code, _where, _place, text in desk.texts]
    yield from (finding_of(one) for one in open_news(desk.parts, taken, texts))


def open_news(parts: Parts, taken: Iterable[Taken], texts: Texts) -> list[News]:
    """Return what updates say anew and nobody has put into the bulletin or left out, but in this version."""
    found = [
        one
        for update, earlier, brought in taken
        if earlier
        for one in news_of(update, earlier, parts.key_messages, texts, brought)
    ]
    decided = decided_in(parts.bulletin) if found else set()
    return [one for one in found if not decided & {one.key, finding_of(one).key}]


def decided_in(bulletin: Bulletin) -> set[str]:
    """Return the keys of what was put into a bulletin, and those of the findings on what an earlier version left out."""
    taken = bulletin.fact_changes.filter(kind=FactChange.NEW, undone_at=None).values_list("becomes", flat=True)
    left = bulletin.overrides.filter(code=UNTOLD, version__lt=bulletin.version).values_list("key", flat=True)
    return {*taken, *left}


def finding_of(one: News) -> Finding:
    """Return the finding that asks to put in what is new, or to leave it out."""
    return Finding(
        STOPS,
        UNTOLD,
        _("Submission"),
        _("The update says something new that is not in the bulletin: “%(words)s”")
        % {"words": shortened(one.text, LONGEST)},
        _("Put it into the texts, or leave it out."),
        place="inputs",
        found=one.key,
        overridable=True,
        update=one.source.pk,
    )
