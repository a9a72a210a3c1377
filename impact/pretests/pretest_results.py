"""What came of a pretest, beside the text that it was about: for the editor, and for whoever approves."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulletins.models import Bulletin
from impact.models import Pretest, PretestAnswer
from lib.text.languages.languages import language_heading

from . import frozen_texts, pretest_steps
from .frozen_texts import Change, Texts

MOST_NAMED = 3  # sentences that the summary names


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that was shown: its number in the text, to how many it was unclear, and whether the draft does not say it any more."""

    number: int
    text: str
    unclear: int
    is_gone: bool
    language: str


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text as it was shown in one language, and how it has changed since; `of` answers are about it."""

    language: str
    name: str
    title: str
    sentences: list[Sentence]
    change: Change
    of: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a pretest so far. `is_forgotten`: there were answers, and only their counts are kept."""

    pretest: Pretest
    is_open: bool
    is_numbered: bool
    answers: list[PretestAnswer]
    texts: list[ShownText]
    is_forgotten: bool
    unclear: list[Sentence] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        """Whether the draft has changed since it was shown, in any language that was."""
        return any(one.change for one in self.texts)

    @property
    def changed_in(self) -> str:
        """In which languages the draft has changed since."""
        return ", ".join(one.name for one in self.texts if one.change)

    @property
    def unsure(self) -> int:
        """How many were not sure whether they would share it."""
        return self.pretest.answered - self.pretest.would_share - self.pretest.would_not


def result_of(pretest: Pretest, now: Texts, *, at: datetime) -> Result:
    """Return what came of a pretest, against the texts of the draft as they are `now`."""
    answers = list(pretest.answers.all())
    marked: Counter[tuple[str, int]] = Counter((one.language, place) for one in answers for place in set(one.sentences))
    read = Counter(one.language for one in answers)
    texts = []
    for language, then in pretest.texts.items():
        change = frozen_texts.change_since(then, now.get(language))
        sentences = [
            Sentence(place + 1, words, marked[language, place], place in change.gone, language)
            for place, words in enumerate(then["sentences"])
        ]
        texts.append(ShownText(language, language_heading(language), then["title"], sentences, change, read[language]))
    texts.sort(key=lambda one: -one.of)
    unclear = [one for text in texts for one in text.sentences if one.unclear]
    return Result(
        pretest=pretest,
        is_open=pretest_steps.is_open(pretest, at=at),
        is_numbered=not pretest.is_by_link,
        answers=answers,
        texts=texts,
        is_forgotten=bool(pretest.answered and not answers),
        unclear=sorted(unclear, key=lambda one: -one.unclear)[:MOST_NAMED],
    )


def of_bulletin(bulletin: Bulletin, *, at: datetime) -> dict[str, Any]:
    """Return what the pages of a bulletin say of its pretests: the latest one of this version that says most, and how many there were."""
    pretests = list(bulletin.pretests.filter(version=bulletin.version).select_related("shown_by"))
    for one in pretests:
        one.bulletin = bulletin
    if not pretests:
        return {"result": None, "earlier": []}
    now = texts_now(bulletin)
    results = [result_of(one, now, at=at) for one in pretests]
    return {"result": results[0], "earlier": results[1:]}


def texts_now(bulletin: Bulletin) -> Texts:
    """Return the texts of a draft as they are now; none where one is too long to be shown."""
    try:
        return frozen_texts.texts_of(bulletin)
    except ValueError:
        return {}


def panel_words(pretest: Pretest) -> str:
    """Return on whom a draft was tried: the kind of people, never who."""
    n = {"n": pretest.size}
    if pretest.way == Pretest.Way.DRAWN:
        return ngettext("%(n)d influencer, drawn by lot", "%(n)d influencers, drawn by lot", pretest.size) % n
    if pretest.way == Pretest.Way.CHOSEN:
        return ngettext("%(n)d influencer, chosen by name", "%(n)d influencers, chosen by name", pretest.size) % n
    return _("up to %(n)d people by a link that was handed out") % n
