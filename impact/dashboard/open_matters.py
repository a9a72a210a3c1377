"""What is open at the end of a week: questions without an answer, what spreads, and corrections that nobody has confirmed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign
from factcheck.spread import trending
from impact.weeks import Week
from influencers.models import Influencer, RecallNotice
from questions.models import AnswerVersion, Question, QuestionGroup, SameQuestion

State = QuestionGroup.State
TOLD_FOR = timedelta(days=14)  # how long somebody is waited for after a correction


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """So many of something are open; `detail` says which, `address` is where it is seen to at the desk."""

    count: int
    words: str
    detail: str
    address: str


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """What is open, and the sentence that says the worst of it."""

    rows: list[OpenMatter]
    in_short: str


def open_at(campaign: Campaign, week: Week, *, at: datetime) -> OpenMatters:
    """Return what was open at a moment, `at`, in a week; seven queries at most, however much there is."""
    waiting = unanswered(campaign, at=at)
    counts = waiting.aggregate(n=Count("pk"), late=Count("pk", filter=Q(answer_by__lte=at)))
    asked = most_asked(campaign, waiting, week, at=at)
    rows = [
        OpenMatter(
            counts["n"],
            ngettext("question without an answer", "questions without an answer", counts["n"]),
            late_words(counts["late"]),
            reverse("admin:questions_questiongroup_changelist"),
        )
    ]
    if asked:
        group, times = asked
        rows.append(
            OpenMatter(
                times,
                str(group),
                _("times asked this week, without an answer"),
                reverse("admin:questions_questiongroup_change", args=[group.pk]),
            )
        )
    if rising := trending.rising(campaign, at=at):
        names = "; ".join(str(one.subject) for one in rising[:2])
        words = ngettext("claim or narrative that spreads", "claims or narratives that spread", len(rising))
        rows.append(OpenMatter(len(rising), words, names, reverse("admin:factcheck_claim_changelist")))
    if people := unconfirmed(campaign, at=at):
        words = ngettext(
            "person who has not confirmed a correction", "people who have not confirmed a correction", people
        )
        rows.append(OpenMatter(people, words, "", reverse("admin:influencers_recall_changelist")))
    return OpenMatters([one for one in rows if one.count], summary_of(counts, asked))


def unanswered(campaign: Campaign, *, at: datetime) -> QuerySet[QuestionGroup]:
    """
    Return the groups of questions that waited for an answer at a moment: somebody had asked by then, or an authority had been. What was
    only prepared waits for nothing.
    """
    asked = Question.objects.filter(group=OuterRef("pk"), asked_at__lte=at, set_aside_at=None)
    too = SameQuestion.objects.filter(group=OuterRef("pk"), at__lte=at)
    answered = AnswerVersion.objects.filter(answer__group=OuterRef("pk"), published_at__lte=at)
    later = Q(state=State.ANSWERED) & ~Exists(answered) | Q(state=State.DECLINED, declined_at__gt=at)
    return QuestionGroup.objects.filter(
        Q(state__in=[State.OPEN, State.ASKED]) | later,
        Q(asked_at__lte=at) | Exists(asked) | Exists(too),
        campaign=campaign,
    )


def most_asked(
    campaign: Campaign, waiting: QuerySet[QuestionGroup], week: Week, *, at: datetime
) -> tuple[QuestionGroup, int] | None:
    """Return which of some groups was asked most in a week, and how often, None where none was; one query."""
    asked = Q(questions__asked_at__gte=week.begins(campaign.zone), questions__asked_at__lte=at)
    rows = waiting.annotate(asked=Sum("questions__times", filter=asked & Q(questions__set_aside_at=None)))
    group = rows.filter(asked__gt=1).order_by("-asked", "pk").first()
    return (group, group.asked) if group else None


def unconfirmed(campaign: Campaign, *, at: datetime) -> int:
    """Return how many influencers had not confirmed a correction of the last two weeks at a moment; one query."""
    rows = RecallNotice.objects.filter(
        Q(acknowledged_at=None) | Q(acknowledged_at__gt=at),
        recall__campaign=campaign,
        recall__planned_at__gt=at - TOLD_FOR,
        recall__planned_at__lte=at,
        influencer__state=Influencer.State.ACTIVE,
    )
    return rows.values("influencer").distinct().count()


def late_words(late: int) -> str:
    """Return how many questions are past their day."""
    if not late:
        return _("None is past its day.")
    return ngettext("%(n)d is past its day.", "%(n)d are past their day.", late) % {"n": late}


def summary_of(counts: dict[str, int], asked: tuple[QuestionGroup, int] | None) -> str:
    """Return the worst of it, in a sentence."""
    if counts["late"]:
        return ngettext("%(n)d question is past its day.", "%(n)d questions are past their day.", counts["late"]) % {
            "n": counts["late"]
        }
    if asked:
        return _("People ask, and there is no answer yet: “%(question)s”") % {"question": asked[0]}
    if counts["n"]:
        return ngettext("%(n)d question has no answer yet.", "%(n)d questions have no answer yet.", counts["n"]) % {
            "n": counts["n"]
        }
    return _("No question waits for an answer.")
