"""What influencers are told, and the team of them (notifications.notice_kinds)."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from delivery.models import Wanted
from factcheck.models import Claim
from notifications.notice_kinds import Kind, Matter
from questions.notices import QuestionNoticeKind

from .models import Post, Recall, SeenRequest, Thread


class ClaimNoticeKind(Kind):
    """A kind about claims; it leads staff to the desk, and everyone else to the kit."""

    model = Claim

    def named(self, subject: Claim) -> str:
        """Return what is claimed."""
        return str(subject)

    def page(self, subject: Claim, person: User | None) -> str:
        """Return its page for a person."""
        if person and not person.is_staff:
            return reverse("influencers:kit", args=[subject.slug])
        return reverse("admin:factcheck_claim_change", args=[subject.pk])


class ThreadNoticeKind(Kind):
    """A kind about conversations; it leads to the desk."""

    model = Thread
    related = ("influencer",)

    def details(self, subject: Thread) -> str:
        """Return with whom it is, which no locked screen shows."""
        return _("With: %(name)s") % {"name": subject.influencer.name}

    def page(self, subject: Thread, person: User | None) -> str:
        """Return its page at the desk."""
        return reverse("admin:influencers_thread_change", args=[subject.pk])


class PostNoticeKind(Kind):
    """A kind about posts; it leads the poster to the portal, and staff to the desk."""

    model = Post

    def page(self, subject: Post, person: User | None) -> str:
        """Return its page for a person."""
        if person and person.is_staff:
            return reverse("admin:influencers_post_change", args=[subject.pk])
        return reverse("influencers:post", args=[subject.pk])


class RecallNoticeKind(Kind):
    """A kind about recalls, which say themselves how long they are kept."""

    model = Recall


class SeenNoticeKind(Kind):
    """A kind about urgent bulletins that ask to be seen; it leads to the desk, where calls are made."""

    model = SeenRequest

    def urgency(self, subject: SeenRequest) -> str:
        """Return that it is: only urgent bulletins ask to be seen."""
        return "urgent"

    def page(self, subject: SeenRequest, person: User | None) -> str:
        """Return its page at the desk."""
        return reverse("admin:influencers_seenrequest_change", args=[subject.pk])


VERDICT_PROPOSED = ClaimNoticeKind("verdict_proposed", gettext_noop("A verdict needs a second person"))
CLAIM_CHANGED = ClaimNoticeKind("claim_changed", matter=Matter.NEWS)
REPORT_CHECKED = ClaimNoticeKind(
    "report_checked",
    gettext_noop("A claim that you reported has been checked"),
    matter=Matter.NEWS,
    wants=Wanted.ANSWERS,
    listed_at="influencers:reports",
)
QUESTION_SETTLED = QuestionNoticeKind(
    "question_settled", matter=Matter.NEWS, wants=Wanted.ANSWERS, listed_at="influencers:questions"
)
CONVERSATION_ASSIGNED = ThreadNoticeKind("conversation_given", gettext_noop("A conversation is assigned to you"))
RECALL = RecallNoticeKind("recall", has_own_rule=True)
RECALL_AGAIN = RecallNoticeKind("recall_again", has_own_rule=True, wants=Wanted.REMINDERS)
LABEL_MISSING = PostNoticeKind(
    "label_missing", gettext_noop("A post about paid work does not say that it is paid"), wants=Wanted.REMINDERS
)
WAITING = Kind("waiting", on_screens=gettext_noop("An influencer is waiting for a reply"))
QUIET = Kind("quiet", on_screens=gettext_noop("An influencer has not heard from us for a while"))
HARASSMENT = Kind(
    "harassment", comes_first=True, on_screens=gettext_noop("An influencer is being harassed and needs your help now")
)
THANKS = Kind("thanks", matter=Matter.NEWS)
ADDRESS_TAKEN = Kind("address_taken", matter=Matter.NEWS)
CALLS_OPEN = SeenNoticeKind("calls_open", comes_first=True)

KINDS = (
    *(VERDICT_PROPOSED, CLAIM_CHANGED, REPORT_CHECKED, QUESTION_SETTLED),
    CONVERSATION_ASSIGNED,
    LABEL_MISSING,
    *(RECALL, RECALL_AGAIN, WAITING, QUIET, HARASSMENT, THANKS, ADDRESS_TAKEN, CALLS_OPEN),
)
