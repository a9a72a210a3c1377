"""
Who is to hear of a change, and in which order. A version that corrects or retracts and has no recall yet is the queue;
steps of fact-checks come from claim_news. However often and by however many at once, each is planned once. Whoever is
known only afterwards joins.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from bulletins.models import Bulletin, PublishedEdition, Version
from campaigns.models import Campaign
from delivery.fanout.correction_recipients import may_have_got
from delivery.models import Delivery, Recipient
from factcheck.models import Claim, ClaimStep, ClaimVersion
from influencers.models import Exposure, Influencer, KitUse, PlatformAccount, Post, PostFigures, Recall, RecallNotice

from . import recall_mails
from .changed_pieces import PACKAGE, VARIANT, Contents
from .recall_panels import subject_of

log = logging.getLogger(__name__)

Rank = RecallNotice.Rank
MOST_AT_ONCE = 100  # versions for one call; the next goes on
TELLS = (Bulletin.Kind.CORRECTION, Bulletin.Kind.RETRACTION)
KNOWN = ("rank", "reach", "known", "platforms", "language")  # what a notice says of its person
NEW_WORDS = (ClaimStep.Kind.CORRECTED, ClaimStep.Kind.WITHDRAWN)  # steps with a version of their own


@dataclass
class PersonExposure:
    """What one person knows of what changed. `took` is (item, language, version number) of words and files."""

    rank: int = Rank.READ
    version: int = 0
    posts: dict[str, int | None] = field(default_factory=dict)
    took: set[tuple[str, str, int]] = field(default_factory=set)
    took_for: set[str] = field(default_factory=set)
    posted_in: tuple[datetime, str] | None = None
    used_in: tuple[datetime, str] | None = None
    by_bulletin: bool = True

    def posted(self, platform: str, reach: int | None, language: str, at: datetime, *, stands: bool) -> None:
        """Note a post. One that is gone needs no correction, yet its words were used."""
        self.rank = min(self.rank, Rank.POSTED if stands else Rank.TOOK)
        if stands:
            known = self.posts.get(platform)
            self.posts[platform] = known if reach is None else max(known or 0, reach)
        if language and (self.posted_in is None or at > self.posted_in[0]):
            self.posted_in = at, language

    def used(self, *, taken: bool, language: str, at: datetime, platform: str = "") -> None:
        """Note that something was read, or taken."""
        self.rank = min(self.rank, Rank.TOOK if taken else Rank.READ)
        if taken and platform:
            self.took_for.add(platform)
        if language and (self.used_in is None or at > self.used_in[0]):
            self.used_in = at, language

    @property
    def languages(self) -> list[str]:
        """The languages in which they posted last, then used it last."""
        return [moment[1] for moment in (self.posted_in, self.used_in) if moment]


Everyone = dict[int, PersonExposure]


# --- The queue -------------------------------------------------------------------------------------


def plan_due(*, at: datetime) -> int:
    """Plan the recall of each version that waits for one; return how many were planned. Not in a transaction."""
    waiting = Version.objects.published(at=at).filter(kind__in=TELLS, recall=None, number__gt=1)
    planned = 0
    for version in waiting.select_related("bulletin__campaign").order_by("published_at", "pk")[:MOST_AT_ONCE]:
        try:
            planned += plan(version, at=at) is not None
        except Exception:
            log.exception("The recall of version %s was not planned; the next call tries again.", version.pk)
    return planned


@transaction.atomic
def plan(version: Version, *, at: datetime) -> Recall | None:
    """
    Plan the recall of all versions before this one and write the mails; None when that was done. The number of queries
    does not grow with the people.
    """
    campaign = version.bulletin.campaign
    kind = Recall.Kind.RETRACTION if version.is_retracted else Recall.Kind.CORRECTION
    recall, is_new = Recall.objects.get_or_create(
        version=version,
        defaults={"campaign": campaign, "kind": kind, "what_changed": version.what_changed, "planned_at": at},
    )
    if not is_new:
        return None
    lock_subjects(Bulletin.objects.filter(pk=version.bulletin_id))
    contents = Contents.of(version.bulletin_id, up_to=version.number)
    recall.affected = contents.affected(version.number)
    recall.save(update_fields=["affected"])
    people = exposed_people(recall, at=at)
    write(recall, people, contents, at=at, but=mailed_readers(version, people))
    return recall


def mailed_readers(version: Version, people: Everyone) -> set[int]:
    """
    Return the users who only read what a version leaves behind and get that version as mail, for they got an earlier one: they are told
    once. Two queries.
    """
    rows = Delivery.objects.filter(
        Q(state=Delivery.State.ACCEPTED) | may_have_got(),
        mailing__in=version.mailing.earlier_ids(),
        recipient=OuterRef("recipient"),
    )
    readers = [key for key, known in people.items() if known.rank == Rank.READ]
    told = Influencer.objects.filter(Exists(rows), pk__in=readers, recipient__state=Recipient.State.ACTIVE)
    return set(told.exclude(user=None).values_list("user", flat=True))


def follow_language(edition: PublishedEdition, *, at: datetime) -> None:
    """Say in one more language what a correction changed, to whoever is asked to correct what they posted."""
    Recall.objects.filter(version=edition.version).update(what_changed=edition.version.what_changed)


@transaction.atomic
def plan_step(step: ClaimStep, *, at: datetime, but: Iterable[int] = ()) -> Recall | None:
    """
    Plan the recall of a fact-check that a step changed, as `plan` does; needs `claim` with its campaign, and `version`,
    at hand. The users `but` hear of it in another way: they get no mail.
    """
    recall, is_new = Recall.objects.get_or_create(
        step=step,
        defaults={
            "campaign": step.claim.campaign,
            "kind": Recall.Kind.VERDICT,
            "what_changed": step.reader_text,
            "planned_at": at,
        },
    )
    if not is_new:
        return None
    lock_subjects(Claim.objects.filter(pk=step.claim_id))
    write(recall, exposed_people(recall, at=at), None, at=at, but=but)
    return recall


# --- Who is known too late --------------------------------------------------------------------------


@transaction.atomic
def join(influencer: Influencer, about: Version | ClaimVersion, *, at: datetime) -> None:
    """
    Have someone hear of what changed after `about`, when it is known only now that they posted or took it: by a notice
    with its mail, or by the notice that they have and did not answer, which then says what is known now. However often
    and by however many at once, it is one notice.
    """
    if isinstance(about, Version):
        lock_subjects(Bulletin.objects.filter(pk=about.bulletin_id))
    claims = claims_of(about)
    lock_subjects(Claim.objects.filter(pk__in=claims))
    for recall in newest_since(about, claims):
        people, notices = exposed_people(recall, at=at, one=influencer), recall.notices.filter(influencer=influencer)
        if people and not notices.exists():
            version = recall.version
            write(recall, people, Contents.of(version.bulletin_id, up_to=version.number) if version else None, at=at)
        for now in notices_for(recall, people, recall.campaign):
            notices.filter(acknowledged_at=None).update(**{name: getattr(now, name) for name in KNOWN})


def newest_since(about: Version | ClaimVersion, claims: Iterable[int]) -> list[Recall]:
    """
    Return the newest recall of the bulletin and of each fact-check, all that may leave `about` behind; one query. A
    fact-check that holds as it was asks for nothing.
    """
    after = Q(step__claim__in=claims, step__at__gte=about.published_at)
    if isinstance(about, Version):
        after |= Q(version__bulletin=about.bulletin_id, version__number__gt=about.number)
    rows = Recall.objects.filter(after).select_related(
        "campaign", "version__bulletin", "step__claim__campaign", "step__version"
    )
    newest: dict[tuple[str, int] | None, Recall] = {}
    for row in rows.order_by("-planned_at", "-pk"):
        newest.setdefault(subject_of(row), row)
    return [row for row in newest.values() if row.step is None or row.step.kind != ClaimStep.Kind.RESUMED]


def claims_of(about: Version | ClaimVersion) -> list[int]:
    """Return the keys of the claims that a version is about or names, and of what they are the same as; two queries."""
    if isinstance(about, ClaimVersion):
        named = {about.claim_id}
    else:
        lists = PublishedEdition.objects.filter(version=about).values_list("content__claims", flat=True)
        named = {key for keys in lists for key in keys or ()}
    rows = Claim.objects.filter(pk__in=named).values_list("pk", "duplicate_of")
    return sorted({key for row in rows for key in row if key})


def lock_subjects(rows: QuerySet[Bulletin] | QuerySet[Claim]) -> None:
    """Let nobody else plan or join a recall about these until the transaction ends."""
    list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


# --- What a recall leaves behind --------------------------------------------------------------------


def exposed_people(recall: Recall, *, at: datetime, one: Influencer | None = None) -> Everyone:
    """Return who knows what a recall leaves behind, or what `one` person knows of it; five queries at most."""
    people: Everyone = defaultdict(PersonExposure)
    of_one = {"influencer": one} if one else {}
    if recall.version:
        older = Q(version__bulletin=recall.version.bulletin_id, version__number__lt=recall.version.number, **of_one)
        add_posts(people, Post.objects.filter(older), at=at)
        add_exposures(people, Exposure.objects.filter(older))
        return people
    step = recall.step
    assert step is not None
    versions, named = older_versions(step), naming(step)
    posts = Post.objects.filter(Q(claim_version__in=versions) | Q(version__in=named), **of_one)
    add_posts(people, posts, at=at)
    add_kit_uses(people, KitUse.objects.filter(version__in=versions, **of_one), step)
    add_exposures(people, Exposure.objects.filter(version__in=named, **of_one))
    number = step.version.number if step.version else 1
    for known in people.values():
        known.version = number - 1 if step.kind in NEW_WORDS else number
    return people


def older_versions(step: ClaimStep) -> QuerySet[ClaimVersion]:
    """Return the versions of a step's claim, and of those that are the same, that the step leaves behind."""
    published = ClaimVersion.objects.filter(
        Q(claim=step.claim_id) | Q(claim__duplicate_of=step.claim_id), published_at__lte=step.at
    )
    return published.exclude(pk=step.version_id) if step.kind in NEW_WORDS else published


