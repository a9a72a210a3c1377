"""
What influencers ask for their followers, what others ask, and what became of it: told to people who asked before anyone
else reads it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import override

from accounts import rate_limit
from accounts.models import User
from bulletins.models import Version
from campaigns.models import Campaign
from influencers import notices
from influencers.models import Influencer
from notifications import outbox
from notifications.models import Notice
from questions import intake, outcomes
from questions.answers import answer_workflow
from questions.models import Answer, AnswerVersion, Question, QuestionGroup, SameQuestion
from questions.outcomes import NO_ANSWER, Mine, answer_text, declined_text, mine_of

from .question_forms import AskForm

ASKED_AN_HOUR = 20  # questions by one person
LATEST = 3
LONGEST_SHOWN = 200  # characters of a question among others
PER_PAGE = 20
MOST_AT_ONCE = 100  # groups for one call; the next goes on
GroupState = QuestionGroup.State


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """A group that waits for an answer, and the words by which influencers know it."""

    group: QuestionGroup
    words: dict[str, str]


@dataclass(frozen=True, slots=True)
class Panel:
    """The latest questions of an influencer, and questions of others that wait."""

    mine: list[Mine]
    waiting: list[WaitingGroup]


@dataclass(frozen=True, slots=True)
class Asking:
    """The form with which a question is sent, and the bulletin that it is about, if any."""

    form: AskForm
    number: int | None


@dataclass(frozen=True, slots=True)
class QuestionsPage:
    """Everything that an influencer brought, a page at a time, and what others wait for."""

    page: Page
    waiting: list[WaitingGroup]


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """
    A question with its answer, as those read it who asked; `version` is empty while there is none, and when none will
    come. `words` are the question's, none where only the team has written it down.
    """

    group: QuestionGroup
    words: dict[str, str]
    version: AnswerVersion | None
    is_public: bool
    brought: bool


# --- What the portal shows ---------------------------------------------------------------------------


def panel(influencer: Influencer, campaign: Campaign, *, language: str, at: datetime) -> Panel | None:
    """Return what the portal's front page shows of questions, or None when there is nothing; two queries."""
    mine = [mine_of(one, at=at) for one in questions_by(influencer, campaign)[:LATEST]]
    others = shown(waiting_for(influencer, campaign)[:LATEST])
    return Panel(mine, others) if mine or others else None


def form_for(influencer: Influencer, version: Version | None, *, language: str, at: datetime) -> Asking:
    """Return the form for a question, about a bulletin's version or none; two queries at most."""
    number = version.bulletin.number if version else None
    return Asking(AskForm(campaign=influencer.campaign, initial={"language": language, "bulletin": number}), number)


def may_ask(user: User, *, at: datetime) -> bool:
    """Return whether someone may send one more question now, and count it."""
    return rate_limit.allow("question", f"user {user.pk}", most=ASKED_AN_HOUR, seconds=3600, at=at)


def page(influencer: Influencer, campaign: Campaign, *, number: Any, at: datetime) -> QuestionsPage:
    """Return page `number` of what an influencer brought, the latest first, with what others wait for; three queries."""
    mine = Paginator(questions_by(influencer, campaign), PER_PAGE).get_page(number)
    mine.object_list = [mine_of(one, at=at) for one in mine.object_list]
    return QuestionsPage(mine, shown(waiting_for(influencer, campaign)[:PER_PAGE]))


def questions_by(influencer: Influencer, campaign: Campaign) -> QuerySet[Question]:
    """Return the questions that an influencer brought, the latest first."""
    mine = Question.objects.filter(campaign=campaign, relayed_by=influencer.recipient_id)
    return mine.select_related("group__answer__current_version").order_by("-asked_at", "-pk")


def waiting_for(influencer: Influencer, campaign: Campaign) -> QuerySet[QuestionGroup]:
    """
    Return the groups that wait for an answer, the most asked first, each with `is_mine`, `is_too` and its words; not those
    that only the team has written down.
    """
    brought = Question.objects.filter(group=OuterRef("pk"), relayed_by=influencer.recipient_id)
    joined = SameQuestion.objects.filter(group=OuterRef("pk"), recipient=influencer.recipient_id)
    groups = QuestionGroup.objects.filter(campaign=campaign, state__in=intake.WAITING)
    counted = with_texts(intake.counted(groups), influencer).annotate(is_mine=Exists(brought), is_too=Exists(joined))
    has_words = Q(own_text__isnull=False) | Q(answer__current_version__isnull=False)
    return counted.filter(has_words).order_by("-asked", "-pk")


def with_texts(groups: QuerySet[QuestionGroup], influencer: Influencer) -> QuerySet[QuestionGroup]:
    """
    Return the groups with what `text_of` needs: the question in an asker's own words, this influencer's before others'.
    What the team calls a group, one member of it has written: that stays at the desk.
    """
    mine_first = Case(When(relayed_by=influencer.recipient_id, then=Value(0)), default=Value(1))
    own = Question.objects.filter(group=OuterRef("pk"), entered_by=None).order_by(mine_first, "-times", "pk")
    return groups.select_related("answer__current_version").annotate(
        own_text=Subquery(own.values("text")[:1]), own_language=Subquery(own.values("language")[:1])
    )


