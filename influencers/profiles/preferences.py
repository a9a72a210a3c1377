"""What influencers choose for themselves: language, how often mail comes, topics that rest, a break."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from bulletins.scheduling import personal_digests
from campaigns.models import Campaign, Topic
from delivery.models import Audience, Consent, MailChoice, Membership, Recipient, Snooze, Wanted
from delivery.recipients import consents
from influencers.models import Influencer
from lib.text.languages import spoken_languages

from . import tiers
from .form_options import CONSENT_TEXT

Pace = MailChoice.Pace
LONGEST_DAYS = 180
LANGUAGE = "language"  # why someone moved to another tier


class NotPossible(Exception):
    """A choice that cannot be kept. The text says why, in the user's language."""


@dataclass(frozen=True, slots=True)
class Choices:
    """
    What holds for an influencer at a moment. `next_gathered` is when the next gathered mail leaves, None where each mail
    comes by itself; `snoozed` {topic key: until}; `audiences` those that they are in, the closest first; `has_mail` tells
    whether bulletins may come by mail.
    """

    language: str
    prefers_easy: bool
    pace: str
    break_until: datetime | None
    next_gathered: datetime | None
    topics: list[Topic]
    snoozed: dict[int, datetime | None]
    audiences: list[Audience]
    may_track: bool
    may_ask_again: bool
    has_mail: bool

    @property
    def is_on_break(self) -> bool:
        """Return whether nothing but what is urgent comes for now."""
        return self.break_until is not None

    @property
    def gets_bulletins(self) -> bool:
        """Return whether bulletins come, by whichever channel; without a group none does."""
        return bool(self.audiences)

    @property
    def mail_language(self) -> str:
        """The language that bulletins come in: the one that was chosen where the closest audience is served in it."""
        served = self.audiences[0].languages if self.audiences else []
        return self.language if self.language in served or not served else served[0]


def choices(influencer: Influencer, campaign: Campaign, *, at: datetime) -> Choices:
    """Return what holds at `at`; seven queries."""
    choice = MailChoice.objects.filter(campaign=campaign, recipient=influencer.recipient_id).first()
    pace = choice.pace if choice else Pace.EACH
    away = choice.break_until if choice and choice.break_until and choice.break_until > at else None
    snoozes = Snooze.objects.filter(recipient=influencer.recipient_id, topic__campaign=campaign)
    agreed = Consent.objects.filter(recipient=influencer.recipient_id, withdrawn_at=None)
    purposes = set(agreed.values_list("purpose", flat=True))
    return Choices(
        language=influencer.recipient.language,
        prefers_easy=influencer.recipient.prefers_easy,
        pace=pace,
        break_until=away,
        next_gathered=personal_digests.next_slot(campaign, pace, at=away or at)
        if pace in personal_digests.DAYS
        else None,
        topics=list(campaign.topics.all()),
        snoozed={one.topic_id: one.until for one in snoozes if one.until is None or one.until > at},
        audiences=audiences_of(influencer, campaign, at=at),
        may_track=Consent.Purpose.OPEN_TRACKING in purposes,
        may_ask_again=Consent.Purpose.ANOTHER_CRISIS in purposes,
        has_mail=has_mail(influencer),
    )


def has_mail(influencer: Influencer) -> bool:
    """Return whether bulletins may come by mail: the yes to them stands, and the address works; one query."""
    return Recipient.objects.wanting_bulletins().filter(pk=influencer.recipient_id).exists()


def mailed(influencer: Influencer) -> set[Wanted]:
    """Return what comes by mail where no other channel is chosen for it; answers and reminders go on where bulletins are stopped. Two queries."""
    if has_mail(influencer):
        return {Wanted.BULLETINS, Wanted.ANSWERS, Wanted.REMINDERS}
    works = Recipient.objects.deliverable().filter(pk=influencer.recipient_id).exists()
    return {Wanted.ANSWERS, Wanted.REMINDERS} if works else set()


def audiences_of(influencer: Influencer, campaign: Campaign, *, at: datetime) -> list[Audience]:
    """Return the audiences that an influencer is in, the closest first; one query."""
    memberships = Membership.objects.open(at=at).filter(
        recipient=influencer.recipient_id, audience__campaign=campaign, audience__kind=Audience.Kind.INFLUENCERS
    )
    return [one.audience for one in memberships.select_related("audience").order_by("audience__tier", "pk")]


