"""People of municipalities hear what became of what they asked, as influencers do. Whoever has no notice of it yet is the queue."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import override

from accounts.models import User
from campaigns.models import Campaign
from notifications import outbox
from notifications.models import Notice
from notifications.notice_kinds import Kind, Matter
from questions import outcomes
from questions.models import Answer, Question, QuestionGroup
from stories.models import MunicipalityMember

MOST_AT_ONCE = 100  # groups for one call; the next goes on


class AskedKind(Kind):
    """What became of a question of a municipality."""

    model = QuestionGroup


QUESTION_TOLD = AskedKind("municipal_question", matter=Matter.NEWS)


def waiting(rows: QuerySet[Question], *, at: datetime) -> QuerySet[Question]:
    """Return the questions of municipalities whose asker has not heard what became of them."""
    heard = Notice.objects.about(QUESTION_TOLD, OuterRef("group")).filter(person=OuterRef("asked_by"))
    return outcomes.not_heard(rows.filter(group__isnull=False, asked_by__is_active=True), heard, at=at)


def tell_askers(*, at: datetime) -> int:
    """Tell people who asked for their municipality what became of it, and return how many. One query where none is due."""
    keys = waiting(Question.objects.all(), at=at).order_by().values_list("group", flat=True).distinct()[:MOST_AT_ONCE]
    return sum(tell_of(key, at=at) for key in sorted(keys))


@transaction.atomic
def tell_of(key: int | None, *, at: datetime) -> int:
    """Tell whoever asked a question of one group and has not heard; return how many. Two at once tell once."""
    group = QuestionGroup.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=key)
    answered = Answer.objects.filter(group=group).select_related("current_version").first()
    version = answered.current_version if answered else None
    rows = waiting(Question.objects.filter(group=group), at=at).order_by("pk").select_related("asked_by")
    own = {one.asked_by: one for one in rows if one.asked_by is not None and may_hear(one.asked_by, group.campaign)}
    for person, question in own.items():
        with override(group.campaign.language_for(person)):
            path = reverse("municipal_questions:questions")
            if group.state == QuestionGroup.State.DECLINED:
                words = version.question if version else {question.language: question.text}
                text = outcomes.declined_text(group, words, was_answered=version is not None)
                path += outcomes.NO_ANSWER
            else:
                assert version is not None
                text = outcomes.answer_text(version, brought=True)
        outbox.write(QUESTION_TOLD, [person], about=group, text=text, path=path, at=at)
    return len(own)


def may_hear(person: User, campaign: Any) -> bool:
    """Return whether somebody is still of a municipality of a campaign."""
    assert isinstance(campaign, Campaign)
    return MunicipalityMember.objects.filter(user=person, municipality__campaign=campaign).exists()
