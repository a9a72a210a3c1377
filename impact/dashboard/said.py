"""What was said in a week: the bulletins, answers and fact-checks that were published, with what became of them in posts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulletins.models import Bulletin, PublishedEdition, Version
from bulletins.reader_view import published_versions
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from factcheck.models import ClaimVersion
from impact.fidelity.message_outcomes import MessageOutcome
from impact.fidelity.suggestions import foremost
from impact.weeks import Week
from influencers.models import Post
from lib.statistics.small_groups import FEWEST
from questions.models import AnswerVersion

MOST = 100  # of each kind in a week
BULLETIN, CORRECTION, RETRACTION, ANSWER, FACT_CHECK = "bulletin", "correction", "retraction", "answer", "fact_check"


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was published: `label` says what it is, `detail` what became of it; `address` is its page at the desk."""

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
    found = [
        *bulletins_in(campaign, days, language=language, outcomes=outcomes),
        *answers_in(campaign, days, language=language),
        *fact_checks_in(campaign, days, language=language),
    ]
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [one for _moment, one in found]


def bulletins_in(
    campaign: Campaign, days: dict[str, datetime], *, language: str, outcomes: Iterable[MessageOutcome]
) -> list[tuple[datetime, Said]]:
    """Return the bulletins, corrections and withdrawals of some days; three queries."""
    short = PublishedEdition.objects.defer("html", "body")
    rows = Version.objects.filter(**days, bulletin__campaign=campaign).select_related("bulletin")
    versions = list(rows.prefetch_related(Prefetch("editions", short)).order_by("-published_at")[:MOST])
    posts = posts_about(version.bulletin_id for version in versions)
    told = list(outcomes)
    found = []
    for version in versions:
        edition = published_versions.choose(version, language=language, fallback=campaign.default_language)
        kind, label = label_of(version)
        found_in_posts = foremost(one for one in told if one.bulletin == version.bulletin_id)
        detail = [found_in_posts.says.rstrip(".")] if found_in_posts else []
        if number := posts.get(version.bulletin_id):
            detail.insert(0, ngettext("In %(n)d post", "In %(n)d posts", number) % {"n": number})
        found.append(
            (
                version.published_at,
                Said(
                    kind,
                    label,
                    edition.title if edition else "",
                    edition.language_tag if edition else "",
                    campaign.local(version.published_at).date(),
                    reverse("admin:bulletins_bulletin_results", args=[version.bulletin_id]),
                    detail,
                ),
            )
        )
    return found


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


def answers_in(campaign: Campaign, days: dict[str, datetime], *, language: str) -> list[tuple[datetime, Said]]:
    """Return the answers of some days, none that was withdrawn, nor one that only came in a further language; one query."""
    rows = AnswerVersion.objects.filter(**days, answer__group__campaign=campaign, adds_language=False)
    rows = rows.exclude(kind=AnswerVersion.Kind.WITHDRAWAL).defer("content").order_by("-published_at")[:MOST]
    return [
        (
            one.published_at,
            Said(
                ANSWER,
                _("Answer corrected") if one.kind == AnswerVersion.Kind.CORRECTION else _("Answer"),
                in_language(one.question, language),
                "",
                campaign.local(one.published_at).date(),
                reverse("admin:questions_answer_change", args=[one.answer_id]),
            ),
        )
        for one in rows
    ]


def fact_checks_in(campaign: Campaign, days: dict[str, datetime], *, language: str) -> list[tuple[datetime, Said]]:
    """Return the fact-checks of some days by the fact that each states; one query."""
    rows = ClaimVersion.objects.filter(**days, claim__campaign=campaign, adds_language=False)
    rows = rows.exclude(kind=ClaimVersion.Kind.WITHDRAWAL).defer("evidence").order_by("-published_at")[:MOST]
    return [
        (
            one.published_at,
            Said(
                FACT_CHECK,
                _("Fact-check corrected") if one.kind == ClaimVersion.Kind.CORRECTION else _("Fact-check"),
                in_language(one.fact, language),
                "",
                campaign.local(one.published_at).date(),
                reverse("admin:factcheck_claim_change", args=[one.claim_id]),
            ),
        )
        for one in rows
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
