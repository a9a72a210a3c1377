"""Keeping a post that somebody tells of, once however often it is told, and what it reached and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from bulletins.models import Version
from factcheck.models import ClaimVersion
from influencers.models import Influencer, Post, PostFigures
from influencers.recall import recall_plan, responses

from . import paid_labels, post_urls
from .advice import advise
from .queries import COUNTED, LEEWAY

MOST_WORDS = 10_000  # characters of a post
SAME_AGAIN = timedelta(minutes=10)  # in which a post without an address, told twice, is one


class PostRefused(Exception):
    """A post that cannot be kept as it was told; its text says why, and `field` which answer is meant."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class ReportedPost:
    """A post that was told; `is_new` is False when it was known already and was completed."""

    post: Post
    is_new: bool


def report(
    influencer: Influencer,
    about: Version | ClaimVersion,
    *,
    platform: str,
    posted_at: datetime,
    by: User,
    at: datetime,
    url: str = "",
    language: str = "",
    words: str = "",
    commission: int | None = None,
    figures: dict[str, int | None] | None = None,
) -> ReportedPost:
    """
    Keep a post of an influencer's about a version of a bulletin or of a fact-check, told by them or found by staff (`by`
    is somebody else); `commission` is the key of the paid work that it shows. The same post told twice is one, completed by what is new.

    Raise PostRefused when it cannot be: a bad address, a moment to come, or a post that somebody else told of.
    """
    try:
        address, key = post_urls.checked(url, platform)
    except post_urls.BadPostAddress as why:
        raise PostRefused(str(why), "url") from why
    refuse_unreal(influencer, about, posted_at, at=at)
    found_by = None if by.pk == influencer.user_id else by
    row = Post(
        campaign=influencer.campaign,
        influencer=influencer,
        version=about if isinstance(about, Version) else None,
        claim_version=about if isinstance(about, ClaimVersion) else None,
        platform=platform,
        url=address,
        url_key=key,
        language=language,
        words=normalized(words),
        commission_id=commission,
        posted_at=posted_at,
        told_at=at,
        found_by=found_by,
    )
    with transaction.atomic():
        known = save_or_find(row, at=at)
        if known is not None:
            complete(known, row)
        post = known or row
        add_figures(post, figures or {}, by=by, at=at)
        advise(post)
        paid_labels.tell_if_missing(post, at=at)
        recall_plan.join(influencer, post.version or post.claim_version or about, at=at)
    return ReportedPost(post, known is None)


def refuse_unreal(influencer: Influencer, about: Version | ClaimVersion, posted_at: datetime, *, at: datetime) -> None:
    """Raise PostRefused for a moment to come, or before that was published."""
    if posted_at > at + LEEWAY:
        raise PostRefused(_("This time is in the future. Report the post when it has been published."), "posted_at")
    if posted_at + LEEWAY < about.published_at:
        day = date_format(influencer.campaign.local(about.published_at), "DATETIME_FORMAT")
        raise PostRefused(
            _("This was published on %(day)s, so it cannot have been posted before. Check when you posted.")
            % {"day": day},
            "posted_at",
        )


def save_or_find(row: Post, *, at: datetime) -> Post | None:
    """Save a post, or return the one that is known already. Raise PostRefused when it is someone else's."""
    known = known_post(row, at=at)
    if known is None:
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:  # someone told the same at this very moment
            known = known_post(row, at=at)
            if known is None:
                raise
    return known


def known_post(row: Post, *, at: datetime) -> Post | None:
    """Return the post that `row` reports again, or None. Raise PostRefused when it is someone else's."""
    if row.url_key:
        known = (
            Post.objects.select_for_update(of=("self",))
            .select_related("influencer", "campaign", "version", "claim_version")
            .filter(campaign=row.campaign, url_key=row.url_key)
            .first()
        )
        if known is not None and known.influencer_id != row.influencer_id:
            raise PostRefused(
                _("Someone else has reported this post. If it is yours, write to your contact person."), "url"
            )
        return known
    same = Post.objects.filter(
        influencer=row.influencer,
        version=row.version,
        claim_version=row.claim_version,
        platform=row.platform,
        url_key="",
        words=row.words,
        told_at__gte=at - SAME_AGAIN,
        posted_at__range=(row.posted_at - SAME_AGAIN, row.posted_at + SAME_AGAIN),
    )
    return same.select_related("influencer", "campaign", "version", "claim_version").first()


def complete(known: Post, told: Post) -> None:
    """
    Add to a known post what is told of it now. What its influencer says counts more than what was known; what staff find
    only fills gaps.

    Raise PostRefused when it is told of as one about something else, unless its influencer puts right what staff found.
    """
    theirs = told.found_by is None
    if subject_of(known) != subject_of(told) and not (theirs and known.found_by_id is not None):
        raise PostRefused(describe_known(known), "url")
    if told.words and (theirs or not known.words):
        known.words, known.language = told.words, told.language or known.language
    known.commission_id = told.commission_id or known.commission_id
    if theirs and known.url_key:
        known.version, known.claim_version = told.version, told.claim_version
        known.posted_at, known.language = told.posted_at, told.language or known.language
    known.save(update_fields=["words", "language", "version", "claim_version", "posted_at", "commission"])


def subject_of(post: Post) -> tuple[int | None, int | None]:
    """Return the keys of the bulletin and of the fact-check that a post is about; one of them is None."""
    return (
        post.version.bulletin_id if post.version else None,
        post.claim_version.claim_id if post.claim_version else None,
    )


def describe_known(post: Post) -> str:
    """Say what a post that is known is about."""
    if post.version is None:
        return _("We already know this post, as one about a fact-check. Check the address.")
    return _("We already know this post, as one about bulletin %(number)d. Check the address.") % {
        "number": post.version.bulletin.number
    }


def normalized(words: str) -> str:
    """Return the words of a post with plain line ends, no longer than is kept."""
    return words.replace("\r\n", "\n").replace("\x00", "").strip()[:MOST_WORDS]


def add_figures(post: Post, figures: dict[str, int | None], *, by: User, at: datetime) -> PostFigures | None:
    """
    Note what a post has reached by `at`, as a row of its own. Return it, or None when nothing was given or nothing is
    other than before.
    """
    given = {name: figures.get(name) for name in COUNTED}
    if all(value is None for value in given.values()):
        return None
    newest = post.figures.order_by("-at", "-pk").values(*COUNTED).first()
    if newest == given:
        return None
    return PostFigures.objects.create(post=post, at=at, by=by, **given)


def rewrite(post: Post, words: str, *, language: str = "") -> None:
    """Keep the words of a post, and compare them anew."""
    post.words, post.language = normalized(words), language or post.language
    post.save(update_fields=["words", "language"])
    with transaction.atomic():
        advise(post)


@transaction.atomic
def mark_corrected(post: Post, *, at: datetime) -> None:
    """Note that the poster corrected a post, once more if what it says has changed again; a recall hears of it too."""
    Post.objects.filter(pk=post.pk).update(corrected_at=at)
    post.corrected_at = at
    responses.follow(post, at=at)


@transaction.atomic
def mark_removed(post: Post, *, at: datetime) -> None:
    """Note that the poster removed a post; a recall hears of it too."""
    if Post.objects.filter(pk=post.pk, removed_at=None).update(removed_at=at):
        post.removed_at = at
        responses.follow(post, at=at)
