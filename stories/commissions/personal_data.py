"""What is kept of creators: for how long, and what of one person. What the books need stays as long as the law on bookkeeping says."""

from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import NotErased, Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DAILY, DataSubject, Ground, Rule
from campaigns.http import page_changes
from stories.models import (
    Commission,
    CommissionAgreement,
    CommissionApplication,
    CommissionDraft,
    CommissionExtension,
    CommissionFile,
    CommissionPayment,
    Creator,
)

Row = CommissionApplication.State
UNDER_WAY = (
    *(Commission.State.AGREED, Commission.State.DELIVERED),
    *(Commission.State.ACCEPTED, Commission.State.PUBLISHED),
)

# --- For how long ----------------------------------------------------------------------------------


def applications_over(at: datetime) -> QuerySet[Any]:
    """Return the applications that came to nothing, long ago."""
    before = retention.rule("commission_applications").before(at)
    ended = Q(commission__ended_at__lte=before) & ~Q(state=Row.CHOSEN)
    return CommissionApplication.objects.filter(
        ended | Q(state__in=[Row.PASSED, Row.DECLINED], answered_at__lte=before)
    )


def agreements_over(at: datetime) -> QuerySet[Any]:
    """Return the agreements that the books need no more."""
    before = retention.rule("commission_agreements").before(at)
    settled, ended = "application__commission__settled_at__lte", "application__commission__ended_at__lte"
    nothing_owed = Q(**{ended: before}, application__commission__owed=0)
    return CommissionAgreement.objects.filter(Q(**{settled: before}) | nothing_owed).exclude(content={})


def forget_agreements(at: datetime) -> int:
    """
    Forget what was agreed, said and paid in commissions that the books need no more. The work and its credit stay as long as it may be
    used.
    """
    keys = list(agreements_over(at).order_by("pk").values_list("pk", flat=True)[:100])
    commissions = list(Commission.objects.filter(applications__agreement__in=keys).values_list("pk", flat=True))
    CommissionDraft.objects.filter(commission__in=commissions).update(note="", feedback="")
    CommissionPayment.objects.filter(commission__in=commissions).delete()
    CommissionExtension.objects.filter(agreement__in=keys).update(content={})
    CommissionApplication.objects.filter(commission__in=commissions).update(sentence="", link="")
    forgotten = CommissionAgreement.objects.filter(pk__in=keys).update(content={})
    forget_files(at)
    return forgotten


def forget_files(at: datetime) -> None:
    """Delete the pictures that nobody may see any more, of commissions whose agreement is forgotten."""
    unseen = Q(draft__commission__published_at=None) | Q(draft__commission__rights_end_at__lte=at)
    files = CommissionFile.objects.filter(unseen, draft__commission__applications__agreement__content={})
    keys = dict(files.values_list("pk", "file")[:100])
    for name in keys.values():
        default_storage.delete(name)
    CommissionFile.objects.filter(pk__in=keys).delete()


RULES = (
    Rule(
        "commission_applications",
        DataSubject.INFLUENCERS,
        gettext_lazy("Your applications for paid work that came to nothing"),
        gettext_lazy("To choose somebody, and to answer you. Followers are not asked for."),
        Ground.TASK,
        gettext_lazy("Editors, approvers, liaisons and administrators."),
        gettext_lazy("%(days)s after you were told."),
        fixed=180,
        due=applications_over,
        forget=retention.deleting(applications_over),
        rests=DAILY,
    ),
    Rule(
        "commission_agreements",
        DataSubject.INFLUENCERS,
        gettext_lazy("What you agreed, delivered and were paid for commissioned work"),
        gettext_lazy("To show what was agreed and that it was paid, as the law on bookkeeping asks."),
        Ground.DUTY,
        gettext_lazy("Editors, approvers, liaisons and administrators; on a public ledger what you agreed to."),
        gettext_lazy(
            "%(days)s after the last payment. The published work and your name beside it stay as agreed, no longer than the rights."
        ),
        setting="COMMISSION_DAYS",
        due=agreements_over,
        forget=forget_agreements,
        rests=DAILY,
    ),
    Rule(
        "creators",
        DataSubject.INFLUENCERS,
        gettext_lazy("That you may do paid work, and what you call yourself there"),
        gettext_lazy("To ask you and to show you what is open."),
        Ground.TASK,
        gettext_lazy("Editors, approvers, liaisons and administrators."),
        gettext_lazy("Until you are erased."),
    ),
)

