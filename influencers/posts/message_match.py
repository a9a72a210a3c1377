"""
What a post has of the key messages of what it is about: our words, our values, other values in their place, or nothing.

It is advice for who wrote the post and for their contact person, and it says that other words are welcome. No one is compared with
anyone. Others see only what became of a message in the posts of many (impact/fidelity/).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from influencers.models import PostMessage
from lib.text import similarity
from lib.text.characters.visible_text import clean
from lib.text.linguistics.sentences import markdown_sentences
from lib.text.statements import inference_model
from lib.text.statements.comparison import Comparison, Sentence, Value, is_same, is_verbatim
from lib.text.statements.inference_model import Relation

Fate = PostMessage.Fate

LONGEST = 5_000  # characters of a post that are compared
MOST_SENTENCES = 60
ABOUT = 0.5  # likeness, or share of a message's telling words, from which a sentence is about it

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
    What became of a key message. `said` is the sentence of the post that is nearest to it. Of the values of ours the post has
    those that are the `same`, has `theirs` in the place of `ours`, and does not mention those that are `missing`; `lost` are the
    kinds of these. `guess` is what a model takes the sentence for, "" without one.
    """

    key: str
    fate: str
    ours_text: str
    said: str = ""
    theirs: Sequence[str] = ()
    ours: Sequence[str] = ()
    same: Sequence[str] = ()
    missing: Sequence[str] = ()
    lost: Sequence[str] = ()
    guess: str = ""

    @property
    def because(self) -> dict[str, Any]:
        """Return it as it is stored with the post."""
        return {
            "text": self.ours_text,
            "said": self.said,
            "theirs": list(self.theirs),
            "ours": list(self.ours),
            "same": list(self.same),
            "missing": list(self.missing),
            "lost": list(self.lost),
            "guess": self.guess,
        }


def compare(
    words: str, messages: Sequence[Message], language: str, *, also_said: str = "", today: date | None = None
) -> list[Finding]:
    """
    Return what a post's `words` have of each key message, in its order; [] for a post without words.

    `also_said` is everything else that the bulletin says in that language: a value from there is none in the place of ours. `today`
    is the day of the post, by which its "tomorrow" is a day.
    """
    lines = [Sentence(line, language, today) for line in lines_of(words)]
    if not lines:
        return []
    ours = [Sentence(message.text, language, today) for message in messages]
    beside = [*ours, *(Sentence(part, language, today) for part in markdown_sentences(also_said))]
    findings = [finding(message, own, lines, beside) for message, own in zip(messages, ours, strict=True)]
    return with_guesses(findings)


def finding(message: Message, ours: Sentence, lines: Sequence[Sentence], beside: Sequence[Sentence]) -> Finding:
    """Return what became of one key message; `beside` is all that the bulletin says."""
    compared = [(line, values) for line in lines if (values := about(line, ours, beside))]
    if not compared:
        return Finding(message.key, Fate.DROPPED, message.text)
    nearest, _values = max(compared, key=lambda one: (bool(one[1].other), len(one[1].same), one[1].shared))
    other = unique(value for _line, values in compared for value in values.other)
    same = unique(value for _line, values in compared for value in values.same)
    known = {value.ours for value in (*same, *other)}
    missing = unique(value for _line, values in compared for value in values.missing if value.ours not in known)
    other = [value for value in other if value.ours not in {one.ours for one in same}]
    is_ours = is_verbatim([line.text for line in lines], markdown_sentences(message.text))
    return Finding(
        message.key,
        Fate.CONTRADICTED if other else Fate.KEPT if is_ours else Fate.ADAPTED,
        message.text,
        nearest.text,
        [value.theirs for value in other],
        [value.ours for value in other],
        [value.ours for value in same],
        [value.ours for value in missing],
        lost_kinds(ours, lines),
    )


def lost_kinds(ours: Sentence, lines: Sequence[Sentence]) -> list[str]:
    """Return the kinds of a message's values of which the whole post misses one, each once."""
    said = [fact for line in lines for fact in line.values]
    return sorted({own.kind for own in ours.values if not any(is_same(own, fact) for fact in said)})


def about(line: Sentence, ours: Sentence, beside: Sequence[Sentence]) -> Comparison | None:
    """Return which values of a message a sentence has, None where it has nothing to do with it."""
    values = line.compared(ours)
    if values.other:
        kept = tuple(value for value in values.other if not is_said(value, line, beside))
        values = replace(values, other=kept)
    is_near = bool(ours.beginnings) and values.shared >= ABOUT * len(ours.beginnings)
    is_alike = similarity.likeness(similarity.plain(line.text), similarity.plain(ours.text)) >= ABOUT
    return values if values.is_about or is_near or is_alike else None


def is_said(value: Value, line: Sentence, beside: Sequence[Sentence]) -> bool:
    """Return whether the bulletin has a sentence's value of something that the sentence has a word of, too."""
    said = [fact for fact in line.values if fact.written == value.theirs]
    return any(
        line.beginnings & one.beginnings and any(is_same(fact, own) for fact in said for own in one.values)
        for one in beside
    )


def with_guesses(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with what a model, if there is one, takes sentences for that are in other words than ours."""
    asked = [one for one in findings if one.fate in {Fate.ADAPTED, Fate.CONTRADICTED}]
    answers = inference_model.infer([(one.ours_text, one.said) for one in asked]) if asked else []
    sure = {
        one.key: str(answer)
        for one, answer in zip(asked, answers, strict=True)
        if answer in {Relation.CONTRADICTION, Relation.ENTAILMENT}
    }
    return [replace(one, guess=sure.get(one.key, "")) for one in findings]


def unique(values: Iterable[Value]) -> list[Value]:
    """Return values, each of ours once."""
    return list({value.ours: value for value in reversed(list(values))}.values())[::-1]


def lines_of(words: str) -> list[str]:
    """Return the sentences of a post, the first 60, without what nobody sees."""
    text = clean(words[: 2 * LONGEST])[:LONGEST]
    parts: Iterable[str] = (part for line in _LINE.split(text) for part in markdown_sentences(line))
    return list(dict.fromkeys(parts))[:MOST_SENTENCES]
