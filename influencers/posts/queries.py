"""Which posts someone has, and which bulletins and fact-checks a post may be about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import JSONObject

from bulletins.models import Platform, PublishedEdition, Version
from campaigns.models import Campaign, ReadingLevel
from factcheck.models import Claim, ClaimVersion
from influencers.models import Exposure, Influencer, KitUse, PlatformAccount, Post, PostFigures, Thanks

from . import post_urls

LATEST = 3  # posts on the portal's front page
MOST_RECENT = 20  # bulletins to choose from
LEEWAY = timedelta(minutes=10)  # by which clocks may differ

COUNTED = ("reach", "reactions", "comments", "shares")


@dataclass(frozen=True, slots=True)
class Row:
    """
    A post in a list. `has_changed` tells that what it is about was corrected or withdrawn since, and that the poster has
    not said what became of the post.
    """

    post: Post
    has_changed: bool
    thanks: Sequence[Thanks] = ()

    @property
    def number(self) -> int | None:
        """The number of its bulletin; None where that was deleted by hand."""
        version = self.post.version
        return version.bulletin.number if version and hasattr(version, "bulletin") else None

    @property
    def slug(self) -> str:
        """The short name of its fact-check, "" for a bulletin's."""
        version = self.post.claim_version
        return version.claim.slug if version and hasattr(version, "claim") else ""

    @property
    def figures(self) -> dict[str, int]:
        """What it had reached when figures came last, as far as known."""
        newest = getattr(self.post, "newest_figures", None) or {}
        return {name: count for name, count in newest.items() if count is not None}


@dataclass(frozen=True, slots=True)
class MyPosts:
    """What the front page of the portal shows of someone's own posts; `rows` are the latest, those to correct first."""

    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Telling:
    """
    What the page of a bulletin needs to ask "did you post this?": the platforms, the reader's own first, the numbers of
    the versions that may have been posted (the newest first), and what the reader told already.
    """

    number: int
    platforms: Sequence[tuple[str, str]]
    chosen: str
    versions: Sequence[int]
    rows: Sequence[Row]
    language: str


def panel(influencer: Influencer, campaign: Campaign, *, language: str, at: datetime) -> MyPosts:
    """Return the latest posts of an influencer for the front page, those to correct first; two queries."""
    rows = shown(posts_of(influencer, at=at)[: 2 * LATEST])
    rows.sort(key=lambda row: not row.has_changed)
    return MyPosts(rows[:LATEST])


def bulletin_panel(influencer: Influencer, version: Version, *, language: str, at: datetime) -> Telling:
    """Return what the page of a bulletin whose newest version is `version` asks and shows about posts; three queries at most."""
    choices, chosen = platforms_of(influencer)
    numbers = range(version.number, 0, -1)
    since = version.published_at
    rows = [
        row_of(post, since if post.version and post.version.number < version.number else None)
        for post in plain_posts_of(influencer).filter(version__bulletin=version.bulletin_id)[:LATEST]
    ]
    return Telling(version.bulletin.number, choices, chosen, numbers, rows, language)


def posts_of(influencer: Influencer, *, at: datetime) -> QuerySet[Post]:
    """Return an influencer's posts as `plain_posts_of`, and since when what each is about has been changed."""
    newer = Version.objects.published(at=at).filter(
        bulletin=OuterRef("version__bulletin"), number__gt=OuterRef("version__number")
    )
    newer_fact = ClaimVersion.objects.filter(
        claim=OuterRef("claim_version__claim"), number__gt=OuterRef("claim_version__number"), published_at__lte=at
    )
    return plain_posts_of(influencer).annotate(
        changed_at=Subquery(newer.order_by("-number").values("published_at")[:1]),
        fact_changed_at=Subquery(newer_fact.order_by("-number").values("published_at")[:1]),
    )


def plain_posts_of(influencer: Influencer) -> QuerySet[Post]:
    """Return an influencer's posts, the latest first, with what they are about, their newest figures and thanks."""
    newest = PostFigures.objects.filter(post=OuterRef("pk")).order_by("-at", "-pk")
    return (
        Post.objects.filter(influencer=influencer)
        .select_related("version__bulletin", "claim_version__claim")
        .annotate(
            newest_figures=Subquery(newest.values(json=JSONObject(**{name: name for name in COUNTED}))[:1]),
        )
        .prefetch_related(Prefetch("thanks", Thanks.objects.select_related("by").order_by("-at")))
        .order_by("-posted_at", "-pk")
    )


