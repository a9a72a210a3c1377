"""Questions that mean the same: suggested by what they go by in any language, put together by a person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from accounts.audit import trail
from accounts.models import AuditEntry, User
from bulletins.assignment.assignable import Assignable
from bulletins.models import NotAllowed
from campaigns.models import Topic
from factcheck.matching import similar_claims
from factcheck.matching.keywords import Concepts, keywords_of, shared
from lib.text import similarity

from . import notices
from .answers.answer_slugs import free_slug
from .models import Question, QuestionGroup

LEAST = 0.3  # from how much on a group is suggested
TOPIC = 0.05  # what the same topic adds to likeness, which it never makes by itself
LOOKED_AT = 1_000  # questions of a campaign that are compared, the newest
NAMED = 5
TOLD_APART = "question.told_apart"

ASSIGNABLE = Assignable(
    "question",
    pgettext_lazy("heading", "Question"),
    "questions.change_questiongroup",
    Q(state__in=[QuestionGroup.State.OPEN, QuestionGroup.State.ASKED]),
    rows=lambda: QuestionGroup.objects.select_related("taken_by"),
    title=str,
    notice=notices.QUESTION_ASSIGNED,
)


# --- Suggesting --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A group, or a question that waits itself, that may mean the same; how much (0 to 1), and by what (codes)."""

    score: float
    reasons: tuple[str, ...]
    group: QuestionGroup | None = None
    question: Question | None = None

    def why(self) -> list[str]:
        """Return the reasons in words for people."""
        says = {"words": _("similar words"), "keywords": _("the same keywords"), "topic": _("the same topic")}
        return [says[reason] for reason in self.reasons]


@dataclass(slots=True)
class ComparedTexts:
    """What a group or a waiting question is compared by: {language: texts} and its topics."""

    group: QuestionGroup | None = None
    question: Question | None = None
    texts: list[tuple[str, str]] = field(default_factory=list)
    topics: set[int | None] = field(default_factory=set)


def suggestions(questions: Iterable[Question], *, limit: int = NAMED) -> dict[int, list[Suggestion]]:
    """
    Return for each of some questions of one campaign what may mean the same, the most alike first; not what someone
    told it apart from, nor itself. The number of queries does not grow.
    """
    asked = list(questions)
    if not asked:
        return {}
    campaign = asked[0].campaign_id
    concepts = Concepts(campaign)
    known = compared_in(campaign)
    apart = marked_different(asked)
    found: dict[int, list[Suggestion]] = {}
    for one in asked:
        rows = [row for row in known if (row.question.pk if row.question else 0) != one.pk]
        rows = [row for row in rows if row.group is None or (one.pk, row.group.pk) not in apart]
        scored = [likeness(one, row, concepts) for row in rows if row.group is None or row.group.pk != one.group_id]
        scored = [each for each in scored if each.reasons and each.score >= LEAST]
        found[one.pk] = sorted(scored, key=lambda each: (-each.score, each.group is None))[:limit]
    return found


def compared_in(campaign: int) -> list[ComparedTexts]:
    """Return the groups of a campaign and the questions that wait, with their texts; two queries."""
    by_group = {
        group.pk: ComparedTexts(group=group, texts=list(group.label.items()), topics={group.topic_id} - {None})
        for group in QuestionGroup.objects.filter(campaign=campaign).order_by("-pk")
    }
    rows = Question.objects.filter(campaign=campaign, set_aside_at=None).order_by("-pk")[:LOOKED_AT]
    alone: list[ComparedTexts] = []
    for one in rows:
        if one.group_id:
            if held := by_group.get(one.group_id):
                held.texts.append((one.language, one.text))
                held.topics |= {one.topic_id} - {None}
        else:
            alone.append(ComparedTexts(question=one, texts=[(one.language, one.text)], topics={one.topic_id} - {None}))
    return [*by_group.values(), *alone]


def likeness(question: Question, known: ComparedTexts, concepts: Concepts) -> Suggestion:
    """Return how much a question is like what is known, and by what: words in its language, keywords in any."""
    own_words, own_keys = similarity.cut(question.text), keys_of(question.text, question.language, concepts)
    words = keywords = 0.0
    for language, text in known.texts:
        if language == question.language:
            words = max(words, similarity.likeness(own_words, similarity.cut(text)))
        keywords = max(keywords, shared(own_keys, keys_of(text, language, concepts)))
    reasons = [
        name for name, score in (("words", words), ("keywords", keywords)) if score >= similar_claims.FLOORS[name]
    ]
    score = max(words, keywords) + 0.3 * min(words, keywords)
    if reasons and question.topic_id in known.topics:
        reasons.append("topic")
        score += TOPIC
    return Suggestion(min(1.0, score), tuple(reasons), known.group, known.question)


