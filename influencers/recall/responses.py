"""What people say to a recall: that they saw it, what they did with their posts, or that they need help."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from influencers.inbox import thread_messages
from influencers.models import Influencer, Post, RecallNotice, ThreadMessage

from .recall_panels import heading_of
from .recall_plan import posts_about

Outcome = RecallNotice.Outcome
SETTLES = {Outcome.CORRECTED: "corrected_at", Outcome.REMOVED: "removed_at"}  # what is noted of a post
MOST_WORDS = 2000  # characters of what someone needs help with


class NotAnswered(Exception):
    """An answer that cannot be taken. The text says why and what now, in the user's language."""


def notices_of(influencer: Influencer, campaign: Campaign) -> QuerySet[RecallNotice]:
    """Return an influencer's own notices, with what they are about at hand."""
    rows = RecallNotice.objects.filter(influencer=influencer, recall__campaign=campaign)
    return rows.select_related(
        "influencer", "recall__campaign", "recall__version__bulletin", "recall__step__claim", "recall__step__version"
    )


def see(notice: RecallNotice, *, at: datetime) -> None:
    """Note that someone has the page before them; the first time stays."""
    RecallNotice.objects.filter(pk=notice.pk, seen_at=None).update(seen_at=at)


@transaction.atomic
def answer(notice: RecallNotice, outcome: str, *, words: str = "", at: datetime) -> None:
    """
    Take someone's answer, one of RecallNotice.Outcome; a later one counts instead, the first moment stays. Who
    corrected or removed what they posted did so with each post that waits; who needs help writes to their contact
    person.

    Raise NotAnswered for no answer, for a call for help without words, and when it has changed again since.
    """
    words = words.strip()
    refuse_when_superseded(notice)
    if outcome not in Outcome.values:
        raise NotAnswered(_("Not saved: choose what you did."))
    if outcome == Outcome.CANNOT and not words:
        raise NotAnswered(_("Not sent: say briefly what you need help with."))
    if len(words) > MOST_WORDS:
        raise NotAnswered(_("Not sent: write at most %(most)d characters.") % {"most": MOST_WORDS})
    if outcome in SETTLES:
        waiting = [post.pk for post in posts_about(notice) if is_open(post, notice)]
        Post.objects.filter(pk__in=waiting).update(**{SETTLES[Outcome(outcome)]: at})
    if outcome == Outcome.CANNOT:
        ask_for_help(notice, words, at=at)
    record_answer(notice, outcome, at=at)


def record_answer(notice: RecallNotice, outcome: str, *, at: datetime) -> None:
    """Note an answer, and that the page was seen."""
    see(notice, at=at)
    RecallNotice.objects.filter(pk=notice.pk, acknowledged_at=None).update(acknowledged_at=at)
    RecallNotice.objects.filter(pk=notice.pk).update(outcome=outcome)
    notice.refresh_from_db(fields=["seen_at", "acknowledged_at", "outcome"])


def refuse_when_superseded(notice: RecallNotice) -> None:
    """Raise NotAnswered when a later recall has taken the place of this one."""
    if notice.recall.later().exists():
        raise NotAnswered(_("Not saved: it has changed again since. See what applies now, and answer there."))


def ask_for_help(notice: RecallNotice, words: str, *, at: datetime) -> None:
    """Write to the contact person, saying what it is about."""
    text = f"{heading_of(notice.recall)}\n\n{words}"
    thread_messages.add_from_influencer(
        notice.influencer, text, via=ThreadMessage.Via.PORTAL, version=notice.recall.version, at=at
    )


@transaction.atomic
def record_post_outcome(notice: RecallNotice, post: int, fate: str, *, at: datetime) -> bool:
    """
    Note that someone corrected or removed (`fate`: an Outcome) a post of theirs. With the last one their answer is
    given too. Return whether the post is theirs and about this. Raise NotAnswered as `answer` does.
    """
    if fate not in SETTLES:
        raise NotAnswered(_("Not saved: choose what you did."))
    refuse_when_superseded(notice)
    posts = posts_about(notice)
    if not posts.filter(pk=post).update(**{SETTLES[Outcome(fate)]: at}):
        return False
    if not any(is_open(one, notice) for one in posts):
        record_answer(notice, fate, at=at)
    else:
        see(notice, at=at)
    return True


def follow(post: Post, *, at: datetime) -> None:
    """
    Take it as an answer when someone saw to a post elsewhere in the portal, and none that a recall is about is left.
    """
    fate = Outcome.REMOVED if post.removed_at else Outcome.CORRECTED
    for notice in notices_of(post.influencer, post.campaign).filter(acknowledged_at=None):
        posts = list(posts_about(notice))
        if post in posts and not any(is_open(one, notice) for one in posts):
            record_answer(notice, fate, at=at)


def is_open(post: Post, notice: RecallNotice) -> bool:
    """Return whether a post that a recall is about still has to be seen to."""
    return not post.is_settled(since=notice.recall.changed_at)
