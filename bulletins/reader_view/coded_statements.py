"""What became of a statement whose code somebody has in hand: whether it holds, and what is said instead."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bulletins.media import message_cards
from bulletins.media.message_cards import CardText, Spec
from bulletins.models import Replacement, Version


class Fate(StrEnum):
    """What a statement is now. Dropped: its bulletin was corrected and says nothing of the kind any more."""

    HOLDS = "holds"
    EXPIRED = "expired"
    REPLACED = "replaced"
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Statement:
    """
    A published statement. `version` is the first that said it, `newest` its bulletin's; `ended_by` is the one that
    replaced, dropped or withdrew it, `by` what another bulletin says instead. `said` are its words and `now` what its bulletin says at
    present, itself or another; `is_over` tells that this has come to its end. Of a withdrawn one no words are left. `elsewhere` is what
    holds of the same message in other languages.
    """

    fate: Fate
    version: Version
    newest: Version
    ended_by: Version | None = None
    said: CardText | None = None
    now: CardText | None = None
    spec: Spec | None = None
    is_over: bool = False
    elsewhere: tuple[Spec, ...] = ()
    by: Replacement | None = None

    @property
    def ended_at(self) -> datetime | None:
        """When it was replaced, dropped or withdrawn; None while nothing did."""
        if self.by:
            return self.by.at
        return self.ended_by.published_at if self.ended_by else None


def statement_of(versions: Sequence[Version], mark: str, *, at: datetime) -> Statement | None:
    """
    Return what became of the statement with this fingerprint; None when no published version says it. `versions` are a
    bulletin's that anyone may see at `at`, the newest first, with editions and bulletin at hand. No query.
    """
    in_order = list(reversed(versions))
    texts = [message_cards.said_in(version, in_order) for version in in_order]
    having = [place for place, said in enumerate(texts) if mark in said]
    if not having:
        return None
    first, newest = in_order[having[0]], in_order[-1]
    if newest.is_retracted:
        return Statement(Fate.WITHDRAWN, first, newest, ended_by=newest)
    last = having[-1]
    ended_by = in_order[last + 1] if last + 1 < len(in_order) else None
    return _compared(Statement(Fate.HOLDS, first, newest, ended_by, texts[last][mark][0]), list(texts[-1].values()), at)


def _compared(one: Statement, present: list[tuple[CardText, Spec]], at: datetime) -> Statement:
    """Return a statement with what the newest version says in its place."""
    said = one.said
    assert said is not None
    if by := _replacement(one.newest, said):
        return replace(one, fate=Fate.REPLACED, by=by)
    same = [pair for pair in present if pair[0].key == said.key]
    now, spec = next((pair for pair in same if pair[0].language == said.language), (None, None))
    is_over = now is not None and _is_over(now, at)
    if one.ended_by:
        fate = Fate.REPLACED if now else Fate.DROPPED
    else:
        fate = Fate.EXPIRED if is_over else Fate.HOLDS
    elsewhere = tuple(spec for text, spec in same if text.language != said.language and not _is_over(text, at))
    return replace(one, fate=fate, now=now, spec=spec, is_over=is_over, elsewhere=elsewhere)


def _is_over(said: CardText, at: datetime) -> bool:
    return said.valid_until is not None and said.valid_until <= at


def _replacement(newest: Version, said: CardText) -> Replacement | None:
    """Return what another bulletin says in the place of a statement, in its language if there is an edition of it."""
    editions = sorted(newest.editions.all(), key=lambda one: (one.language != said.language, one.is_easy))
    return next((found for one in editions if (found := one.replacement_of(said.key))), None)