def shown(posts: Iterable[Post]) -> list[Row]:
    """Return posts (as `posts_of` gives them) as rows of a list."""
    return [row_of(post, changed_since(post)) for post in posts]


def changed_since(post: Post) -> datetime | None:
    """Return since when what a post (as `posts_of` gives it) is about has been changed, or None."""
    return getattr(post, "changed_at", None) or getattr(post, "fact_changed_at", None)


def row_of(post: Post, since: datetime | None) -> Row:
    """Return one post as a row; what it is about was changed at `since`."""
    return Row(post, since is not None and not post.is_settled(since=since), tuple(post.thanks.all()))


def platforms_of(influencer: Influencer) -> tuple[list[tuple[str, str]], str]:
    """Return (choices, the first of their own) of platforms, those that the influencer publishes on first; one query."""
    accounts = PlatformAccount.objects.filter(influencer=influencer).order_by("pk")
    own = list(dict.fromkeys(accounts.values_list("platform", flat=True)))
    labels = dict(Platform.choices)
    ordered = [*(one for one in own if one in labels), *(one for one in labels if one not in own)]
    return [(one, str(labels[one])) for one in ordered], own[0] if own else ""


def version_posted(
    influencer: Influencer, campaign: Campaign, number: int, *, posted_at: datetime, at: datetime
) -> Version | None:
    """
    Return the version of bulletin `number` that someone posted at `posted_at`: the newest that they had read or taken
    by then, else the newest that there was. None when nothing of it was public then.
    """
    out = Version.objects.published(at=min(posted_at + LEEWAY, at)).filter(
        bulletin__campaign=campaign, bulletin__number=number
    )
    by_then = Exposure.objects.filter(influencer=influencer, version=OuterRef("pk"), first_at__lte=posted_at + LEEWAY)
    rows = out.select_related("bulletin").annotate(was_known=Exists(by_then)).order_by("-was_known", "-number")
    return rows.first()


def versions_of(campaign: Campaign, number: int, *, at: datetime) -> list[Version]:
    """Return the published versions of a bulletin, the newest first; [] when nothing of it is public."""
    rows = Version.objects.published(at=at).filter(bulletin__campaign=campaign, bulletin__number=number)
    return list(rows.select_related("bulletin").order_by("-number"))


def recent_bulletins(
    influencer: Influencer, campaign: Campaign, *, language: str, at: datetime
) -> list[tuple[Version, PublishedEdition]]:
    """Return the latest bulletins with their words in the language that suits best, to choose from; two queries."""
    versions = list(Version.objects.current(campaign, at=at).order_by("-published_at", "-pk")[:MOST_RECENT])
    rows = PublishedEdition.objects.filter(version__in=versions, reading_level=ReadingLevel.STANDARD)
    best: dict[int, PublishedEdition] = {}
    for row in rows.only("version", "language", "title").order_by("pk"):
        if row.version_id not in best or row.language == language:
            best[row.version_id] = row
    return [(version, best[version.pk]) for version in versions if version.pk in best]


def fact_posted(
    influencer: Influencer, campaign: Campaign, slug: str, *, posted_at: datetime, at: datetime
) -> ClaimVersion | None:
    """
    Return the version of a fact-check that someone posted, found as that of a bulletin is; None when there is none.
    """
    claim = Claim.objects.published().filter(campaign=campaign, slug=slug).first()
    if claim is None:
        return None
    used = KitUse.objects.filter(influencer=influencer, version=OuterRef("pk"), opened_at__lte=posted_at + LEEWAY)
    rows = ClaimVersion.objects.filter(claim=claim, published_at__lte=min(posted_at + LEEWAY, at))
    return rows.select_related("claim").annotate(was_known=Exists(used)).order_by("-was_known", "-number").first()


def reported_before(influencer: Influencer, platform: str, url: str) -> Post | None:
    """Return the post that an influencer or staff told of by this address, or None; one query."""
    try:
        key = post_urls.checked(url, platform)[1]
    except post_urls.BadPostAddress:
        return None
    mine = Post.objects.filter(influencer=influencer, url_key=key).exclude(url_key="")
    return mine.select_related("version", "claim_version__claim").first()
