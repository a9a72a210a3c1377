"""What a code stands for, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bulletins.media import message_cards
from bulletins.models import Bulletin, Card, MovingCard, Version
from bulletins.reader_view import coded_statements, published_versions
from bulletins.reader_view.coded_statements import Fate, Statement
from campaigns.cards import check_codes
from campaigns.models import Campaign, CheckCode
from lib.images.shared_cards import Picture
from lib.text.characters import spoken_codes
from lib.text.languages.languages import page_language

from . import facts_and_answers
from .facts_and_answers import Told

Kind = CheckCode.Kind
VERDICTS = {
    Fate.HOLDS: (_("Genuine and current"), "true"),
    Fate.EXPIRED: (_("Genuine, but no longer valid"), "clock"),
    Fate.REPLACED: (_("Genuine, but replaced"), "pencil"),
    Fate.DROPPED: (_("Genuine, but no longer said"), "pencil"),
    Fate.WITHDRAWN: (_("Withdrawn"), "false"),
}
PAUSED = (_("Genuine, but being checked again"), "alert")
OF_AN_EXERCISE = {Fate.WITHDRAWN: _("Withdrawn, from an exercise")}
WORST_FIRST = (
    Fate.WITHDRAWN,
    Fate.DROPPED,
    Fate.REPLACED,
    Fate.EXPIRED,
    Fate.HOLDS,
)  # what becomes of a video of several


@dataclass(frozen=True, slots=True)
class Scene:
    """A message of a video: what became of it, in words, and the code on its own card ("" where it has none)."""

    found: Statement
    verdict: str
    icon: str
    code: str


def look_up(given: str, campaign: Campaign | None, *, at: datetime) -> dict[str, Any] | None:
    """
    Return what the page of a code shows; None for one that stands for nothing published, or for something of another
    campaign.
    """
    row = CheckCode.objects.filter(code=given, campaign=campaign).first() if campaign else None
    if row is None or campaign is None:
        return None
    if row.kind != Kind.BULLETIN:
        of = {Kind.FACT: facts_and_answers.fact_of, Kind.ANSWER: facts_and_answers.answer_of}[Kind(row.kind)]
        told = of(row, campaign, at=at)
        return shown_told(row, told, at=at) if told else None
    bulletin = Bulletin.objects.filter(pk=row.subject, campaign=campaign).first()
    if bulletin is None:
        return None
    versions = published_versions.versions_of(campaign, bulletin.number, at=at)
    if row.parts:
        return shown_video(row, row.parts, bulletin, versions, at=at)
    found = coded_statements.statement_of(versions, row.statement, at=at)
    return shown(row, bulletin, found, at=at) if found else None


def published_campaign_of(given: str) -> Campaign | None:
    """Return the campaign that a code is of, if that is published; one query."""
    of_code = CheckCode.objects.filter(code=given).values("campaign")
    return Campaign.objects.published().filter(pk__in=of_code).first()


def shown(row: CheckCode, bulletin: Bulletin, found: Statement, *, at: datetime) -> dict[str, Any]:
    """Return what a page shows of a statement; three queries."""
    context = said_of(row, found.fate, found.newest, at=at) | of_bulletin(bulletin, found)
    if not found.spec:
        return context
    codes = check_codes.codes_of(row.kind, row.subject)
    return context | {
        "picture": picture_of(message_cards.card_of(found.newest.bulletin, found.spec)),
        "alt_text": message_cards.alt_text(found.spec),
        "new_code": codes.get(found.spec.statement, ""),
        "elsewhere": [(one.language, codes[one.statement]) for one in found.elsewhere if one.statement in codes],
    }


def shown_video(
    row: CheckCode, marks: Sequence[str], bulletin: Bulletin, versions: Sequence[Version], *, at: datetime
) -> dict[str, Any] | None:
    """Return what a page shows of a video: what became of each of its messages; None before all are published. Two queries."""
    parts = [coded_statements.statement_of(versions, mark, at=at) for mark in marks]
    scenes = [found for found in parts if found]
    if not scenes or len(scenes) != len(parts):
        return None
    worst = min(scenes, key=lambda found: WORST_FIRST.index(found.fate))
    codes = check_codes.codes_of(row.kind, row.subject)
    context = said_of(row, worst.fate, worst.newest, at=at) | of_bulletin(bulletin, worst)
    return context | {
        "is_video": True,
        "video": MovingCard.objects.filter(bulletin=bulletin, code=row.code).order_by("-pk").first()
        if worst.fate == Fate.HOLDS
        else None,
        "scenes": [
            Scene(found, *map(str, VERDICTS[found.fate]), code=codes.get(mark, ""))
            for mark, found in zip(marks, scenes, strict=True)
        ],
        "valid_until": min((one.said.valid_until for one in scenes if one.said and one.said.valid_until), default=None),
    }


def shown_told(row: CheckCode, told: Told, *, at: datetime) -> dict[str, Any]:
    """Return what a page shows of a fact-check or an answer; one query."""
    codes = check_codes.codes_of(row.kind, row.subject)
    context = said_of(row, told.fate, told.version, at=at) | {
        "found": told,
        "why": told.why,
        "address": told.address,
        "picture": told.picture,
        "alt_text": told.alt_text,
        "small_pictures": told.small,
        "new_code": codes.get(told.statement, ""),
        "elsewhere": [(language, codes[mark]) for language, mark in told.elsewhere if mark in codes],
    }
    if told.issuer:
        context["issuer"] = told.issuer
    if told.is_paused and not told.words.is_exercise:
        context["verdict"], context["icon"] = PAUSED
    return context


def said_of(row: CheckCode, fate: Fate, version: Any, *, at: datetime) -> dict[str, Any]:
    """Return what every such page says: the verdict, who says so, and as of when. No query."""
    words = version.words
    verdict, icon = VERDICTS[fate]
    if words.is_exercise:
        verdict, icon = OF_AN_EXERCISE.get(fate, _("Genuine, from an exercise")), "clock"
    return {
        "code": spoken_codes.in_groups(row.code),
        "kind": row.kind,
        "verdict": verdict,
        "icon": icon,
        "look": "exercise" if words.is_exercise else fate,
        "issuer": words.in_language(page_language()).issuer,
        "at": at,
        "canonical": reverse("website:code", args=[row.code]),
    }


def of_bulletin(bulletin: Bulletin, found: Statement) -> dict[str, Any]:
    """Return what such a page shows of a bulletin's statement. No query."""
    return {
        "found": found,
        "why": found.newest.what_changed,
        "share_text": found.newest.share_text,
        "regions": found.newest.words.regions,
        "address": reverse("website:bulletin", args=[bulletin.number]),
    }


def picture_of(card: Card | None) -> Picture | None:
    """Return a card as such a page shows it."""
    return Picture(card.ratio, card.file.url, card.thumbnail_url, name="") if card else None