@transaction.atomic
def set_language(influencer: Influencer, language: str, *, prefers_easy: bool | None = None, at: datetime) -> None:
    """
    Have mail and pages in a language of the site's, in easy language where there is one or not (None leaves that). Whose group is not served in it moves to one that is, as long as it has
    room; close contact stays, in its own languages. Raise NotPossible for another language.
    """
    if not spoken_languages.is_spoken(language):
        raise NotPossible(_("That language is not offered. Choose one from the list."))
    influencer.recipient.language = language
    if prefers_easy is not None:
        influencer.recipient.prefers_easy = prefers_easy
    influencer.recipient.save(update_fields=["language", "prefers_easy"])
    if influencer.user:
        influencer.user.language = language
        influencer.user.save(update_fields=["language"])
    audiences = audiences_of(influencer, influencer.campaign, at=at)
    network = tiers.open_network(influencer.campaign, language)
    if not audiences or audiences[0].tier == 1 or language in audiences[0].languages:
        return
    if network is not None and language in network.languages:
        with suppress(tiers.NotMoved):
            tiers.move(influencer, to=network, by=influencer.user, at=at, reason=LANGUAGE)


@transaction.atomic
def set_pace(influencer: Influencer, campaign: Campaign, wanted: str, *, at: datetime) -> None:
    """
    Have mail come at a pace (MailChoice.Pace) from now on; what was waiting to be gathered still comes, also when it changes
    again before that. Raise NotPossible for another.
    """
    if wanted not in Pace.values:
        raise NotPossible(_("That is not one of the choices. Choose one from the list."))
    choice = lock_profile(influencer, campaign)
    if choice.pace == wanted:
        return
    if not is_owed(choice, campaign, at=at):
        choice.pace_before, choice.changed_at = choice.pace, at
    choice.pace = wanted
    choice.save()


def is_owed(choice: MailChoice, campaign: Campaign, *, at: datetime) -> bool:
    """
    Return whether what was put off under the pace before has still to come. Its mail has all that was published until
    then, so it also has what a second pace put off meanwhile.
    """
    if choice.pace_before not in personal_digests.DAYS or choice.changed_at is None:
        return False
    return personal_digests.next_slot(campaign, choice.pace_before, at=choice.changed_at) > at


@transaction.atomic
def take_break(influencer: Influencer, campaign: Campaign, days: int, *, at: datetime) -> None:
    """Have a break of some days, in which only what is urgent comes; 0 ends it. Raise NotPossible outside of 0 to 180."""
    if not 0 <= days <= LONGEST_DAYS:
        raise NotPossible(
            _("A break can be at most %(days)d days. You can start another one after it.") % {"days": LONGEST_DAYS}
        )
    choice = lock_profile(influencer, campaign)
    choice.break_until = at + timedelta(days=days) if days else None
    choice.save()


@transaction.atomic
def snooze(influencer: Influencer, campaign: Campaign, topic: int, days: int | None, *, at: datetime) -> None:
    """
    Have no mail about a topic for some days (None: until further notice, 0: have it again). Tiers stay as they are.
    Raise NotPossible for a topic that the campaign does not have, or outside of 0 to 180 days.
    """
    if not campaign.topics.filter(pk=topic).exists():
        raise NotPossible(_("That is not one of this campaign's topics. Choose one from the list."))
    if days is not None and not 0 <= days <= LONGEST_DAYS:
        raise NotPossible(_("Choose at most %(days)d days, or until further notice.") % {"days": LONGEST_DAYS})
    mine = Snooze.objects.filter(recipient=influencer.recipient_id, topic=topic)
    if days == 0:
        mine.delete()
        return
    until = None if days is None else at + timedelta(days=days)
    Snooze.objects.update_or_create(recipient_id=influencer.recipient_id, topic_id=topic, defaults={"until": until})


@transaction.atomic
def set_consent(influencer: Influencer, purpose: str, allowed: bool, *, language: str, at: datetime) -> None:
    """Give or take back a consent of its own, apart from the one to mail: to open tracking, or to another crisis."""
    standing = Consent.objects.filter(recipient=influencer.recipient_id, purpose=purpose, withdrawn_at=None)
    if not allowed:
        standing.update(withdrawn_at=at)
    elif not standing.exists():
        given = Consent(
            recipient_id=influencer.recipient_id,
            purpose=purpose,
            text_version=CONSENT_TEXT,
            language=language,
            source="portal",
            given_at=at,
            confirmed_at=at,
        )
        consents.record_consents([given])


def lock_profile(influencer: Influencer, campaign: Campaign) -> MailChoice:
    """Return the influencer's choice of mail, held for this transaction; a new one says that each mail comes."""
    MailChoice.objects.bulk_create(
        [MailChoice(campaign=campaign, recipient_id=influencer.recipient_id)], ignore_conflicts=True
    )
    rows = MailChoice.objects.select_for_update().filter(campaign=campaign, recipient=influencer.recipient_id)
    return rows.get()