def naming(step: ClaimStep) -> list[int]:
    """Return the keys of the bulletins' versions that name a step's claim, or one that is the same; two queries."""
    claims = {step.claim_id, *step.claim.duplicates.values_list("pk", flat=True)}
    rows = PublishedEdition.objects.filter(
        version__bulletin__campaign=step.claim.campaign_id, version__published_at__lte=step.at
    )
    # JSON lists cannot be searched on SQLite; there are a few short ones for each bulletin.
    return sorted(
        {
            key
            for key, named in rows.order_by().values_list("version", "content__claims")
            if claims.intersection(named or ())
        }
    )


def posts_about(notice: RecallNotice) -> QuerySet[Post]:
    """Return someone's posts that a recall is about, the latest first; two queries more for a fact-check's."""
    recall = notice.recall
    if recall.version:
        about = Q(version__bulletin=recall.version.bulletin_id, version__number__lt=recall.version.number)
    else:
        assert recall.step is not None
        about = Q(claim_version__in=older_versions(recall.step)) | Q(version__in=naming(recall.step))
    return Post.objects.filter(about, influencer=notice.influencer_id).order_by("-posted_at", "-pk")


# --- Who knows what ----------------------------------------------------------------------------------


def add_posts(people: Everyone, posts: QuerySet[Post], *, at: datetime) -> None:
    """Add people who posted, with the newest figure that is known of each post; one query."""
    newest = PostFigures.objects.filter(post=OuterRef("pk"), reach__isnull=False, at__lte=at).order_by("-at", "-pk")
    rows = posts.annotate(newest_reach=Subquery(newest.values("reach")[:1])).values_list(
        "influencer",
        "platform",
        "newest_reach",
        "language",
        "posted_at",
        "removed_at",
        "version__number",
        "claim_version",
    )
    for key, platform, reach, language, posted_at, removed_at, number, claim_version in rows:
        one = people[key]
        one.posted(platform, reach, language, posted_at, stands=removed_at is None)
        one.version = max(one.version, number or 0)
        one.by_bulletin = one.by_bulletin and claim_version is None


