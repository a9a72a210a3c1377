"""What people are told of message inputs and bulletins (notifications.notice_kinds)."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from delivery.models import Room
from factcheck.models import Claim
from notifications.notice_kinds import Kind, Matter

from .models import AuthorityAccount, AuthorityPost, Bulletin, Handover, MessageInput


def asked_at(bulletin: Bulletin) -> datetime:
    """Return when it was submitted: the moment from which a message counts."""
    return bulletin.submitted_at or bulletin.created_at


class InputNoticeKind(Kind):
    """A kind about message inputs; it leads to the desk."""

    model = MessageInput
    related = ("authority",)

    def values(self, subject: MessageInput, version: int | None = None) -> dict[str, Any]:
        """Return its reference, who sent it, and how urgent it is."""
        return {
            "reference": subject.reference,
            "authority": subject.authority,
            "urgency": subject.get_urgency_display(),
        }

    def embargo_until(self, subject: MessageInput) -> datetime | None:
        """Return when its embargo ends."""
        return subject.embargo_until

    def named(self, subject: MessageInput) -> str:
        """Return its title."""
        return subject.title

    def quoted(self, subject: MessageInput) -> str:
        """Return its title."""
        return _("Title: %(title)s") % {"title": subject.title}

    def page(self, subject: MessageInput, person: User | None) -> str:
        """Return its page at the desk."""
        return reverse("admin:bulletins_messageinput_change", args=[subject.pk])

    def urgency(self, subject: MessageInput) -> str:
        """Return how urgent it is."""
        return subject.urgency


class ToContributors(InputNoticeKind):
    """A kind that asks whoever gave an input; a notice without a person goes to the address that it names for questions."""

    def lead_in(self) -> str:
        """Say that the answer is awaited."""
        return _("Log in and answer here. The submission waits until you do:")

    def page(self, subject: MessageInput, person: User | None) -> str:
        """Return its page for contributors."""
        return reverse("intake:input", args=[subject.pk])

    def contact(self, subject: MessageInput) -> str:
        """Return the address that it names for questions."""
        return subject.contact


class BulletinNoticeKind(Kind):
    """A kind about bulletins; it leads to the desk."""

    model = Bulletin
    named_by = ("editions",)

    def embargo_until(self, subject: Bulletin) -> datetime | None:
        """Return when its embargo ends."""
        return subject.embargo_until

    def named(self, subject: Bulletin) -> str:
        """Return its title."""
        return subject.title()

    def values(self, subject: Bulletin, version: int | None = None) -> dict[str, Any]:
        """Return its number and the version that was meant, which another may have followed; and how urgent it is."""
        return {"bulletin": subject.named(version), "urgency": subject.get_urgency_display()}

    def version_of(self, subject: Bulletin) -> int:
        """Return the version in the making."""
        return subject.version

    def page(self, subject: Bulletin, person: User | None) -> str:
        """Return its page at the desk."""
        return reverse("admin:bulletins_bulletin_change", args=[subject.pk])

    def urgency(self, subject: Bulletin) -> str:
        """Return how urgent it is."""
        return subject.urgency


class ClaimNoticeKind(Kind):
    """A kind about claims; it leads to the desk."""

    model = Claim

    def named(self, subject: Claim) -> str:
        """Return what is claimed."""
        return str(subject)

    def page(self, subject: Claim, person: User | None) -> str:
        """Return its page at the desk."""
        return reverse("admin:factcheck_claim_change", args=[subject.pk])


class HandoverNoticeKind(Kind):
    """A kind about shifts that were handed over; it leads to Today, where the note is."""

    model = Handover
    related = ("given_by",)

    def values(self, subject: Handover, version: int | None = None) -> dict[str, Any]:
        """Return who handed it over."""
        return {"who": subject.given_by}

    def page(self, subject: Handover, person: User | None) -> str:
        """Return Today."""
        return reverse("admin:index")


class AuthorityPostNoticeKind(Kind):
    """A kind about posts of the authority; it leads to the desk."""

    model = AuthorityPost
    related = ("account__campaign", "version__bulletin")

    def values(self, subject: AuthorityPost, version: int | None = None) -> dict[str, Any]:
        """Return the account, and the bulletin that it is about."""
        return {"account": str(subject.account), "bulletin": subject.version.bulletin.number}

    def page(self, subject: AuthorityPost, person: User | None) -> str:
        """Return its page at the desk."""
        return reverse("admin:bulletins_authoritypost_change", args=[subject.pk])


class AuthorityAccountNoticeKind(Kind):
    """A kind about accounts of the authority; it leads to the desk."""

    model = AuthorityAccount
    related = ("campaign",)

    def values(self, subject: AuthorityAccount, version: int | None = None) -> dict[str, Any]:
        """Return the account."""
        return {"account": str(subject)}

    def page(self, subject: AuthorityAccount, person: User | None) -> str:
        """Return its page at the desk."""
        return reverse("admin:bulletins_authorityaccount_change", args=[subject.pk])


class RoomNoticeKind(Kind):
    """A kind about chat rooms of newsrooms and partner organisations; it leads to the desk."""

    model = Room

    def values(self, subject: Room, version: int | None = None) -> dict[str, Any]:
        """Return whose room it is."""
        return {"organisation": subject.organisation}

    def page(self, subject: Room, person: User | None) -> str:
        """Return its page at the desk."""
        return reverse("admin:delivery_room_change", args=[subject.pk])


INPUT_ARRIVED = InputNoticeKind(
    "input_arrived", gettext_noop("Submission %(reference)s has arrived from %(authority)s (%(urgency)s)")
)
QUESTION_ASKED = ToContributors(
    "question_asked", gettext_noop("An editor has a question about submission %(reference)s")
)
QUESTION_ANSWERED = InputNoticeKind(
    "question_answered", gettext_noop("The question about submission %(reference)s has been answered")
)
SENT_BACK = BulletinNoticeKind("sent_back", gettext_noop("Bulletin %(bulletin)s was sent back"))
APPROVED = BulletinNoticeKind("approved", gettext_noop("Bulletin %(bulletin)s has been approved"), matter=Matter.NEWS)
NOT_PUBLISHED = BulletinNoticeKind(
    "not_published", gettext_noop("Bulletin %(bulletin)s was due and could not be published"), matter=Matter.BROKEN
)
LATE_EDITION_WANTED = BulletinNoticeKind(
    "late_edition_wanted", gettext_noop("Bulletin %(bulletin)s: one more language needs your approval")
)
NEXT_WORD_LATE = BulletinNoticeKind(
    "next_word_late", gettext_noop("Bulletin %(bulletin)s promised more by now, and nothing has come")
)
INPUT_ASSIGNED = InputNoticeKind(
    "input_assigned",
    gettext_noop("Submission %(reference)s from %(authority)s is assigned to you (%(urgency)s)"),
    text_is_ours=True,
)
BULLETIN_ASSIGNED = BulletinNoticeKind(
    "bulletin_assigned", gettext_noop("Bulletin %(bulletin)s is assigned to you"), text_is_ours=True
)
MENTIONED = BulletinNoticeKind(
    "comment_mention", gettext_noop("Bulletin %(bulletin)s: you are mentioned in a comment"), text_is_ours=True
)
COMMENT_ANSWERED = BulletinNoticeKind(
    "comment_answered",
    gettext_noop("Bulletin %(bulletin)s: your comment has a reply"),
    matter=Matter.NEWS,
    text_is_ours=True,
)
CLAIM_ASSIGNED = ClaimNoticeKind("claim_assigned", gettext_noop("A claim is assigned to you"))
ROOM_GONE = RoomNoticeKind(
    "room_gone", gettext_noop("The chat room of %(organisation)s is gone: nothing reaches it any more")
)
SHIFT_HANDED_OVER = HandoverNoticeKind("shift_handed_over", gettext_noop("%(who)s has handed a shift over to you"))
POST_STOPPED = AuthorityPostNoticeKind(
    "post_stopped", gettext_noop("Bulletin %(bulletin)s: a post by %(account)s has stopped and needs you")
)
ACCOUNT_REFUSED = AuthorityAccountNoticeKind(
    "account_refused", gettext_noop("%(account)s was refused: nothing is posted by it until somebody corrects it")
)

KINDS = (
    *(POST_STOPPED, ACCOUNT_REFUSED),
    *(INPUT_ASSIGNED, BULLETIN_ASSIGNED, CLAIM_ASSIGNED, SHIFT_HANDED_OVER),
    *(MENTIONED, COMMENT_ANSWERED),
    *(INPUT_ARRIVED, QUESTION_ASKED, QUESTION_ANSWERED),
    *(SENT_BACK, APPROVED, NOT_PUBLISHED, LATE_EDITION_WANTED, NEXT_WORD_LATE),
    ROOM_GONE,
)
