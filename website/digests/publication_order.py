"""
The order of what is published. Bulletins are noted where they are published, answers and news of fact-checks by the
tick, as soon as everyone may read them.

Numbers are given afterwards, to what is committed: a publication whose transaction took long gets a higher number
than those that overtook it, so whoever has been served up to a number has missed nothing below it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from bulletins.models import Bulletin, Version
from campaigns.models import Campaign
from factcheck.models import ClaimStep
from questions.answers import answer_workflow
from questions.models import Answer, AnswerVersion
from website.models import DigestItem, Publication, PublicationCount

Change = Publication.Change
OF_BULLETIN = {
    Bulletin.Kind.ORIGINAL: Change.NEW,
    Bulletin.Kind.CORRECTION: Change.CORRECTED,
    Bulletin.Kind.RETRACTION: Change.WITHDRAWN,
}
OF_ANSWER = {
    AnswerVersion.Kind.ORIGINAL: Change.NEW,
    AnswerVersion.Kind.CORRECTION: Change.CORRECTED,
    AnswerVersion.Kind.WITHDRAWAL: Change.WITHDRAWN,
}
OF_STEP = {
    ClaimStep.Kind.PUBLISHED: Change.NEW,
    ClaimStep.Kind.CORRECTED: Change.CORRECTED,
    ClaimStep.Kind.RESUMED: Change.RESUMED,
    ClaimStep.Kind.PAUSED: Change.PAUSED,
    ClaimStep.Kind.WITHDRAWN: Change.WITHDRAWN,
}
MOST_AT_ONCE = 500
PAUSE_STANDS = timedelta(hours=24)  # for as long after a pause that was told, its end is not


def note_version(version: Version) -> Publication:
    """Note a bulletin's version, inside the transaction that publishes it."""
    bulletin = version.bulletin
    return Publication.objects.create(
        campaign_id=bulletin.campaign_id,
        about=f"bulletin-{bulletin.pk}",
        change=OF_BULLETIN[Bulletin.Kind(version.kind)],
        topics=sorted(topic.pk for topic in bulletin.topics.all()),
        at=version.published_at,
        version=version,
    )


def note_waiting(*, at: datetime) -> int:
    """
    Note the answers and the news of fact-checks that everyone may read by now, and return how many. Two at once are
    harmless, and so is another time.
    """
    return note_answers(at=at) + note_claims(at=at)


def note_answers(*, at: datetime) -> int:
    """Note the versions of answers that are public; of one that was never noted before it was withdrawn, nothing."""
    open_to_all = Answer.objects.filter(answer_workflow.public(at=at), pk=OuterRef("answer"))
    waiting = AnswerVersion.objects.filter(Exists(open_to_all), publication=None, published_at__lte=at)
    waiting = waiting.filter(adds_language=False)
    noted = 0
    for version in waiting.select_related("answer__group").order_by("published_at", "pk")[:MOST_AT_ONCE]:
        group = version.answer.group
        noted += note_once(
            {"answer_version": version},
            campaign_id=group.campaign_id,
            about=f"answer-{version.answer_id}",
            change=OF_ANSWER[AnswerVersion.Kind(version.kind)],
            topics=[group.topic_id] if group.topic_id else [],
            at=version.published_at,
        )
    return noted


def note_claims(*, at: datetime) -> int:
    """Note the public steps of fact-checks that readers are to hear of."""
    known = Publication.objects.filter(claim_step=OuterRef("pk"))
    steps = ClaimStep.objects.filter(~Exists(known), kind__in=OF_STEP, at__lte=at, claim__current_version__isnull=False)
    steps = steps.exclude(version__adds_language=True, kind=ClaimStep.Kind.PUBLISHED)
    noted = 0
    for step in (
        worth_telling(steps, at=at)
        .select_related("claim")
        .prefetch_related("claim__topics")
        .order_by("at", "pk")[:MOST_AT_ONCE]
    ):
        noted += note_once(
            {"claim_step": step},
            campaign_id=step.claim.campaign_id,
            about=f"fact-{step.claim_id}",
            change=OF_STEP[ClaimStep.Kind(step.kind)],
            topics=sorted(topic.pk for topic in step.claim.topics.all()),
            at=step.at,
        )
    return noted


def worth_telling(steps: QuerySet[ClaimStep], *, at: datetime) -> QuerySet[ClaimStep]:
    """
    Return the steps of fact-checks that readers are to hear of. One person alone pauses and shows again, as often as they
    like. So a pause is noted while it lasts, and once; its end too, after a day where a digest has said the pause. Until
    then readers know what is safe: not to pass it on.
    """
    kind = ClaimStep.Kind
    later = Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk"))
    others = ClaimStep.objects.filter(later, claim=OuterRef("claim"), kind__in=OF_STEP, at__lte=at)
    noted = Publication.objects.filter(claim_step__claim=OuterRef("claim")).order_by("-pk")
    looked_at = steps.annotate(
        noted=Subquery(noted.values("pk")[:1]),
        noted_change=Subquery(noted.values("change")[:1]),
        noted_at=Subquery(noted.values("at")[:1]),
    )
    known_as_paused = Q(noted_change=Change.PAUSED)
    may_end = ~Exists(DigestItem.objects.filter(publication=OuterRef("noted"))) | Q(noted_at__lte=at - PAUSE_STANDS)
    lasts = ~Exists(others)
    return looked_at.filter(
        ~Q(kind__in=(kind.PAUSED, kind.RESUMED))
        | Q(lasts, ~known_as_paused | Q(noted_change=None), kind=kind.PAUSED)
        | Q(lasts, known_as_paused, may_end, kind=kind.RESUMED)
    )


def note_once(thing: dict, **fields: object) -> int:
    """Note a thing unless another process just has; return how many were noted."""
    _row, is_new = Publication.objects.get_or_create(**thing, defaults=fields)
    return int(is_new)


@transaction.atomic
def give_numbers(campaign: Campaign) -> int:
    """
    Give numbers to the campaign's publications that have none, and return the last number. The count stays held until
    the end of the transaction, so that whoever plans by it plans alone.
    """
    PublicationCount.objects.get_or_create(campaign=campaign)
    count = PublicationCount.objects.select_for_update().get(campaign=campaign)
    waiting = list(Publication.objects.filter(campaign=campaign, number=None).order_by("at", "pk"))
    for publication in waiting:
        count.last += 1
        publication.number = count.last
    Publication.objects.bulk_update(waiting, ["number"], batch_size=MOST_AT_ONCE)
    count.save(update_fields=["last"])
    return count.last


def unnumbered() -> Q:
    """Return the condition for campaigns that have publications without a number."""
    return Q(Exists(Publication.objects.filter(campaign=OuterRef("pk"), number=None)))


def last_number(campaign: Campaign) -> int:
    """Return the last number given, 0 when none was; one query."""
    return PublicationCount.objects.filter(campaign=campaign).values_list(F("last"), flat=True).first() or 0