def add_exposures(people: Everyone, exposures: QuerySet[Exposure]) -> None:
    """Add people who read or took something; one query."""
    rows = exposures.values_list("influencer", "way", "item", "language", "last_at", "version__number")
    for key, way, item, language, last_at, number in rows:
        one, taken = people[key], way != Exposure.Way.READ
        kind, _colon, platform = item.partition(":")
        one.used(taken=taken, language=language, at=last_at, platform=platform if kind in {VARIANT, PACKAGE} else "")
        one.version = max(one.version, number)
        if taken:
            one.took.add((item, language, number))


def add_kit_uses(people: Everyone, uses: QuerySet[KitUse], step: ClaimStep) -> None:
    """Add people who used a kit; one query."""
    rows = uses.values_list("influencer", "platform", "language", "opened_at", "copied_at", "downloaded_at")
    for key, platform, language, opened_at, copied_at, downloaded_at in rows:
        one, taken = people[key], bool(copied_at or downloaded_at)
        moment = max(moment for moment in (opened_at, copied_at, downloaded_at) if moment)
        one.used(taken=taken, language=language, at=moment, platform=platform)
        one.by_bulletin = False


def is_unaffected(took: set[tuple[str, str, int]], contents: Contents, now: int) -> bool:
    """Return whether all that someone took is in version `now` as it was."""
    return bool(took) and all(contents.holds(item, language, number, now) for item, language, number in took)