def keys_of(text: str, language: str, concepts: Concepts) -> list[str]:
    """Return what a text goes by in any language, with the concepts of the campaign's glossary."""
    named = concepts.of(text.split(), language)
    return list(dict.fromkeys([*bare_keys(text, language), *named]))


@lru_cache(maxsize=4096)
def bare_keys(text: str, language: str) -> tuple[str, ...]:
    """Return what a text goes by in any language, without a glossary."""
    return tuple(keywords_of(text, language))


def marked_different(questions: Iterable[Question]) -> set[tuple[int, int]]:
    """Return the (question, group) pairs of some questions that a person said are different; one query."""
    keys = [str(one.pk) for one in questions]
    noted = AuditEntry.objects.filter(
        verb=TOLD_APART, subject_type=Question._meta.label_lower, subject_id__in=keys
    ).values_list("subject_id", "detail")
    return {(int(pk), detail["group"]) for pk, detail in noted}


# --- A person decides --------------------------------------------------------------------------------


@transaction.atomic
def add_to_group(question: Question, group: QuestionGroup, *, by: User, at: datetime) -> None:
    """
    Put a question that waits into a group. Raise NotAllowed, with nothing changed, when it waits no longer, and for a
    group of another campaign.
    """
    if group.campaign_id != question.campaign_id:
        raise NotAllowed(_("Not grouped: they belong to different campaigns."))
    waiting = Question.objects.filter(pk=question.pk, group=None, set_aside_at=None)
    if not waiting.update(group=group, grouped_by=by, grouped_at=at):
        raise NotAllowed(_("Not grouped: someone has grouped it or set it aside in the meantime. Reload the page."))
    trail.note("question.grouped", question, by=by, at=at, group=group.pk)
    question.refresh_from_db()


@transaction.atomic
def start(
    questions: Iterable[Question],
    label: Mapping[str, str],
    *,
    by: User,
    at: datetime,
    topic: Topic | None = None,
) -> QuestionGroup:
    """
    Start a group with some questions that wait, called `label` in the languages in which it says something; return it.
    Raise NotAllowed, with nothing changed, without a label in any language, and when one of them waits no longer.
    """
    asked = list(questions)
    words = {code: text.strip() for code, text in label.items() if text.strip()}
    if not words or not asked:
        raise NotAllowed(_("Group not created: write a short form of the question in at least one language."))
    campaign = asked[0].campaign
    group = QuestionGroup.objects.create(
        campaign=campaign,
        slug=free_slug(campaign, words),
        label=words,
        topic=topic or next((one.topic for one in asked if one.topic_id), None),
        created_at=at,
    )
    for one in asked:
        add_to_group(one, group, by=by, at=at)
    return group


@transaction.atomic
def remove_from_group(question: Question, *, by: User, at: datetime) -> None:
    """Take a question out of its group: it waits again. Raise NotAllowed when it is in none."""
    group = question.group_id
    grouped = Question.objects.filter(pk=question.pk, group=group).exclude(group=None)
    if not grouped.update(group=None, grouped_by=None, grouped_at=None):
        raise NotAllowed(_("Not removed: it is no longer in a group. Nothing changed."))
    trail.note("question.taken_out", question, by=by, at=at, group=group)
    question.refresh_from_db()


@transaction.atomic
def mark_different(question: Question, group: QuestionGroup, *, by: User, at: datetime) -> None:
    """Note that a question does not mean the same as a group: it is not suggested again."""
    if group.campaign_id != question.campaign_id:
        raise NotAllowed(_("Not grouped: they belong to different campaigns."))
    trail.note(TOLD_APART, question, by=by, at=at, group=group.pk)


@transaction.atomic
def set_aside(question: Question, *, why: str, by: User, at: datetime) -> None:
    """Set a question aside: nobody needs to answer it. Raise NotAllowed without a reason, or when it does not wait."""
    why = why.strip()[:300]
    if not why:
        raise NotAllowed(_("Not set aside: give a reason, for the history."))
    waiting = Question.objects.filter(pk=question.pk, group=None, set_aside_at=None)
    if not waiting.update(set_aside_at=at, set_aside_why=why):
        raise NotAllowed(_("Not set aside: someone has grouped it or set it aside in the meantime. Reload the page."))
    trail.note("question.set_aside", question, by=by, at=at)
    question.refresh_from_db()


@transaction.atomic
def restore(question: Question, *, by: User, at: datetime) -> None:
    """Let a question that was set aside wait again."""
    aside = Question.objects.filter(pk=question.pk).exclude(set_aside_at=None)
    if not aside.update(set_aside_at=None, set_aside_why=""):
        raise NotAllowed(_("Not restored: it is not set aside. Nothing changed."))
    trail.note("question.brought_back", question, by=by, at=at)
    question.refresh_from_db()


WAITS = Q(group=None, set_aside_at=None)
