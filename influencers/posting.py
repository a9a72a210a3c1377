"""
"I posted this": what influencers tell of their posts, what staff find, and what came of it. Telling is voluntary.

It is how somebody hears of a correction first and can be thanked. Nobody is ranked by it: no list is ordered by reach.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from bulletins.models import Platform, PublishedEdition, Version
from campaigns.fields import in_language
from campaigns.models import Campaign, ReadingLevel
from factcheck.models import Claim, ClaimVersion

from . import addresses, likening
from .likening import Finding, Message
from .models import Exposure, Influencer, KitUse, PlatformAccount, Post, PostFigures, PostMessage, Thanks
from .recalling import answering, planning

MOST_WORDS = 10_000  # characters of a post
LATEST = 3  # posts on the portal's front page
MOST_RECENT = 20  # bulletins to choose from
SAME_AGAIN = timedelta(minutes=10)  # in which a post without an address, told twice, is one
LEEWAY = timedelta(minutes=10)  # by which clocks may differ
FACT = "fact"  # stands for a key message in a post about a fact-check

COUNTED = ("reach", "reactions", "comments", "shares")


class PostRefused(Exception):
    """A post that cannot be kept as it was told; its text says why, and `field` which answer is meant."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Told:
    """A post that was told; `is_new` is False when it was known already and was completed."""

    post: Post
    is_new: bool


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
        """The number of its bulletin."""
        return self.post.version.bulletin.number if self.post.version else None

    @property
    def slug(self) -> str:
        """The short name of its fact-check, "" for a bulletin's."""
        return self.post.claim_version.claim.slug if self.post.claim_version else ""

    @property
    def figures(self) -> dict[str, int]:
        """What it had reached when figures came last, as far as known."""
        newest = {name: getattr(self.post, f"newest_{name}", None) for name in COUNTED}
        return {name: count for name, count in newest.items() if count is not None}


@dataclass(frozen=True, slots=True)
class MyPosts:
    """What the front page of the portal shows of somebody's own posts; `rows` are the latest, those to correct first."""

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


@dataclass(frozen=True, slots=True)
class Advice:
    """
    How a post treats one key message; `message` is its words in the post's language. `is_confirmed` tells that its figures
    are ours, or that the contact person looked at it.
    """

    key: str
    fate: str
    message: str
    said: str
    theirs: Sequence[str]
    ours: Sequence[str]
    is_turned: bool
    is_confirmed: bool


# --- What pages show -----------------------------------------------------------------------------------


def panel(influencer: Influencer, campaign: Campaign, *, language: str, at: datetime) -> MyPosts:
    """Return the latest posts of an influencer for the front page, those to correct first; two queries."""
    rows = shown(posts_of(influencer, at=at)[: 2 * LATEST], at=at)
    rows.sort(key=lambda row: not row.has_changed)
    return MyPosts(rows[:LATEST])


def bulletin_panel(influencer: Influencer, version: Version, *, language: str, at: datetime) -> Telling:
    """Return what the bulletin's page asks and shows about posts; three queries at most."""
    mine = posts_of(influencer, at=at).filter(version__bulletin=version.bulletin_id)
    choices, chosen = platforms_of(influencer)
    numbers = range(version.number, 0, -1)
    return Telling(version.bulletin.number, choices, chosen, numbers, shown(mine[:LATEST], at=at), language)


def posts_of(influencer: Influencer, *, at: datetime) -> QuerySet[Post]:
    """Return an influencer's posts, the latest first, with what they are about, their newest figures and thanks."""
    newer = Version.objects.published(at=at).filter(
        bulletin=OuterRef("version__bulletin"), number__gt=OuterRef("version__number")
    )
    newer_fact = ClaimVersion.objects.filter(
        claim=OuterRef("claim_version__claim"), number__gt=OuterRef("claim_version__number"), published_at__lte=at
    )
    newest = PostFigures.objects.filter(post=OuterRef("pk")).order_by("-at", "-pk")
    return (
        Post.objects.filter(influencer=influencer)
        .select_related("version__bulletin", "claim_version__claim")
        .annotate(
            changed_at=Subquery(newer.order_by("-number").values("published_at")[:1]),
            fact_changed_at=Subquery(newer_fact.order_by("-number").values("published_at")[:1]),
            **{f"newest_{name}": Subquery(newest.values(name)[:1]) for name in COUNTED},
        )
        .prefetch_related(Prefetch("thanks", Thanks.objects.select_related("by").order_by("-at")))
        .order_by("-posted_at", "-pk")
    )


def shown(posts: Iterable[Post], *, at: datetime) -> list[Row]:
    """Return posts (as `posts_of` gives them) as rows of a list."""
    return [row_of(post) for post in posts]


def row_of(post: Post) -> Row:
    """Return one post (as `posts_of` gives it) as a row."""
    since = getattr(post, "changed_at", None) or getattr(post, "fact_changed_at", None)
    return Row(post, since is not None and not post.is_settled(since=since), tuple(post.thanks.all()))


