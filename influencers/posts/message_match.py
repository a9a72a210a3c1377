"""
How a post treats the key messages of what it is about: kept, said in other words, left out, or contradicted.

It is advice for who wrote the post and for their contact person, and it says that other words are welcome. Nobody is compared with
anybody. Others see only what became of a message in the posts of many (impact/fidelity/).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings

from influencers.models import PostMessage
from lib.text import similarity
from lib.text.characters.visible_text import clean
from lib.text.facts.detection import figures_in
from lib.text.facts.fact import Fact, differences
from lib.text.linguistics import lexicon, stemming
from lib.text.linguistics.sentences import markdown_sentences
from lib.text.statements import comparison, inference_model, parser, second_opinion
from lib.text.statements.comparison import Outcome

Fate = PostMessage.Fate

LONGEST = 5_000  # characters of a post that are compared
MOST_SENTENCES = 60
SAME = 0.85  # likeness from which the words are the bulletin's own
ABOUT = 0.5  # from which a sentence is about a key message
NEARLY = 0.3  # and from which it is when it has the message's figures
ONE_WORD = 0.4  # what one word in common is worth at most
GRAVEST_FIRST = (Outcome.CONTRADICTS, Outcome.UNSURE, Outcome.AGREES)
SHORTEST = 4  # letters of a word that tells what a text is about

_WORDS = re.compile(r"[^\W_]+")
# "29. huhtikuuta" goes on: an ordinal ends no sentence.
_LINE = re.compile(
    r"(?<=[.!?…])(?!(?<=\d\.)\s+[^\W\d_A-ZÅÄÖ])\s+|\n+|[\u2600-\u27bf\U0001f000-\U0001faff\ufe0f]+"
)  # emoji end sentences


@dataclass(frozen=True, slots=True)
class Message:
    """A key message as it was published: its `key` and its words in the language of the post."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What became of a key message. `said` is the sentence of the post that is nearest to it; of a contradiction `theirs`
    are the figures of the post and `ours` those of the message; `is_turned` tells that one denies what the other says,
    `is_unsure` that it may, and `is_confirmed` that the post has every figure of what it says and no other. `lost` are the kinds of
    figures (date, time, number) that the message has and the whole post does not.
    """

    key: str
    fate: str
    ours_text: str
    said: str = ""
    theirs: Sequence[str] = field(default=())
    ours: Sequence[str] = field(default=())
    is_turned: bool = False
    is_confirmed: bool = False
    is_unsure: bool = False
    lost: Sequence[str] = field(default=())

    @property
    def because(self) -> dict[str, Any]:
        """Return it as it is stored with the post."""
        return {
            "text": self.ours_text,
            "said": self.said,
            "theirs": list(self.theirs),
            "ours": list(self.ours),
            "turned": self.is_turned,
            "confirmed": self.is_confirmed,
            "unsure": self.is_unsure,
            "lost": list(self.lost),
        }


def compare(
    words: str, messages: Sequence[Message], language: str, *, also_said: str = "", today: date | None = None
) -> list[Finding]:
    """
    Return what a post's `words` make of each key message, in its order; [] for a post without words.

    `also_said` is everything else that the bulletin says in that language: a figure from there contradicts nothing. `today` is the
    day of the post, by which its "tomorrow" is a day.
    """
    lines = lines_of(words)
    if not lines:
        return []
    known = [figure for text in [*(one.text for one in messages), also_said] for figure in figures_in(text, language)]
    found = differing(words, messages, language, also_said=also_said, today=today)
    return [finding(message, lines, language, known, found.get(message.key)) for message in messages]


def differing(
    words: str, messages: Sequence[Message], language: str, *, also_said: str, today: date | None
) -> dict[str, comparison.Finding]:
    """Return {key of a message: the gravest in which a post differs from it, or where it says it again}, as far as can be told."""
    ground = comparison.Ground([one.text for one in messages], language, beside=[also_said], today=today)
    owner = {said: one.key for one in reversed(messages) for said in parser.sentences_of(one.text)}
    found: dict[str, comparison.Finding] = {}
    clauses = parser.clauses_of(clean(words[: 2 * LONGEST])[:LONGEST], language, today=today)
    unsaid = ground.nearest if settings.NLI_MODEL else lambda _clause: None
    rules = [one for clause in clauses if (one := ground.judge(clause) or unsaid(clause))]
    for one in second_opinion.weighed(rules, inference_model.infer):
        if one.outcome not in GRAVEST_FIRST or one.holds not in owner:
            continue
        before = found.get(owner[one.holds])
        if before is None or GRAVEST_FIRST.index(one.outcome) < GRAVEST_FIRST.index(before.outcome):
            found[owner[one.holds]] = one
    return found


def finding(
    message: Message, lines: Sequence[str], language: str, known: Sequence[Fact], differs: comparison.Finding | None
) -> Finding:
    """Return what became of one key message; `known` are the figures that the bulletin has anywhere."""
    if differs and differs.outcome != Outcome.AGREES:
        return contradicted(message, differs)
    ours = figures_in(message.text, language)
    near = {line: nearness(line, message.text, language) for line in lines}
    best, score = max(near.items(), key=lambda one: one[1])
    shares = any(one.matches(other) for one in figures_in(best, language) for other in ours)
    if score < ABOUT and not (shares and score >= NEARLY):
        return in_other_words(message, differs)
    said = " ".join(line for line, far in near.items() if line == best or far >= NEARLY)
    confirmed = agrees(said, matching_part(said, message.text, language), language, known)
    is_same = (
        similarity.plain(message.text) in similarity.plain(" ".join(lines)) or likeness(best, message.text) >= SAME
    )
    fate = Fate.KEPT if is_same and confirmed else Fate.ADAPTED
    lost = kinds_lost(ours, figures_in(" ".join(lines), language))
    return Finding(message.key, fate, message.text, best, is_confirmed=confirmed, lost=lost)


def kinds_lost(ours: Sequence[Fact], theirs: Sequence[Fact]) -> list[str]:
    """Return the kinds of a message's figures of which a post misses one, each once."""
    return sorted({one.kind for one in differences(ours, theirs)[0]})


