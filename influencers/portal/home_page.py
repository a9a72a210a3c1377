"""The portal's front page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from bulletins.media import message_cards
from bulletins.models import Version
from campaigns.models import Campaign
from delivery.models import Audience, Membership
from influencers.code_of_ethics import signatures
from influencers.editions.bulletin_entries import Entry, editions_of, entry, plain, with_cards
from influencers.escalation import acknowledgement
from influencers.escalation.acknowledgement import Asked
from influencers.kits.changed_fact_checks import ChangedUse, changed
from influencers.models import Exposure, Influencer, Signature
from influencers.profiles.contact_person import Contact, contact_of
from questions.answers import published_answers
from questions.models import Answer

from . import card_maker

LATEST_BULLETINS = 8
LATEST_ANSWERS = 3
MOST_WAYS_TO_HELP = 5


@dataclass(frozen=True, slots=True)
class WayToHelp:
    """A call to action of a bulletin that holds."""

    text: str
    language: str
    number: int


@dataclass(frozen=True, slots=True)
class Home:
    """
    The front page. `newest` is the latest news that holds, with its cards, and also among `entries`; while `is_drawing` they are on
    their way. `saw_earlier` tells whether the reader saw a version that it corrects.
    """

    influencer: Influencer
    contact: Contact
    newest: Entry | None
    is_drawing: bool
    saw_earlier: bool
    entries: list[Entry]
    answers: list[Answer]
    signature: Signature | None
    audience: Audience | None
    ways_to_help: list[WayToHelp]
    changed_facts: list[ChangedUse]
    to_acknowledge: list[tuple[Entry, Asked]]


def home(
    influencer: Influencer, campaign: Campaign, *, language: str, at: datetime, asked: Mapping[str, Any] = {}
) -> Home:
    """
    Return the front page of `influencer` in `language` at `at` (aware); eight queries, two more where a bulletin asks to be seen. `asked` is
    what they chose for their cards.
    """
    versions = list(Version.objects.current(campaign, at=at).order_by("-published_at", "-pk")[:LATEST_BULLETINS])
    editions = editions_of(versions, language, campaign, own=influencer.recipient.language, whole=False)
    entries = [entry(version, editions[version.pk], at=at) for version in versions if version.pk in editions]
    answers = published_answers.answers_of(campaign, at=at).filter(
        Q(current_version__valid_until=None) | Q(current_version__valid_until__gt=at)
    )
    memberships = Membership.objects.open(at=at).filter(
        recipient_id=influencer.recipient_id, audience__campaign=campaign, audience__kind=Audience.Kind.INFLUENCERS
    )
    membership = memberships.select_related("audience").order_by("audience__tier", "pk").first()
    newest = headline(entries)
    newest, is_drawing = pictured(newest, campaign, asked, at=at) if newest else (None, False)
    return Home(
        influencer=influencer,
        contact=contact_of(influencer, campaign),
        newest=newest,
        is_drawing=is_drawing,
        saw_earlier=newest is not None and saw_earlier(influencer, newest),
        entries=entries,
        answers=list(answers[:LATEST_ANSWERS]),
        signature=signatures.current_signature(influencer),
        audience=membership.audience if membership else None,
        ways_to_help=ways_to_help(entries),
        changed_facts=changed(influencer),
        to_acknowledge=to_acknowledge(influencer, entries),
    )


def to_acknowledge(influencer: Influencer, entries: Iterable[Entry]) -> list[tuple[Entry, Asked]]:
    """Return the bulletins that ask the reader to say that they have seen them, and wait for it; two queries where there are any."""
    shown = {each.version.pk: each for each in entries}
    asked = acknowledgement.on_portal(influencer, [each.version for each in shown.values()])
    return [(shown[key], one) for key, one in asked.items() if one.seen_at is None and not one.request.ended]


def headline(entries: Sequence[Entry]) -> Entry | None:
    """Return the latest bulletin that holds or was withdrawn, or else the latest."""
    news = (each for each in entries if each.version.is_retracted or not each.has_ended)
    return next(news, entries[0] if entries else None)


def saw_earlier(influencer: Influencer, newest: Entry) -> bool:
    """Return whether a reader saw or took a version that a correction corrects; one query for a correction."""
    version = newest.version
    earlier = Exposure.objects.filter(
        influencer=influencer, version__bulletin=version.bulletin_id, version__number__lt=version.number
    )
    return version.is_corrected and earlier.exists()


def pictured(newest: Entry, campaign: Campaign, asked: Mapping[str, Any], *, at: datetime) -> tuple[Entry, bool]:
    """
    Return a bulletin with its cards as the reader chose them, and whether they are on their way; three queries, none for one that has nothing to say any
    more.
    """
    if not newest.current_messages:
        return newest, False
    newest.version.bulletin.campaign = campaign
    specs = message_cards.specs_published(newest.version, newest.edition.language)
    drawn = message_cards.drawn_cards(newest.version, specs)
    shown = with_cards(newest, card_maker.chosen_cards(specs, drawn, card_maker.theme_of(asked, specs)))
    return shown, card_maker.is_drawn_soon(shown.version, shown.first_message, specs, at=at)


def ways_to_help(entries: Iterable[Entry]) -> list[WayToHelp]:
    """Return calls to action of the bulletins that hold, first one of each, the latest bulletin first."""
    lists = [
        [WayToHelp(plain(text), each.edition.language, each.version.bulletin.number) for text in actions if plain(text)]
        for each in entries
        if not each.has_ended and not each.version.is_retracted
        for actions in [each.edition.content.get("calls_to_action", [])]
    ]
    longest = max((len(actions) for actions in lists), default=0)
    ways = [actions[turn] for turn in range(longest) for actions in lists if turn < len(actions)]
    return ways[:MOST_WAYS_TO_HELP]