def platforms_of(influencer: Influencer) -> tuple[list[tuple[str, str]], str]:
    """Return (choices, the first of their own) of platforms, those that the influencer publishes on first; one query."""
    accounts = PlatformAccount.objects.filter(influencer=influencer).order_by("pk")
    own = list(dict.fromkeys(accounts.values_list("platform", flat=True)))
    labels = dict(Platform.choices)
    ordered = [*(one for one in own if one in labels), *(one for one in labels if one not in own)]
    return [(one, str(labels[one])) for one in ordered], own[0] if own else ""


# --- What a post is about -------------------------------------------------------------------------------


def version_posted(
    influencer: Influencer, campaign: Campaign, number: int, *, posted_at: datetime, at: datetime
) -> Version | None:
    """
    Return the version of bulletin `number` that somebody posted at `posted_at`: the newest that they had read or taken
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
    """Return the version of a fact-check that somebody posted, found as that of a bulletin is; None when there is none."""
    claim = Claim.objects.published().filter(campaign=campaign, slug=slug).first()
    if claim is None:
        return None
    used = KitUse.objects.filter(influencer=influencer, version=OuterRef("pk"), opened_at__lte=posted_at + LEEWAY)
    rows = ClaimVersion.objects.filter(claim=claim, published_at__lte=min(posted_at + LEEWAY, at))
    return rows.select_related("claim").annotate(was_known=Exists(used)).order_by("-was_known", "-number").first()


# --- Telling --------------------------------------------------------------------------------------------


def tell(
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
    figures: dict[str, int | None] | None = None,
) -> Told:
    """
    Keep a post of an influencer's about a version of a bulletin or of a fact-check, told by them or found by staff (`by`
    is somebody else). The same post told twice is one, completed by what is new.

    Raise PostRefused when it cannot be: a bad address, a moment to come, or a post that somebody else told of.
    """
    try:
        address, key = addresses.checked(url, platform)
    except addresses.BadPostAddress as why:
        raise PostRefused(str(why), "url") from why
    if posted_at > at + LEEWAY:
        raise PostRefused(_("This moment is still to come. Tell of the post when it is out."), "posted_at")
    published_at = about.published_at
    if posted_at + LEEWAY < published_at:
        day = date_format(influencer.campaign.local(published_at), "DATETIME_FORMAT")
        raise PostRefused(
            _("This was published on %(day)s, so it cannot have been posted before. Check when you posted.")
            % {"day": day},
            "posted_at",
        )
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
        words=tidy(words),
        posted_at=posted_at,
        told_at=at,
        found_by=found_by,
    )
    with transaction.atomic():
        known = known_post(row, at=at)
        if known is None:
            try:
                with transaction.atomic():
                    row.save()
            except IntegrityError:  # somebody told the same at this very moment
                known = known_post(row, at=at)
                if known is None:
                    raise
        if known is not None:
            complete(known, row)
        post = known or row
        add_figures(post, figures or {}, by=by, at=at)
        advise(post)
        planning.join(influencer, post.version or post.claim_version or about, at=at)
    return Told(post, known is None)


def known_post(row: Post, *, at: datetime) -> Post | None:
    """Return the post that `row` is told of again, or None. Raise PostRefused when it is somebody else's."""
    if row.url_key:
        known = (
            Post.objects.select_for_update(of=("self",))
            .select_related("influencer", "campaign", "version", "claim_version")
            .filter(campaign=row.campaign, url_key=row.url_key)
            .first()
        )
        if known is not None and known.influencer_id != row.influencer_id:
            raise PostRefused(
                _("Somebody else has told us about this post. If it is yours, write to your contact person."), "url"
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


def told_before(influencer: Influencer, platform: str, url: str) -> Post | None:
    """Return the post that an influencer or staff told of by this address, or None; one query."""
    try:
        key = addresses.checked(url, platform)[1]
    except addresses.BadPostAddress:
        return None
    mine = Post.objects.filter(influencer=influencer, url_key=key).exclude(url_key="")
    return mine.select_related("version", "claim_version__claim").first()


def complete(known: Post, told: Post) -> None:
    """
    Add to a known post what is told of it now. What its influencer says counts more than what was known; what staff find
    only fills gaps.

    Raise PostRefused when it is told of as one about something else, unless its influencer puts right what staff found.
    """
    theirs = told.found_by is None
    if subject_of(known) != subject_of(told) and not (theirs and known.found_by_id is not None):
        raise PostRefused(known_as(known), "url")
    if told.words and (theirs or not known.words):
        known.words, known.language = told.words, told.language or known.language
    if theirs and known.url_key:
        known.version, known.claim_version = told.version, told.claim_version
        known.posted_at, known.language = told.posted_at, told.language or known.language
    known.save(update_fields=["words", "language", "version", "claim_version", "posted_at"])


def subject_of(post: Post) -> tuple[int | None, int | None]:
    """Return the keys of the bulletin and of the fact-check that a post is about; one of them is None."""
    return (
        post.version.bulletin_id if post.version else None,
        post.claim_version.claim_id if post.claim_version else None,
    )


def known_as(post: Post) -> str:
    """Say what a post that is known is about."""
    if post.version is None:
        return _("We know of this post already, as one about a fact-check. Check the address.")
    return _("We know of this post already, as one about bulletin %(number)d. Check the address.") % {
        "number": post.version.bulletin.number
    }


def tidy(words: str) -> str:
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
    post.words, post.language = tidy(words), language or post.language
    post.save(update_fields=["words", "language"])
    with transaction.atomic():
        advise(post)


@transaction.atomic
def mark_corrected(post: Post, *, at: datetime) -> None:
    """Note that the poster corrected a post, once more if what it says has changed again; a recall hears of it too."""
    Post.objects.filter(pk=post.pk).update(corrected_at=at)
    post.corrected_at = at
    answering.follow(post, at=at)


@transaction.atomic
def mark_removed(post: Post, *, at: datetime) -> None:
    """Note that the poster removed a post; a recall hears of it too."""
    if Post.objects.filter(pk=post.pk, removed_at=None).update(removed_at=at):
        post.removed_at = at
        answering.follow(post, at=at)


# --- Advice -----------------------------------------------------------------------------------------------


def advise(post: Post) -> list[PostMessage]:
    """
    Compare the words of a post with the key messages of its version and keep what was found. What a person has looked
    at stays as they said for as long as the same sentence stands beside the same key message. Call it in a transaction.
    """
    found = {one.key[:40]: one for one in findings(post)}
    texts = {(key, one.ours_text, one.said) for key, one in found.items()}
    looked_at = {
        row.key
        for row in post.messages.exclude(checked_by=None)
        if (row.key, row.because.get("text"), row.because.get("said")) in texts
    }
    post.messages.exclude(key__in=looked_at).delete()
    rows = [
        PostMessage(post=post, key=key, fate=one.fate, because=one.because)
        for key, one in found.items()
        if key not in looked_at
    ]
    return PostMessage.objects.bulk_create(rows, ignore_conflicts=True)


def findings(post: Post) -> list[Finding]:
    """Return what a post makes of what it is about; [] without words, or where there is nothing to compare with."""
    if not post.words:
        return []
    language = post.language or post.campaign.default_language
    if post.claim_version is not None:
        fact = in_language(post.claim_version.fact, language)
        return likening.compare(post.words, [Message(FACT, fact)] if fact else [], language)
    editions = PublishedEdition.objects.filter(version=post.version_id, reading_level=ReadingLevel.STANDARD)
    edition = editions.filter(language=language).defer("html").first()
    if edition is None:
        return []
    messages = [
        Message(one.get("key", ""), one["text"]) for one in edition.content.get("key_messages", []) if one.get("text")
    ]
    also_said = "\n".join([edition.title, edition.body, *edition.content.get("calls_to_action", [])])
    return likening.compare(post.words, messages, language, also_said=also_said)


def advice(post: Post) -> list[Advice]:
    """Return the advice on a post, what needs a look first; one query. For its poster and their contact person only."""
    order = [PostMessage.Fate.CONTRADICTED, PostMessage.Fate.KEPT, PostMessage.Fate.ADAPTED, PostMessage.Fate.DROPPED]
    rows = sorted(post.messages.order_by("pk"), key=lambda row: order.index(PostMessage.Fate(row.fate)))
    return [
        Advice(
            key=row.key,
            fate=row.fate,
            message=row.because.get("text", ""),
            said=row.because.get("said", ""),
            theirs=undotted(row.because.get("theirs", [])),
            ours=undotted(row.because.get("ours", [])),
            is_turned=bool(row.because.get("turned")),
            is_confirmed=bool(row.checked_by_id or row.because.get("confirmed")),
        )
        for row in rows
    ]


def undotted(figures: Iterable[str]) -> list[str]:
    """Return figures to stand before a full stop: "19.5." has its own."""
    return [figure.rstrip(".") for figure in figures]


def look_at(message: PostMessage, fate: str, *, by: User) -> None:
    """Keep what a contact person found about a key message in a post, in the place of what was compared."""
    message.fate, message.checked_by = fate, by
    message.save(update_fields=["fate", "checked_by"])


def to_talk_about(liaison: User, campaign: Campaign) -> list[PostMessage]:
    """
    Return the contradictions in posts of those whose contact person somebody is, that nobody has looked at and whose
    post is still as it was; the latest first, one query.
    """
    rows = PostMessage.objects.filter(
        fate=PostMessage.Fate.CONTRADICTED,
        checked_by=None,
        post__campaign=campaign,
        post__influencer__liaison=liaison,
        post__corrected_at=None,
        post__removed_at=None,
    )
    return list(
        rows.select_related("post__influencer", "post__version__bulletin").order_by("-post__told_at", "pk")[:50]
    )