def in_other_words(message: Message, again: comparison.Finding | None) -> Finding:
    """Return what became of a message that no sentence looks like: it is said again in words that are not its own, or left out."""
    if again:
        return Finding(message.key, Fate.ADAPTED, message.text, again.said)
    return Finding(message.key, Fate.DROPPED, message.text)


def contradicted(message: Message, differs: comparison.Finding) -> Finding:
    """Return what became of a message that a post contradicts, or may."""
    if differs.outcome == Outcome.UNSURE:
        return Finding(message.key, Fate.ADAPTED, message.text, differs.said, is_unsure=True)
    has_figures = bool(differs.theirs and differs.ours and differs.theirs != differs.ours)
    figures = ((differs.theirs,), (differs.ours,)) if has_figures else ((), ())
    is_turned = differs.reason in {comparison.Reason.OPPOSITE, comparison.Reason.SCOPE} or not has_figures
    return Finding(message.key, Fate.CONTRADICTED, message.text, differs.said, *figures, is_turned=is_turned)


def matching_part(said: str, text: str, language: str) -> str:
    """Return those sentences of a message that some words are about, or the message where they are about none."""
    meant = [part for part in markdown_sentences(text) if nearness(said, part, language) >= ONE_WORD]
    return " ".join(meant) or text


def agrees(said: str, text: str, language: str, known: Sequence[Fact]) -> bool:
    """
    Return whether words have every figure of a text, and in their place none that the bulletin does not have. A text
    without figures agrees with words that bring in none.
    """
    theirs, ours = figures_in(said, language), figures_in(text, language)
    strange, kinds = differences(theirs, known)[0], {one.kind for one in ours}
    return not differences(ours, theirs)[0] and not any(one.kind in kinds or not kinds for one in strange)


def nearness(line: str, text: str, language: str) -> float:
    """Return how far a sentence says what a message says, 0 to 1: by its letters, or by how many of its words it has."""
    return max(
        likeness(line, text), *(likeness(line, part) for part in markdown_sentences(text)), shared(line, text, language)
    )


def likeness(one: str, other: str) -> float:
    """Return how alike two texts are, 0 to 1."""
    return similarity.likeness(similarity.plain(one), similarity.plain(other))


def shared(line: str, text: str, language: str) -> float:
    """Return how much of a message's telling words a sentence has in any form, 0 to 1; one word alone is worth little."""
    common = lexicon.of(lexicon.COMMON, language)
    wanted = {word for word in telling(text) if similarity.plain(word) not in common}
    said = set(telling(line))
    found = {word for word in wanted if any(stemming.is_form(one, word, language) for one in said)}
    return min(len(found) / len(wanted), 1 if len(found) > 1 else ONE_WORD) if wanted else 0.0


def telling(text: str) -> list[str]:
    """Return the longer words of a text, in lower case, figures left out."""
    return [word for word in _WORDS.findall(text.casefold()) if len(word) >= SHORTEST and not word.isdigit()]


def lines_of(words: str) -> list[str]:
    """Return the sentences of a post, the first 60, without what nobody sees."""
    text = clean(words[: 2 * LONGEST])[:LONGEST]
    parts: Iterable[str] = (part for line in _LINE.split(text) for part in markdown_sentences(line))
    return list(dict.fromkeys(parts))[:MOST_SENTENCES]