# --- What is written -----------------------------------------------------------------------------------


def write(
    recall: Recall, people: Everyone, contents: Contents | None, *, at: datetime, but: Iterable[int] = ()
) -> None:
    """Write the notices of a recall and their mails; `contents` of a bulletin's versions."""
    notices = notices_for(recall, people, recall.campaign)
    version = recall.version
    holding = {
        notice.influencer_id
        for notice in notices
        if version and contents and not version.is_retracted and notice.rank == Rank.TOOK
        if is_unaffected(people[notice.influencer_id].took, contents, version.number)
    }
    by_bulletin = {key for key, known in people.items() if known.by_bulletin}
    recall_mails.send_notice(recall, notices, at=at, holding=holding, by_bulletin=by_bulletin, but=but)
    RecallNotice.objects.bulk_create(notices)


def notices_for(recall: Recall, people: Everyone, campaign: Campaign) -> list[RecallNotice]:
    """
    Return who is to hear, of people who still take part, in their order; unsaved, with influencer and user at hand.
    Three queries.
    """
    active = Influencer.objects.filter(
        campaign=campaign, state=Influencer.State.ACTIVE, user__is_active=True, pk__in=list(people)
    )
    # Only what is looked at: rows of people are wide, and there may be thousands.
    rows_of_people = active.select_related("user", "recipient").only(
        "campaign", "user__language", "recipient__language"
    )
    influencers = {one.pk: one for one in rows_of_people}
    followers: dict[int, dict[str, int]] = defaultdict(dict)
    accounts = PlatformAccount.objects.filter(influencer__in=list(influencers)).order_by("pk")
    for key, platform, count in accounts.values_list("influencer", "platform", "followers"):
        followers[key][platform] = max(followers[key].get(platform, 0), count or 0)
    codes = [row.code for row in campaign.languages.all()]
    rows = [
        RecallNotice(
            recall=recall,
            influencer=influencer,
            rank=people[key].rank,
            reach=reach_of(people[key], followers[key]),
            known=max(people[key].version, 1),
            platforms=platforms_of(people[key], followers[key]),
            language=language_of(people[key], influencer, codes, campaign.default_language),
        )
        for key, influencer in influencers.items()
    ]
    return sorted(rows, key=RecallNotice.turn)


def platforms_of(known: PersonExposure, followers: dict[str, int]) -> list[str]:
    """Return where someone posted, or took words for, or else where they publish."""
    return sorted(known.posts or known.took_for or followers)


def reach_of(known: PersonExposure, followers: dict[str, int]) -> int:
    """
    Return how many people someone reached: for each platform the largest known figure of a post, or else the followers
    there, added up. For who did not post, how many they may reach: the followers where they took words for, or all.
    """
    if known.posts:
        return sum(followers.get(platform, 0) if reach is None else reach for platform, reach in known.posts.items())
    return sum(followers.get(platform, 0) for platform in known.took_for) or sum(followers.values())


def language_of(known: PersonExposure, influencer: Influencer, codes: list[str], default: str) -> str:
    """Return the language to correct it in: where they posted last, used it last, or their own."""
    own = [influencer.user.language if influencer.user else "", influencer.recipient.language]
    wanted = [*known.languages, *own, default]
    return next((code for code in wanted if code in codes), default)
