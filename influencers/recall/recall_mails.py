"""
The mails of a recall: what was wrong, what is right, what to do, and ready words. They are written in the order of
their notices, and leave in it: the queue of notices is first in, first out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from bulletins.models import Platform
from campaigns.platforms import platform_limits
from factcheck.models import ClaimStep
from influencers.models import Influencer, Recall, RecallNotice
from influencers.notices import RECALL, RECALL_AGAIN
from lib import task_queue
from notifications import sending
from notifications.models import Notice

from . import bulletin_texts, fact_check_texts, ready_texts
from .fact_check_texts import lines

REMIND_AGAIN_AFTER = timedelta(days=1)


class NotReminded(Exception):
    """Nobody was reminded. The text says why, in the user's language."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What makes one mail other than the next: who get equal ones share its words."""

    spoken: str
    language: str
    rank: int
    platforms: tuple[str, ...]
    holds: bool = False
    by_bulletin: bool = False
    again: bool = False


class Writer:
    """Writes the mails of one recall, each kind of mail once; one query for all."""

    def __init__(self, recall: Recall) -> None:
        """Look at a recall with its version and bulletin, or its step and claim, at hand."""
        self.recall = recall
        self.campaign = recall.campaign
        self.limits = platform_limits.current_limits()
        self.names = dict(Platform.choices)
        self.known: dict[Letter, tuple[str, str]] = {}

    def notice(self, person: User | None, letter: Letter, *, at: datetime) -> Notice:
        """Return the notice for one person, unsaved."""
        text, path = self.known.get(letter) or self.known.setdefault(letter, self.written(letter))
        return Notice(
            kind=(RECALL_AGAIN if letter.again else RECALL).key,
            campaign=self.campaign,
            subject_id=self.recall.pk,
            person=person,
            text=text,
            path=path,
            at=at,
            next_attempt_at=at,
        )

    def written(self, letter: Letter) -> tuple[str, str]:
        """Return the words of a mail, the headline in the first line, and the page that it leads to."""
        with override(letter.spoken):
            headline, _line, rest = self.news(letter).partition("\n")
            if letter.again:
                headline = _("Reminder: %(headline)s") % {"headline": headline}
            # To correct nothing needs no words.
            said = [] if letter.holds else self.captions(letter)
            answer = _("Please confirm on the page that you have seen this, and tell us what you did.")
            return lines(headline, rest, *said, answer), reverse("influencers:recall", args=[self.recall.pk])

    def news(self, letter: Letter) -> str:
        """Return what happened and what to do, in the active language."""
        if self.recall.version:
            return bulletin_texts.full_text(self.recall.version, letter.rank, holds=letter.holds)
        assert self.recall.step is not None
        step = self.recall.step
        return lines(fact_check_texts.changed(step, by_bulletin=letter.by_bulletin), fact_check_texts.to_do(step))

    def captions(self, letter: Letter) -> list[str]:
        """Return the ready words, with the platform's name before them where platforms need different ones."""
        if self.recall.step and self.recall.step.kind == ClaimStep.Kind.RESUMED:
            return []
        by_text: dict[str, list[str]] = {}
        for platform in letter.platforms or ("",):
            text = ready_texts.caption(self.recall, letter.language, platform, self.limits)
            by_text.setdefault(text, []).append(self.names.get(platform, platform))
        said: list[str] = []
        for text, names in by_text.items():
            whom = ", ".join(name for name in names if name)
            head = _("Text for %(platforms)s:") % {"platforms": whom} if whom else _("Text to use:")
            said += [f"\n{head}", f"{text}\n"]
        return said


def send_notice(
    recall: Recall,
    notices: list[RecallNotice],
    *,
    at: datetime,
    holding: Iterable[int] = (),
    by_bulletin: Iterable[int] = (),
    but: Iterable[int] = (),
) -> None:
    """
    Write the mails of these notices, unsaved, in their order and with influencer and user at hand, and have a worker woken
    when the transaction is through. `holding` are influencers who took only what has not changed, `by_bulletin` those
    who know a fact-check from a bulletin alone; the users `but` get none.
    """
    left_out, holding, by_bulletin = set(but), set(holding), set(by_bulletin)
    told = [one for one in notices if one.influencer.user_id not in left_out]
    if not told:
        return
    writer = Writer(recall)
    rows = [
        writer.notice(
            one.influencer.user,
            letter_of(one, holds=one.influencer_id in holding, by_bulletin=one.influencer_id in by_bulletin),
            at=at,
        )
        for one in told
    ]
    Notice.objects.bulk_create(rows)
    for one, row in zip(told, rows, strict=True):
        one.notice = row
    transaction.on_commit(wake, robust=True)  # the tick tells them if no worker can be woken


def letter_of(one: RecallNotice, *, holds: bool = False, by_bulletin: bool = False, again: bool = False) -> Letter:
    """Return what a notice's mail is like; needs its influencer, user and recall's campaign at hand."""
    user = one.influencer.user
    spoken = one.recall.campaign.language_for(user)
    return Letter(spoken, one.language, one.rank, tuple(one.platforms), holds, by_bulletin, again)


def wake() -> None:
    """Ask a worker of the urgent queue to tell what waits; what nobody took in a minute is forgotten."""
    task_queue.wake("influencers.tasks.notify_of_recalls", queue="urgent")


def send_waiting(*, at: datetime) -> bool:
    """
    Tell as many as one call tells, and ask for the next call when there are more; return whether it did. When nothing
    could be told, what is due waits for the tick.
    """
    if not sending.deliver_notices(at=at) or not Notice.objects.due(at=at).exists():
        return False
    wake()
    return True


# --- Once more -----------------------------------------------------------------------------------------


@transaction.atomic
def remind(recall: Recall, keys: Iterable[int], *, by: User, at: datetime) -> int:
    """
    Write once more to those of these notices who have not answered, each once a day at most; return how many were.

    Raise NotReminded when it was none, or when a later recall has taken the place of this one.
    """
    if recall.later().exists():
        raise NotReminded(_("Nobody was reminded: it has changed again since, and they have been notified of that."))
    held = recall.notices.select_for_update(of=("self",)).filter(
        pk__in=list(keys),
        acknowledged_at=None,
        influencer__state=Influencer.State.ACTIVE,
        influencer__user__is_active=True,
    )
    waiting = list(held.select_related("influencer__user", "recall__campaign"))
    if not waiting:
        raise NotReminded(_("Nobody was reminded: they have answered, or no longer take part."))
    people = {one.influencer.user_id for one in waiting}
    lately = (
        (Notice.objects.about(RECALL, recall.pk) | Notice.objects.about(RECALL_AGAIN, recall.pk))
        .filter(person__in=people, at__gt=at - REMIND_AGAIN_AFTER)
        .exclude(pk__in=recall.notices.exclude(notice=None).values("notice"))
    )
    told_lately = set(lately.values_list("person", flat=True))
    due = [one for one in waiting if one.influencer.user_id not in told_lately]
    if not due:
        raise NotReminded(_("Nobody was reminded: a reminder was sent less than a day ago."))
    writer = Writer(recall)
    Notice.objects.bulk_create(writer.notice(one.influencer.user, letter_of(one, again=True), at=at) for one in due)
    trail.note("recall.reminded", recall, by=by, at=at, notices=[one.pk for one in due])
    transaction.on_commit(wake, robust=True)
    return len(due)
