"""
What there is to thank for, as sentences for the contact person: a first post, a follower's question that was answered,
half a year together, a quick correction. No points, no counts, and nothing is sent by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import User
from bulletins.models import Version
from campaigns.models import Campaign
from factcheck.models import ClaimVersion
from influencers.models import Influencer, Post, Thanks
from questions.models import Answer, Question

from .thanks import CORRECTED

RECENT = timedelta(days=60)  # what is older is no news to thank for
QUICKLY = timedelta(days=1)
ANNIVERSARIES = (("half-year", timedelta(days=182)), ("year", timedelta(days=365)))
MOST = 100  # of each kind, the latest


@dataclass(frozen=True, slots=True)
class Milestone:
    """
    Something to thank someone for. `key` is what the thanks will be for, `canned` the short name of ready words that
    suit, `post` the post that it is about, if any.
    """

    influencer: Influencer
    key: str
    canned: str
    sentence: str
    at: datetime
    post: Post | None = None


def to_thank(liaison: User | None, campaign: Campaign, *, at: datetime) -> list[Milestone]:
    """
    Return what someone may thank their people for, or with None what those without a contact person may be thanked for,
    the latest first; what anyone thanked for already is left out. A fixed number of queries, however many people.
    """
    people = Influencer.objects.filter(campaign=campaign, liaison=liaison, state=Influencer.State.ACTIVE)
    found = [
        *first_posts(people, at=at),
        *quick_corrections(people, at=at),
        *answers(people, campaign, at=at),
        *anniversaries(people, at=at),
    ]
    thanked = Thanks.objects.filter(influencer__in={one.influencer.pk for one in found})
    done = set(thanked.values_list("influencer", "key"))
    fresh = {(one.influencer.pk, one.key): one for one in found if (one.influencer.pk, one.key) not in done}
    return sorted(fresh.values(), key=lambda one: one.at, reverse=True)


def first_posts(people: QuerySet[Influencer], *, at: datetime) -> Iterator[Milestone]:
    """Give first posts that nobody thanked for yet; one query."""
    earlier = Post.objects.filter(influencer=OuterRef("influencer")).order_by("posted_at", "pk")
    first = Post.objects.filter(
        influencer__in=people, pk=Subquery(earlier.values("pk")[:1]), told_at__gte=at - RECENT
    ).exclude(influencer__thanks__key="first-post")
    thanked = Thanks.objects.filter(post=OuterRef("pk")).exclude(key__startswith=CORRECTED)
    rows = first.exclude(Exists(thanked)).select_related("influencer", "version__bulletin")
    for post in rows.order_by("-posted_at")[:MOST]:
        yield Milestone(
            post.influencer,
            "first-post",
            "first-post",
            _("First post reported, on %(platform)s.") % {"platform": post.get_platform_display()},
            post.told_at,
            post,
        )


def quick_corrections(people: QuerySet[Influencer], *, at: datetime) -> Iterator[Milestone]:
    """Give posts about bulletins and fact-checks that were corrected within a day of our correction; one query."""
    ours = Version.objects.filter(
        bulletin=OuterRef("version__bulletin"),
        number__gt=OuterRef("version__number"),
        published_at__lte=OuterRef("corrected_at"),
    )
    facts = ClaimVersion.objects.filter(
        claim=OuterRef("claim_version__claim"),
        number__gt=OuterRef("claim_version__number"),
        published_at__lte=OuterRef("corrected_at"),
    )
    changed_at = Coalesce(*(Subquery(one.order_by("-number").values("published_at")[:1]) for one in (ours, facts)))
    rows = (
        Post.objects.filter(influencer__in=people, corrected_at__gte=at - RECENT)
        .annotate(changed_at=changed_at)
        .filter(corrected_at__lte=F("changed_at") + QUICKLY)
        .select_related("influencer", "version__bulletin")
    )
    for post in rows.order_by("-corrected_at")[:MOST]:
        yield Milestone(
            post.influencer,
            f"{CORRECTED}{post.pk}",
            "corrected",
            _("Corrected the post about bulletin %(number)d within a day of our correction.")
            % {"number": post.version.bulletin.number}
            if post.version
            else _("Corrected the post about a fact-check within a day of our correction."),
            cast(datetime, post.corrected_at),
            post,
        )


def answers(people: QuerySet[Influencer], campaign: Campaign, *, at: datetime) -> Iterator[Milestone]:
    """Give questions that someone brought and that were answered, on video or in words; three queries."""
    published = Answer.objects.published(at=at).filter(
        group__campaign=campaign, current_version__published_at__gte=at - RECENT
    )
    said = {one.group_id: one for one in published}
    asked = Question.objects.filter(relayed_by__influencers__in=people, group__in=said).select_related("group")
    questions = list(asked.order_by("-pk")[:MOST])
    by_recipient = {one.recipient_id: one for one in people.filter(recipient__in=[q.relayed_by_id for q in questions])}
    for question in questions:
        answer = said[question.group_id or 0]
        words = (
            _("A question from their followers was answered on video: %(question)s")
            if answer.current_version
            and (answer.current_version.content.get("video") or answer.current_version.content.get("video_url"))
            else _("A question from their followers was answered: %(question)s")
        )
        yield Milestone(
            by_recipient[question.relayed_by_id or 0],
            f"answered:{question.group_id}",
            "answered",
            words % {"question": question.group},
            answer.current_version.published_at if answer.current_version else at,
        )


def anniversaries(people: QuerySet[Influencer], *, at: datetime) -> Iterator[Milestone]:
    """Give who has been with us for half a year or a year, and was not thanked for it yet; a query for each."""
    says = {"half-year": _("Half a year with us."), "year": _("A year with us.")}
    for key, after in ANNIVERSARIES:
        days = people.filter(joined_at__range=(at - RECENT - after, at - after)).exclude(thanks__key=key)
        for one in days.order_by("-joined_at", "pk")[:MOST]:
            yield Milestone(one, key, key, says[key], one.joined_at + after)