def text_of(group: QuestionGroup) -> dict[str, str]:
    """
    Return the words by which influencers know a group that came with `with_texts`: those that a second person agreed to as
    soon as there was an answer, before that an asker's own. None where there are neither.
    """
    answered: Answer | None = getattr(group, "answer", None)
    if answered is not None and answered.current_version is not None:
        return answered.current_version.question
    own = vars(group)
    return {own["own_language"]: Truncator(own["own_text"]).chars(LONGEST_SHOWN)} if own["own_text"] else {}


def shown(groups: QuerySet[QuestionGroup]) -> list[WaitingGroup]:
    """Return groups that came with `with_texts` as the portal shows them; one query."""
    return [WaitingGroup(group, text_of(group)) for group in groups]


def answer(influencer: Influencer, campaign: Campaign, slug: str, *, at: datetime) -> AnswerPage | None:
    """
    Return a question with its answer, or None when there is nothing for this influencer: before everyone may read an
    answer, only people who asked may. Three queries at most.
    """
    groups = with_texts(QuestionGroup.objects.filter(campaign=campaign, slug=slug), influencer)
    group = groups.select_related("answer__current_version", "answer__authority", "authority").first()
    if group is None:
        return None
    me = influencer.recipient_id
    brought = Question.objects.filter(group=group, relayed_by=me).exists()
    concerned = brought or SameQuestion.objects.filter(group=group, recipient=me).exists()
    found: Answer | None = getattr(group, "answer", None)
    version = (
        found.current_version if found and found.current_version and found.current_version.published_at <= at else None
    )
    is_public = version is not None and answer_workflow.is_public(version, at=at)
    if not concerned and not is_public:
        return None
    if concerned and group.state == GroupState.DECLINED:  # an earlier answer has been withdrawn
        return AnswerPage(group, text_of(group), None, False, brought)
    return AnswerPage(group, text_of(group), version, is_public, brought)


def waiting_group(campaign: Campaign, pk: int) -> QuestionGroup | None:
    """Return a group that waits for an answer, or None; one query."""
    return QuestionGroup.objects.filter(campaign=campaign, pk=pk, state__in=intake.WAITING).first()


# --- Telling people who asked -------------------------------------------------------------------------


def notify_askers(*, at: datetime) -> int:
    """
    Tell people who brought a question or wanted to know the same of its answer, its correction or withdrawal, and of a
    question that nobody will answer. Whoever has no notice of it yet is the queue. Return how many were notified. Not
    in a transaction.
    """
    return sum(notify_of(key, at=at) for key in sorted(unnotified_askers(at=at))[:MOST_AT_ONCE])


def unnotified_askers(*, at: datetime) -> set[int]:
    """Return the keys of the groups of whose end someone has not heard; two queries."""
    brought = unnotified(Question.objects.filter(group__isnull=False), "relayed_by", at=at)
    joined = unnotified(SameQuestion.objects.all(), "recipient", at=at)
    return {
        key
        for rows in (brought, joined)
        for key in rows.order_by().values_list("group", flat=True).distinct()[:MOST_AT_ONCE]
    }


def unnotified(rows: QuerySet[Any], who: str, *, at: datetime) -> QuerySet[Any]:
    """Return the rows whose `who` takes part and has not heard what became of the row's group."""
    user = f"{who}__influencers__user"
    heard = Notice.objects.about(notices.QUESTION_SETTLED, OuterRef("group")).filter(person=OuterRef(user))
    takes_part = {
        f"{who}__influencers__campaign": F("group__campaign"),
        f"{who}__influencers__state": Influencer.State.ACTIVE,
        f"{user}__is_active": True,
    }
    return outcomes.not_heard(rows, heard, at=at).filter(**takes_part)


@transaction.atomic
def notify_of(key: int, *, at: datetime) -> int:
    """Tell everyone concerned who has not heard what became of one group; return how many. Two at once tell once."""
    group = QuestionGroup.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=key)
    answered = Answer.objects.filter(group=group).select_related("current_version").first()
    brought = unnotified(Question.objects.filter(group=group), "relayed_by", at=at)
    joined = unnotified(SameQuestion.objects.filter(group=group), "recipient", at=at)
    carriers = set(brought.values_list("relayed_by__influencers__user", flat=True))
    others = set(joined.values_list("recipient__influencers__user", flat=True))
    people = User.objects.filter(
        pk__in=carriers | others,
        influencers__campaign=group.campaign_id,
        influencers__state=Influencer.State.ACTIVE,
    ).distinct()
    version = answered.current_version if answered else None
    own = asker_texts(group)
    told = 0
    for person in people.order_by("pk"):
        with override(group.campaign.language_for(person)):
            if group.state == GroupState.DECLINED:
                question = version.question if version else own.get(person.pk, {})
                text = declined_text(group, question, was_answered=version is not None)
                # Without the group's short name: until there is an answer, one member of the team has written it.
                path = reverse("influencers:questions") + NO_ANSWER
            else:
                assert version is not None
                text = answer_text(version, brought=person.pk in carriers)
                path = reverse("influencers:answer", args=[group.slug])
        outbox.write(notices.QUESTION_SETTLED, [person], about=group, text=text, path=path, at=at)
        told += 1
    return told


def asker_texts(group: QuestionGroup) -> dict[int, dict[str, str]]:
    """
    Return what each of people who brought a question of a group wrote themselves, by the keys of their users; one
    query.
    """
    mine = Question.objects.filter(group=group, entered_by=None, relayed_by__influencers__campaign=group.campaign_id)
    rows = mine.order_by("-pk").values_list("relayed_by__influencers__user", "language", "text")
    return {user: {language: Truncator(text).chars(LONGEST_SHOWN)} for user, language, text in rows}