# --- Of one person ---------------------------------------------------------------------------------


def creators_of(person: Person) -> QuerySet[Creator]:
    """Return somebody as a creator, in every campaign."""
    return Creator.objects.filter(user__in=users_of(person))


def as_creator(person: Person) -> Rows:
    """Return that somebody may do paid work."""
    return data_subjects.plain(creators_of(person), "campaign__slug", "name", "added_at")


def applications(person: Person) -> Rows:
    """Return what somebody applied for, and what was agreed."""
    rows = CommissionApplication.objects.filter(creator__in=creators_of(person))
    names = ("commission__number", "commission__title", "state", "sentence", "link", "at", "answered_at")
    agreed = ("agreement__content", "agreement__credit", "agreement__in_ledger", "agreement__creator_signed_at")
    return data_subjects.plain(rows, *names, *agreed)


def extensions(person: Person) -> Rows:
    """Return what somebody was asked about longer use of their work, and what they answered."""
    rows = CommissionExtension.objects.filter(agreement__application__creator__in=creators_of(person))
    return data_subjects.plain(rows, *LONGER)


def work(person: Person) -> Rows:
    """Return what somebody delivered, with the feedback on it."""
    return data_subjects.plain(CommissionDraft.objects.filter(commission__in=done_by(person)), *WORK)


def paid(person: Person) -> Rows:
    """Return what somebody was paid."""
    rows = CommissionPayment.objects.filter(commission__in=done_by(person), taken_back_at=None)
    return [
        {**row, "amount": str(row["amount"])}
        for row in data_subjects.plain(rows, "commission__number", "amount", "currency", "reference", "paid_on")
    ]


LONGER = (
    *("agreement__application__commission__number", "content", "ends_at"),
    *("asked_at", "agreed_at", "declined_at", "withdrawn_at"),
)
WORK = ("commission__number", "number", "note", "link", "sent_at", "feedback", "feedback_at")


def done_by(person: Person) -> QuerySet[Any]:
    """Return the commissions whose work somebody does or did."""
    chosen = CommissionApplication.objects.filter(creator__in=creators_of(person), state=Row.CHOSEN)
    return chosen.values("commission")


def refuse_under_way(person: Person, by: User | None) -> None:
    """Raise NotErased while somebody works on a commission, or is to be paid for one."""
    if Commission.objects.filter(pk__in=done_by(person), state__in=UNDER_WAY).exists():
        raise NotErased(
            _("Not erased: this person does paid work that is not finished, or not paid. Cancel it, or pay it, first.")
        )


def forget_creator(person: Person, by: User | None, at: datetime) -> None:
    """
    Forget somebody as a creator: applications go, and their name beside works and on the ledger. What was agreed and paid
    stays as long as the books need it.
    """
    rows = CommissionApplication.objects.filter(creator__in=creators_of(person))
    rows.exclude(state=Row.CHOSEN).delete()
    rows.update(sentence="", link="")
    CommissionDraft.objects.filter(commission__in=done_by(person)).update(note="")
    CommissionAgreement.objects.filter(application__in=rows).update(credit="", in_ledger=False)
    unanswered = CommissionExtension.objects.filter(agreed_at=None, declined_at=None, withdrawn_at=None)
    unanswered.filter(agreement__application__in=rows).update(withdrawn_at=at)
    creators = creators_of(person)
    if creators.update(name=""):
        page_changes.note_retraction()
    creators.exclude(applications__isnull=False).delete()


PARTS = (
    Part("creators", gettext_lazy("May do paid work"), as_creator, forget_creator, refuse=refuse_under_way),
    Part("commission_applications", gettext_lazy("Applications and agreements for paid work"), applications),
    Part("commission_extensions", gettext_lazy("Longer use of your work"), extensions),
    Part("commission_work", gettext_lazy("Drafts of paid work"), work),
    Part("commission_payments", gettext_lazy("Payments"), paid),
)
