"""Questions from followers and municipalities: taken in, wanted by others too, and counted so that the sum can be checked."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts import rate_limit
from accounts.audit import trail
from accounts.models import User
from bulletins.models import Bulletin, NotAllowed
from campaigns.models import Campaign, Topic
from delivery.models import Recipient

from .models import Question, QuestionGroup, SameQuestion

LONGEST = 2000  # characters of a question
MOST_TIMES = 1_000_000  # followers that someone may say have asked
SAME_PRESS = timedelta(hours=24)  # for as long the same words of the same person are one question


@transaction.atomic
def submit_question(
    campaign: Campaign,
    text: str,
    *,
    language: str,
    via: str,
    relayed_by: Recipient | None,
    at: datetime,
    bulletin: Bulletin | None = None,
    topic: Topic | None = None,
    channel: str = "",
    times: int = 1,
    may_credit: bool = False,
    credit: str = "",
    entered_by: User | None = None,
    since: datetime | None = None,
    asked_by: User | None = None,
) -> Question:
    """
    Take in a question and return it; it waits until a person groups it. The same words of the same person within a day
    are one question, so that a form that is sent twice counts once; what was asked before `since` is another one.

    Raise NotAllowed, with nothing stored, for a text that is empty or too long, for a count below one or above
    MOST_TIMES, and for someone who is to be named without a name.
    """
    text, channel, credit = text.strip(), channel.strip()[:40], credit.strip()[:120]
    check(text, times=times, may_credit=may_credit, credit=credit)
    if relayed_by is not None or asked_by is not None:
        who = f"question {relayed_by.pk}" if relayed_by is not None else f"question of user {asked_by and asked_by.pk}"
        rate_limit.one_at_a_time(who)
        asked = Question.objects.filter(campaign=campaign, relayed_by=relayed_by, asked_by=asked_by, text=text)
        before = asked.filter(asked_at__gt=max(at - SAME_PRESS, since or at - SAME_PRESS)).first()
        if before is not None:
            return before
    question = Question.objects.create(
        campaign=campaign,
        text=text,
        language=language,
        via=via,
        relayed_by=relayed_by,
        asked_at=at,
        bulletin=bulletin,
        topic=topic,
        channel=channel,
        times=times,
        may_credit=may_credit,
        credit=credit if may_credit else "",
        entered_by=entered_by,
        asked_by=asked_by,
    )
    if entered_by is not None:
        trail.note("question.entered", question, by=entered_by, at=at)
    return question


def check(text: str, *, times: int, may_credit: bool, credit: str) -> None:
    """Raise NotAllowed for a question that `submit_question` would not take in."""
    text, credit = text.strip(), credit.strip()
    if not text:
        raise NotAllowed(_("Not sent: the question is missing. Write it as it was asked."))
    if len(text) > LONGEST:
        raise NotAllowed(
            _("Not sent: the question is longer than %(most)d characters. Shorten it, or send two questions.")
            % {"most": LONGEST}
        )
    if not 1 <= times <= MOST_TIMES:
        raise NotAllowed(_("Not sent: enter roughly how many people asked as a whole number, 1 or more."))
    if may_credit and not credit:
        raise NotAllowed(_("Not sent: enter the name to be shown, or untick the box."))


@transaction.atomic
def add_asker(group: QuestionGroup, recipient: Recipient, *, at: datetime) -> bool:
    """
    Note that someone wants to know the same; return whether it counted. Who relayed a question of the group, or said so
    before, counts once. Raise NotAllowed, with nothing changed, for a group that waits for nothing any more.
    """
    held = QuestionGroup.objects.select_for_update().get(pk=group.pk)
    if held.state not in WAITING:
        raise NotAllowed(_("Not counted: this question is no longer waiting for an answer. See what happened to it."))
    if held.questions.filter(relayed_by=recipient).exists():
        return False
    _row, is_new = SameQuestion.objects.get_or_create(group=held, recipient=recipient, defaults={"at": at})
    return is_new


def remove_asker(group: QuestionGroup, recipient: Recipient) -> None:
    """Forget that someone wants to know the same. It can be pressed twice."""
    SameQuestion.objects.filter(group=group, recipient=recipient).delete()


WAITING = (QuestionGroup.State.OPEN, QuestionGroup.State.ASKED)


def counted(groups: QuerySet[QuestionGroup]) -> QuerySet[QuestionGroup]:
    """
    Return the groups, each with `relayed`, how many followers asked as their relayers know; `too`, how many others want
    to know the same and relayed nothing; and `asked`, their sum. No query more.
    """
    own = Question.objects.filter(group=OuterRef("pk")).order_by().values("group")
    brought = Question.objects.filter(group=OuterRef("group"), relayed_by=OuterRef("recipient"))
    others = SameQuestion.objects.filter(~Exists(brought), group=OuterRef("pk")).order_by().values("group")
    relayed = Subquery(own.annotate(n=Sum("times")).values("n"), output_field=IntegerField())
    too = Subquery(others.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return groups.annotate(relayed=Coalesce(relayed, 0), too=Coalesce(too, 0)).annotate(asked=F("relayed") + F("too"))
