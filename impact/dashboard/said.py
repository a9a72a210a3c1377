"""What was said in a week: the bulletins, answers and fact-checks that were published, with what became of them in posts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db.models import Count, Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulletins.models import Bulletin, PublishedEdition, Version
from bulletins.reader_view import published_versions
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from factcheck.models import ClaimVersion
from factcheck.models.claims import ClaimVersionQuerySet
from impact.fidelity.message_outcomes import MessageOutcome
from impact.fidelity.suggestions import foremost
from impact.weeks import Week
from influencers.models import Post
from lib.statistics.small_groups import FEWEST
from questions.answers import published_answers
from questions.models import AnswerVersion

MOST = 100  # of each kind in a week
type Days = dict[str, datetime]

BULLETIN, CORRECTION, RETRACTION, ANSWER, FACT_CHECK = "bulletin", "correction", "retraction", "answer", "fact_check"


@dataclass(frozen=True, slots=True)
class Said:
    """
    One thing that was published: `label` says what it is, `detail` what became of it; `address` is its page at the desk, or the public one
    where it is said publicly.
    """

    kind: str
    label: str
    title: str
    language: str
    on: date
    address: str
    detail: list[str] = field(default_factory=list)


def said_in(
    campaign: Campaign, week: Week, *, language: str, outcomes: Iterable[MessageOutcome], at: datetime
) -> list[Said]:
    """Return what was published in a week by `at`, the newest first; five queries, however much there is."""
    days = {"published_at__gte": week.begins(campaign.zone), "published_at__lt": min(at, week.ends(campaign.zone))}
    answers = answers_of(campaign, answer_rows(campaign, days), language=language)
    checks = fact_checks_of(campaign, fact_check_rows(campaign, days), language=language)
    found = [
        *bulletins_in(campaign, days, language=language, outcomes=outcomes),
        *((answer.published_at, of) for answer, of in answers),
        *((check.published_at, of) for check, of in checks),
    ]
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [one for _moment, one in found]


def said_publicly(campaign: Campaign, week: Week, *, language: str, now: datetime) -> list[Said]:
    """Return what was published in a week and stands at `now`, without what became of it, each with its public address; four queries."""
    days = {"published_at__gte": week.begins(campaign.zone), "published_at__lt": week.ends(campaign.zone)}
    versions = published_versions.listed(campaign, at=now).filter(**days).exclude(kind=Bulletin.Kind.RETRACTION)[:MOST]
    found = [
        (one.published_at, replace(said_of(campaign, one, language=language), address=one.bulletin.get_absolute_url()))
        for one in versions
    ]
    stand = published_answers.answers_of(campaign, at=now).filter(
        current_version__published_at__gte=days["published_at__gte"],
        current_version__published_at__lt=days["published_at__lt"],
    )
    answers = {one.current_version_id: one for one in stand}
    rows = answer_rows(campaign, days).filter(pk__in=answers)
    found += [
        (one.published_at, replace(of, address=reverse("website:answer", args=[answers[one.pk].group.slug])))
        for one, of in answers_of(campaign, rows, language=language)
    ]
    checks = fact_check_rows(campaign, days).in_force()
    found += [
        (one.published_at, replace(of, address=one.get_absolute_url()))
        for one, of in fact_checks_of(campaign, checks.select_related("claim"), language=language)
    ]
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [one for _moment, one in found]


def bulletins_in(
    campaign: Campaign, days: Days, *, language: str, outcomes: Iterable[MessageOutcome]
) -> list[tuple[datetime, Said]]:
    """Return the bulletins, corrections and withdrawals of some days; three queries."""
    short = PublishedEdition.objects.defer("html", "body")
    rows = Version.objects.filter(**days, bulletin__campaign=campaign).select_related("bulletin")
    versions = list(rows.prefetch_related(Prefetch("editions", short)).order_by("-published_at")[:MOST])
    posts = posts_about(version.bulletin_id for version in versions)
    told = list(outcomes)
    found = []
    for version in versions:
        found_in_posts = foremost(one for one in told if one.bulletin == version.bulletin_id)
        detail = [found_in_posts.says.rstrip(".")] if found_in_posts else []
        if number := posts.get(version.bulletin_id):
            detail.insert(0, ngettext("In %(n)d post", "In %(n)d posts", number) % {"n": number})
        found.append((version.published_at, replace(said_of(campaign, version, language=language), detail=detail)))
    return found


def said_of(campaign: Campaign, version: Version, *, language: str) -> Said:
    """Return a version of a bulletin, with its editions at hand."""
    edition = published_versions.choose(version, language=language, fallback=campaign.default_language)
    kind, label = label_of(version)
    return Said(
        kind,
        label,
        edition.title if edition else "",
        edition.language_tag if edition else "",
        campaign.local(version.published_at).date(),
        reverse("admin:bulletins_bulletin_results", args=[version.bulletin_id]),
    )


def label_of(version: Version) -> tuple[str, str]:
    """Return what kind of thing a version is, and what it is called."""
    number = {"number": version.bulletin.number}
    if version.kind == Bulletin.Kind.RETRACTION:
        return RETRACTION, _("Bulletin %(number)d withdrawn") % number
    if version.kind == Bulletin.Kind.CORRECTION:
        return CORRECTION, _("Correction to bulletin %(number)d") % number
    return BULLETIN, _("Bulletin %(number)d") % number


def posts_about(bulletins: Iterable[int]) -> dict[int, int]:
    """Return {bulletin: posts about it that stand}, without those of too few people; one query."""
    rows = Post.objects.filter(version__bulletin__in=set(bulletins), removed_at=None).order_by()
    counted = rows.values_list("version__bulletin").annotate(Count("pk"), Count("influencer", distinct=True))
    return {bulletin: posts for bulletin, posts, people in counted if people >= FEWEST}


def answer_rows(campaign: Campaign, days: Days) -> QuerySet[AnswerVersion]:
    """Return the answers of some days, none that withdraws, nor one that only came in a further language."""
    rows = AnswerVersion.objects.filter(**days, answer__group__campaign=campaign, adds_language=False)
    return rows.exclude(kind=AnswerVersion.Kind.WITHDRAWAL).defer("content").order_by("-published_at")


def answers_of(campaign: Campaign, rows: QuerySet[AnswerVersion], *, language: str) -> list[tuple[AnswerVersion, Said]]:
    """Return some answers with what is said of each; one query."""
    return [
        (
            one,
            Said(
                ANSWER,
                _("Answer corrected") if one.kind == AnswerVersion.Kind.CORRECTION else _("Answer"),
                in_language(one.question, language),
                "",
                campaign.local(one.published_at).date(),
                reverse("admin:questions_answer_change", args=[one.answer_id]),
            ),
        )
        for one in rows[:MOST]
    ]


def fact_check_rows(campaign: Campaign, days: Days) -> ClaimVersionQuerySet:
    """Return the fact-checks of some days, none that withdraws, nor one that only came in a further language."""
    rows = ClaimVersion.objects.filter(**days, claim__campaign=campaign, adds_language=False)
    return rows.exclude(kind=ClaimVersion.Kind.WITHDRAWAL).defer("evidence").order_by("-published_at")


def fact_checks_of(
    campaign: Campaign, rows: QuerySet[ClaimVersion], *, language: str
) -> list[tuple[ClaimVersion, Said]]:
    """Return some fact-checks with the fact that each states; one query."""
    return [
        (
            one,
            Said(
                FACT_CHECK,
                _("Fact-check corrected") if one.kind == ClaimVersion.Kind.CORRECTION else _("Fact-check"),
                in_language(one.fact, language),
                "",
                campaign.local(one.published_at).date(),
                reverse("admin:factcheck_claim_change", args=[one.claim_id]),
            ),
        )
        for one in rows[:MOST]
    ]


def in_short(rows: Iterable[Said]) -> str:
    """Return how much was said, in a sentence."""
    counts = Counter(one.kind for one in rows)
    if not counts:
        return _("Nothing was published this week.")
    words = {
        BULLETIN: ngettext("%(n)d bulletin", "%(n)d bulletins", counts[BULLETIN]),
        CORRECTION: ngettext("%(n)d correction", "%(n)d corrections", counts[CORRECTION]),
        RETRACTION: ngettext("%(n)d withdrawal", "%(n)d withdrawals", counts[RETRACTION]),
        ANSWER: ngettext("%(n)d answer", "%(n)d answers", counts[ANSWER]),
        FACT_CHECK: ngettext("%(n)d fact-check", "%(n)d fact-checks", counts[FACT_CHECK]),
    }
    parts = [text % {"n": counts[kind]} for kind, text in words.items() if counts[kind]]
    if len(parts) == 1:
        return f"{parts[0]}."
    return _("%(first)s and %(last)s.") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}
