"""Nobody is forgotten: reminders when an influencer waits, and when a partner has not heard from a person for a while."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.models import User
from campaigns.models import Campaign
from delivery.models import Audience, Membership
from influencers import notices
from influencers.models import Influencer, Thread
from notifications import outbox
from notifications.notice_kinds import Kind

from .answerers import answerers_of, inbox, page_of

AT_MOST = 200  # conversations in one call; the next goes on
LINES = 30  # people named in one mail
CLOSEST = 1  # the tier of partners


class ThreadText(Protocol):
    """What is said of one conversation, in the active language."""

    def __call__(self, thread: Thread, *, at: datetime) -> str:
        """Return the words; the first line can stand by itself."""
        ...


def remind(*, at: datetime) -> int:
    """Remind of whoever waits, and of partners whom nobody wrote to; once each time it happens. Return how many."""
    return remind_of_waiting(at=at) + remind_of_quiet(at=at)


def remind_of_waiting(*, at: datetime) -> int:
    """Remind of people who have waited for WAITING_HOURS."""
    since = at - timedelta(hours=settings.WAITING_HOURS)
    waiting = Thread.objects.filter(
        Q(reminded_at=None) | Q(reminded_at__lt=F("waiting_since")),
        waiting_since__lte=since,
        influencer__campaign__closed_at=None,
    ).exclude(influencer__state=Influencer.State.ERASED)
    path = f"{inbox()}?whose=all"
    return remind_together(waiting.order_by("waiting_since"), notices.WAITING, waiting_text, path=path, at=at)


def remind_of_quiet(*, at: datetime) -> int:
    """Remind of quiet partners; a reminder that someone waits counts, since whoever answers ends the silence."""
    unsaid = Q(thread__reminded_at=None) | Q(thread__reminded_at__lt=F("thread__last_from_us_at"))
    found = list(quiet_partners(at=at).filter(unsaid, campaign__closed_at=None).select_related("thread")[:AT_MOST])
    missing = [Thread(influencer=one) for one in found if not hasattr(one, "thread")]
    Thread.objects.bulk_create(missing, ignore_conflicts=True)
    threads = Thread.objects.filter(influencer__in=found)
    path = f"{inbox()}?whose=all&show=quiet"
    longest_first = threads.order_by(F("last_from_us_at").asc(nulls_first=True), "influencer__joined_at", "pk")
    return remind_together(longest_first, notices.QUIET, quiet_text, path=path, at=at)


def quiet_partners(*, at: datetime) -> QuerySet[Influencer]:
    """Return partners who have not heard from a person for QUIET_DAYS and do not wait. Bulletins do not count."""
    since = at - timedelta(days=settings.QUIET_DAYS)
    partner = Membership.objects.open(at=at).filter(
        recipient=OuterRef("recipient"),
        audience__campaign=OuterRef("campaign"),
        audience__kind=Audience.Kind.INFLUENCERS,
        audience__tier=CLOSEST,
    )
    never = Q(thread=None) | Q(thread__last_from_us_at=None)
    heard = Q(thread__last_from_us_at__lte=since)
    return Influencer.objects.filter(
        Exists(partner),
        (never & Q(joined_at__lte=since)) | heard,
        Q(thread=None) | Q(thread__waiting_since=None),
        state=Influencer.State.ACTIVE,
    ).order_by("pk")


@transaction.atomic
def remind_together(threads: QuerySet[Thread], kind: Kind, words: ThreadText, *, path: str, at: datetime) -> int:
    """
    Remind of conversations, but for those that another process just reminded of: whoever answers gets one mail about
    all of theirs in a campaign, however many they are. Return of how many.
    """
    about = threads.select_related("influencer__campaign", "influencer__liaison")
    mine = [thread for thread in about[:AT_MOST] if note_reminded(thread, at=at)]
    theirs: dict[tuple[Campaign, User], list[Thread]] = defaultdict(list)
    for thread in mine:
        for person in answerers_of(thread.influencer):
            theirs[thread.influencer.campaign, person].append(thread)
    for (campaign, person), owed in theirs.items():
        with override(campaign.language_for(person)):
            text = words(owed[0], at=at) if len(owed) == 1 else combined_text(owed, kind, words, at=at)
        page = page_of(owed[0]) if len(owed) == 1 else path
        outbox.write(kind, [person], campaign=campaign, text=text, path=page, at=at)
    return len(mine)


def note_reminded(thread: Thread, *, at: datetime) -> bool:
    """Note that someone is reminded of a conversation; return whether no other process just did."""
    mine = Thread.objects.filter(pk=thread.pk, reminded_at=thread.reminded_at, waiting_since=thread.waiting_since)
    return bool(mine.update(reminded_at=at))


def combined_text(threads: list[Thread], kind: Kind, words: ThreadText, *, at: datetime) -> str:
    """Return what is said of several at once, in the active language: how many, then a line for each."""
    number = len(threads)
    if kind == notices.WAITING:
        first = ngettext("%(n)d influencer is waiting for a reply", "%(n)d influencers are waiting for a reply", number)
    else:
        first = ngettext(
            "%(n)d partner has not heard from us for a while",
            "%(n)d partners have not heard from us for a while",
            number,
        )
    lines = [f"- {words(thread, at=at).partition('\n')[0]}" for thread in threads[:LINES]]
    if number > LINES:
        lines.append(ngettext("… and %(n)d more", "… and %(n)d more", number - LINES) % {"n": number - LINES})
    return "\n".join([first % {"n": number}, *lines])


def waiting_text(thread: Thread, *, at: datetime) -> str:
    """Return what is said of someone who waits, in the active language."""
    assert thread.waiting_since is not None
    hours = int((at - thread.waiting_since).total_seconds() // 3600)
    first = ngettext(
        "%(name)s has been waiting for a reply for %(hours)d hour",
        "%(name)s has been waiting for a reply for %(hours)d hours",
        hours,
    ) % {"name": thread.influencer.name, "hours": hours}
    return f"{first}\n{whose(thread)}"


def quiet_text(thread: Thread, *, at: datetime) -> str:
    """Return what is said of someone who has not heard from us, in the active language."""
    since = thread.last_from_us_at or thread.influencer.joined_at
    days = (at - since).days
    first = ngettext(
        "%(name)s has not heard from us for %(days)d day", "%(name)s has not heard from us for %(days)d days", days
    ) % {"name": thread.influencer.name, "days": days}
    return f"{first}\n{_('A few words are enough: ask how things are going, or thank them for what they did.')}\n{whose(thread)}"


def whose(thread: Thread) -> str:
    """Return whose influencer it is, in the active language."""
    if thread.influencer.liaison is None:
        return _("They have no contact person: whoever is first can reply.")
    return _("Contact person: %(who)s") % {"who": thread.influencer.liaison}
