"""What staff and contributors are told at once, by mail and by the notification hook. The row is the queue."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from bulletins.models import Bulletin, MessageInput
from campaigns.models import Campaign
from factcheck.models import Claim
from questions.models import QuestionGroup


class Notice(Nameless, models.Model):
    """
    One thing to tell one person (`person`), or the notification hook (`person` empty). Told at least once. A question
    is never told to the hook: without a person it goes to the address that the input names for questions.

    `path` is the page of ours that it leads to, where it is not the page of what it is about; the first line of `text` is
    the subject of the kinds that bring their own words.

    `attempts` counts tries, the next one is at `next_attempt_at`; `told_at` ends it, `given_up_at` too.
    """

    class Kind(models.TextChoices):
        INPUT_ARRIVED = "input_arrived", _("a submission has arrived")
        QUESTION_ASKED = "question_asked", _("an editor asks about a submission")
        QUESTION_ANSWERED = "question_answered", _("a question about a submission is answered")
        APPROVAL_WANTED = "approval_wanted", _("a bulletin needs approval")
        SIGN_OFF_WANTED = "sign_off_wanted", _("a bulletin needs fact-check sign-off")
        SENT_BACK = "sent_back", _("a bulletin was sent back")
        APPROVED = "approved", _("a bulletin has been approved")
        NOT_PUBLISHED = "not_published", _("a bulletin was due and could not be published")
        VERDICT_PROPOSED = "verdict_proposed", _("a verdict needs a second person")
        CLAIM_CHANGED = "claim_changed", _("a fact-check that was used has changed")
        REPORT_CHECKED = "report_checked", _("a reported claim has been checked")
        QUESTION_WAITS = "question_waits", _("a question is waiting for an authority")
        ANSWER_WANTED = "answer_wanted", _("an answer needs approval")
        ANSWER_SENT_BACK = "answer_sent_back", _("an answer was sent back")
        QUESTION_SETTLED = "question_settled", _("a question that was passed on has been answered")
        RECALL = "recall", _("something that was read or shared has changed")
        WAITING = "waiting", _("an influencer is waiting for a reply")
        QUIET = "quiet", _("an influencer has not heard from us")
        HARASSMENT = "harassment", _("an influencer is being harassed")
        THANKS = "thanks", _("thanks")
        GATHERED = "gathered", _("bulletins gathered for one person")
        TAMPERED = "tampered", _("the audit log check failed")

    kind = models.CharField(_("what"), max_length=20, choices=Kind)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="notices", verbose_name=_("campaign"))
    input = models.ForeignKey(
        MessageInput, models.CASCADE, null=True, blank=True, related_name="notices", verbose_name=_("submission")
    )
    bulletin = models.ForeignKey(
        Bulletin, models.CASCADE, null=True, blank=True, related_name="notices", verbose_name=_("bulletin")
    )
    claim = models.ForeignKey(
        Claim, models.CASCADE, null=True, blank=True, related_name="notices", verbose_name=_("claim")
    )
    group = models.ForeignKey(
        QuestionGroup, models.CASCADE, null=True, blank=True, related_name="notices", verbose_name=_("question group")
    )
    path = models.CharField(_("page"), max_length=200, blank=True)
    person = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("person"))
    text = models.TextField(_("words"), blank=True)
    at = models.DateTimeField(_("at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="notice_to_tell",
                condition=models.Q(told_at=None, given_up_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.person or 'hook'}"
