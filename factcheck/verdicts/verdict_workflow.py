"""
The way of a claim: open → in review → verdict proposed → confirmed by a second person → published; then corrected,
paused or withdrawn. Every step is a row of its history, and refused in words when it is not its turn.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from accounts import rate_limit
from accounts.access import independence, two_administrators
from accounts.audit import trail
from accounts.models import User
from agreement import kinds as agreement_kinds
from agreement import steps as agreement_steps
from campaigns import custom_texts
from campaigns.cards import check_codes
from campaigns.http import page_changes
from campaigns.models import CustomText
from campaigns.translated_fields import in_language
from factcheck.models import RESERVED, Claim, ClaimStep, ClaimVersion, NotConfirmable

from . import verdict_checks

Status, Kind = Claim.Status, ClaimStep.Kind
NAMED = 5  # findings that a refusal names
UNNAMED = "report-"  # what short names begin with until a fact has given one
LONGEST_NAME = 48
WITHDRAWN = gettext_noop("We no longer stand by this verdict.")


class VerdictAgreement(agreement_kinds.Kind[Claim]):
    """
    Verdicts: who proposed one, or wrote on its words or sources since it was last published, does not confirm it. Its digest is public
    and stays as it is spelled (Claim.content_digest). Who reported a claim quoted it, and wrote nothing of the fact-check.
    """

    name = "fact_check"
    covers = ("fact-check",)
    model = Claim
    agree_permission = "factcheck.change_claim"
    columns = agreement_kinds.Columns(
        state="status",
        edited_by="proposed_by",
        edited_at="",
        digest_version="",
        agreed_by="confirmed_by",
        agreed_at="",
        remark="",
    )
    draft, waiting, agreed = Status.IN_REVIEW, Status.PROPOSED, Status.CONFIRMED
    verbs: ClassVar = {"agreed": "claim.confirmed"}
    refusals: ClassVar = agreement_kinds.Kind.refusals | {"agreed": gettext_lazy("Not confirmed.")}

    def content_of(self, row: Claim) -> dict[str, Any]:
        """Return all that a verdict is about; five queries at most."""
        return row.content()

    def digest_of(self, row: Claim) -> str:
        """Return its public digest."""
        return row.content_digest()

    def may_agree(self, row: Claim, by: User) -> bool:
        """Return whether somebody checks facts or approves; the page of a claim is for those who check facts."""
        return super().may_agree(row, by) or two_administrators.is_second_approver(by)

    def agreed_rows(self) -> QuerySet[Claim]:
        """Return the verdicts that are confirmed and yet to be published; what was published is frozen in a version."""
        return Claim.objects.filter(status=Status.CONFIRMED)

    def noted(self, row: Claim) -> dict[str, Any]:
        """Return the verdict."""
        return {"verdict": row.verdict}

    def on_agreed(self, row: Claim, *, by: User, at: datetime) -> None:
        """Date it, and write it into its history."""
        row.checked_on = row.campaign.local(at).date()
        note(row, Kind.CONFIRMED, by=by, at=at)


VERDICT = agreement_kinds.register(VerdictAgreement())


@transaction.atomic
def start_check(claim: Claim, *, by: User, at: datetime) -> None:
    """Begin to check an open claim, or one that was set aside; nobody's becomes the checker's. Raise NotConfirmable for any other."""
    held = Claim.objects.select_for_update().get(pk=claim.pk)
    if held.status not in {Status.OPEN, Status.SET_ASIDE}:
        raise NotConfirmable(_reopen_refusal(held))
    change(held, status=Status.IN_REVIEW, taken_by=held.taken_by or by)
    note(held, Kind.TAKEN_UP, by=by, at=at)
    claim.refresh_from_db()


@transaction.atomic
def propose(claim: Claim, verdict: str, *, by: User, at: datetime) -> None:
    """
    Propose a verdict (one of Claim.Verdict) over exactly what the claim says and rests on now.

    Raise NotConfirmable when it is not under review, or when something stands in the way.
    """
    if verdict not in Claim.Verdict.values:
        raise NotConfirmable(_("Not proposed: choose a verdict first."))
    held = lock_claim(
        claim,
        (Status.OPEN, Status.IN_REVIEW, Status.PROPOSED),
        _("Not proposed: this claim is not under review. Nothing changed."),
    )
    held.verdict = verdict
    if found := verdict_checks.stops(held, at=at):
        says = ngettext(
            "Not proposed: one thing prevents it. %(what)s",
            "Not proposed: %(count)d things prevent it. %(what)s",
            len(found),
        )
        what = " ".join(str(one) for one in found[:NAMED]) + (" …" if len(found) > NAMED else "")
        raise NotConfirmable(says % {"count": len(found), "what": what})
    if held.slug.startswith(UNNAMED):
        rate_limit.one_at_a_time(f"names of fact-checks {held.campaign_id}")
        change(held, slug=named_by_fact(held))
    digest = held.content_digest()
    change(held, status=Status.PROPOSED, verdict=verdict, digest=digest, proposed_by=by, confirmed_by=None)
    note(held, Kind.PROPOSED, by=by, at=at)
    trail.note("claim.proposed", held, by=by, at=at, digest=digest, verdict=verdict)
    claim.refresh_from_db()


@transaction.atomic
def confirm(claim: Claim, *, digest: str, by: User, at: datetime) -> None:
    """Confirm, as a second person, the verdict over exactly the content whose digest `by` has read. Raise Refused."""
    agreement_steps.agree(VERDICT, claim, seen=digest, by=by, at=at)
    claim.refresh_from_db()


def note_writer(claim: Claim, *, by: User) -> None:
    """Write down that somebody has written on a claim, its words or its sources: they do not confirm its verdict. In a transaction."""
    held = Claim.objects.select_for_update().get(pk=claim.pk)
    if by.pk not in held.writers:
        change(held, writers=sorted({*held.writers, by.pk}))


@transaction.atomic
def send_back(claim: Claim, *, reason: str, by: User, at: datetime) -> None:
    """Send a proposed or confirmed verdict back with a reason. Raise NotConfirmable without one."""
    held = lock_claim(claim, (Status.PROPOSED, Status.CONFIRMED), _("Not sent back: no verdict is proposed."))
    require(reason, _("Not sent back: give a reason, so that your colleague knows what to correct."))
    change(held, status=Status.IN_REVIEW, digest="", proposed_by=None, confirmed_by=None)
    note(held, Kind.SENT_BACK, by=by, at=at, reason=reason)
    trail.note("claim.sent_back", held, by=by, at=at)
    claim.refresh_from_db()


@transaction.atomic
def void_if_changed(claim: Claim, *, by: User | None, at: datetime) -> bool:
    """
    After an edit: take a proposed or confirmed verdict back if it is no longer about what stands there. Return whether
    so.
    """
    held = Claim.objects.select_for_update().get(pk=claim.pk)
    if held.status not in {Status.PROPOSED, Status.CONFIRMED} or held.content_digest() == held.digest:
        return False
    change(held, status=Status.IN_REVIEW, digest="", proposed_by=None, confirmed_by=None)
    note(held, Kind.VOIDED, by=by, at=at)
    trail.note("claim.voided", held, by=by, at=at)
    claim.refresh_from_db()
    return True


@transaction.atomic
def withdraw_outdated(*, by: User, at: datetime) -> int:
    """Take back the verdicts that print something else by now than was proposed; return how many there were."""
    waiting = Claim.objects.filter(status__in=[Status.PROPOSED, Status.CONFIRMED]).order_by("pk")
    return sum(void_if_changed(claim, by=by, at=at) for claim in waiting)


@transaction.atomic
def publish(claim: Claim, *, by: User, at: datetime) -> ClaimVersion:
    """
    Freeze what two people agreed on and show it to everyone. Over an earlier version it is a correction, and whoever
    used that is told, but for one that only adds a language. Raise NotConfirmable when it is not confirmed, or has changed since.
    """
    held = Claim.objects.select_for_update().get(pk=claim.pk)
    if held.status == Status.PUBLISHED:
        raise NotConfirmable(_("Not published again: it is already public. Nothing changed."))
    if held.status != Status.CONFIRMED:
        raise NotConfirmable(_("Not published: the verdict has not been confirmed by a second person."))
    if held.content_digest() != held.digest:
        raise NotConfirmable(
            _("Not published: something has changed since the verdict was confirmed. Propose it again.")
        )
    adds = verdict_checks.adds_language(held)
    version = freeze(held, at=at, adds_language=adds)
    said = [version.statement_in(language) for language in version.fact]
    check_codes.give(held.campaign, check_codes.Kind.FACT, held.pk, said, at=at)
    before = held.current_version.verdict if held.current_version else ""
    change(held, status=Status.PUBLISHED, current_version=version, paused_at=None, paused_by=None, adds_language=False)
    custom_texts.drop(waiting_custom_text(held), by=by, at=at)
    is_correction = version.kind == ClaimVersion.Kind.CORRECTION and not adds
    kind = Kind.CORRECTED if is_correction else Kind.PUBLISHED
    if kind == Kind.CORRECTED:
        page_changes.note_retraction()
    else:
        page_changes.changed()
    told = {} if adds else version.what_changed
    step = note(held, kind, by=by, at=at, before=before, version=version, reader_text=told)
    if adds:
        ClaimStep.objects.filter(pk=step.pk).update(passed_on_at=at)  # nobody is told anew
    trail.note("claim.published", held, by=by, at=at, digest=held.digest, verdict=held.verdict, version=version.number)
    claim.refresh_from_db()
    return version


@transaction.atomic
def pause(claim: Claim, *, reason: str = "", by: User, at: datetime) -> None:
    """
    Take a published verdict back for the time being, at once and by one person: its page says so in a sentence of ours,
    kits and feeds leave it out. Custom text may follow (`propose_custom_text`). Raise NotConfirmable when nothing stands.
    """
    held = Claim.objects.select_for_update().get(pk=claim.pk)
    if held.status == Status.WITHDRAWN:
        raise NotConfirmable(_("Not paused: it was withdrawn permanently. Nothing changed."))
    if held.paused_at:
        raise NotConfirmable(_("Not paused: it is already paused. Nothing changed."))
    if held.current_version is None:
        raise NotConfirmable(_("Not paused: it is not published. Nothing changed."))
    status = Status.PAUSED if held.status == Status.PUBLISHED else held.status
    change(held, status=status, paused_at=at, paused_by=by)
    before = held.current_version.verdict
    note(held, Kind.PAUSED, by=by, at=at, reason=reason, before=before, version=held.current_version)
    page_changes.note_retraction()
    trail.note("claim.paused", held, by=by, at=at)
    claim.refresh_from_db()


@transaction.atomic
def propose_custom_text(claim: Claim, words: Mapping[str, str], *, by: User, at: datetime) -> CustomText:
    """
    Write words for the readers of a paused verdict, {language: text}: they are shown, or go with its withdrawal, once
    someone else has agreed to them. Raise NotConfirmable when it is not paused, and Refused.
    """
    held = _lock_paused(claim, _("Not saved: text for readers can only be added to a paused fact-check."))
    return custom_texts.propose(held.campaign, custom_texts.Purpose.CLAIM_ENDED, held.pk, words, by=by, at=at)


@transaction.atomic
def approve_custom_text(claim: Claim, *, digest: str, by: User, at: datetime) -> None:
    """
    Show the words that wait on the page of a paused verdict: someone else than who wrote them has read exactly these.
    Raise NotConfirmable when it is not paused, and Refused.
    """
    held = _lock_paused(claim, _("Not approved: this fact-check is no longer paused. Nothing changed."))
    agreed = custom_texts.approve(waiting_custom_text(held), digest=digest, by=by, at=at)
    last = held.steps.filter(kind=Kind.PAUSED).order_by("-at", "-pk").values("pk")[:1]
    ClaimStep.objects.filter(pk__in=list(last.values_list("pk", flat=True))).update(reader_text=agreed.words)
    page_changes.note_retraction()


def waiting_custom_text(claim: Claim) -> CustomText | None:
    """Return the words for readers of a claim that wait for a second person; one query."""
    return custom_texts.waiting(custom_texts.Purpose.CLAIM_ENDED, claim.pk)


def _lock_paused(claim: Claim, refusal: str) -> Claim:
    """Return the claim's row, locked. Raise NotConfirmable unless what readers find is that it is paused."""
    held = Claim.objects.select_for_update().get(pk=claim.pk)
    if held.paused_at is None or held.status == Status.WITHDRAWN:
        raise NotConfirmable(refusal)
    return held


@transaction.atomic
def resume(claim: Claim, *, reason: str = "", by: User, at: datetime) -> None:
    """Show a paused verdict again, unchanged. Raise NotConfirmable when it is not paused or is being changed."""
    held = lock_claim(claim, (Status.PAUSED,), _("Not restored: it is not paused, or it is being changed."))
    change(held, status=Status.PUBLISHED, paused_at=None, paused_by=None)
    custom_texts.drop(waiting_custom_text(held), by=by, at=at)
    assert held.current_version
    note(
        held,
        Kind.RESUMED,
        by=by,
        at=at,
        reason=reason,
        before=held.current_version.verdict,
        version=held.current_version,
    )
    page_changes.changed()
    trail.note("claim.resumed", held, by=by, at=at)
    claim.refresh_from_db()


@transaction.atomic
def reopen(claim: Claim, *, reason: str, by: User, at: datetime) -> None:
    """
    Take a published or paused verdict up again, also one that was opened for a language. What stands stays readable, with a note
    that it is being checked again, until a new verdict is published. Raise NotConfirmable without a reason.
    """
    held = lock_claim(
        claim,
        (Status.PUBLISHED, Status.PAUSED, Status.IN_REVIEW),
        _("Not reopened: there is no settled verdict. Nothing changed."),
    )
    if held.status == Status.IN_REVIEW and not held.adds_language:
        raise NotConfirmable(_("Not reopened: there is no settled verdict. Nothing changed."))
    require(reason, _("Not reopened: give a reason, for the history."))
    _open(held, adds_language=False)
    note(held, Kind.REOPENED, by=by, at=at, reason=reason)
    page_changes.changed()
    trail.note("claim.reopened", held, by=by, at=at)
    claim.refresh_from_db()


@transaction.atomic
def add_language(claim: Claim, *, by: User, at: datetime) -> None:
    """
    Open a published verdict to put it into a language that it did not wait for. Readers see no note, and nobody is told when it is
    published: what it says is the same. Raise NotConfirmable when it is in every language.
    """
    held = lock_claim(claim, (Status.PUBLISHED,), _("Not opened: it is not published. Nothing changed."))
    if not verdict_checks.coming_later(held):
        raise NotConfirmable(_("Not opened: it is in every language of the campaign. Nothing changed."))
    _open(held, adds_language=True)
    note(held, Kind.REOPENED, by=by, at=at, reason=_("For a further language"))
    trail.note("claim.reopened", held, by=by, at=at, adds_language=True)
    claim.refresh_from_db()


def _open(held: Claim, *, adds_language: bool) -> None:
    """Let a claim's working copy be written on."""
    change(
        held,
        status=Status.IN_REVIEW,
        digest="",
        proposed_by=None,
        confirmed_by=None,
        what_changed={},
        writers=[],
        adds_language=adds_language,
    )


@transaction.atomic
def withdraw(claim: Claim, *, digest: str = "", reason: str = "", by: User, at: datetime) -> ClaimVersion:
    """
    Withdraw for good a verdict that someone else has paused. Readers find a sentence of ours, or the words that wait,
    by the fingerprint `digest` of those that `by` has read.

    Raise NotConfirmable when it is not paused, and for whoever paused it; Refused for words that `by`
    wrote, or that are not those that they read.
    """
    held = Claim.objects.select_for_update().get(pk=claim.pk)
    if held.current_version is None or held.paused_at is None or held.status == Status.WITHDRAWN:
        raise NotConfirmable(_("Not withdrawn: pause it first, then a second person can withdraw it."))
    if held.paused_by_id == by.pk:
        raise NotConfirmable(_("Not withdrawn: the person who paused a verdict cannot withdraw it. Ask a colleague."))
    if held.paused_by_id and (why := independence.why_not(by, {held.paused_by_id}, at=at)):
        raise NotConfirmable(" ".join([_("Not withdrawn."), why]))
    words = waiting_custom_text(held)
    if digest:
        told = custom_texts.approve(words, digest=digest, by=by, at=at).words
    else:
        custom_texts.drop(words, by=by, at=at)
        told = custom_texts.fixed(held.campaign, WITHDRAWN)
    version = ClaimVersion.objects.create(
        claim=held,
        number=held.current_version.number + 1,
        kind=ClaimVersion.Kind.WITHDRAWAL,
        published_at=at,
        proposed_by=held.paused_by,
        confirmed_by=by,
        **{name: getattr(held.current_version, name) for name in frozen_names() if name != "what_changed"},
        what_changed=told,
        evidence=held.current_version.evidence,
        printed=held.current_version.printed,
        sha256=held.current_version.sha256,
    )
    before = held.current_version.verdict
    change(held, status=Status.WITHDRAWN, current_version=version)
    note(held, Kind.WITHDRAWN, by=by, at=at, reason=reason, reader_text=told, before=before, version=version)
    page_changes.note_retraction()
    trail.note("claim.withdrawn", held, by=by, at=at, version=version.number)
    claim.refresh_from_db()
    return version


@transaction.atomic
def set_aside(claim: Claim, *, reason: str, by: User, at: datetime) -> None:
    """Leave a claim that was never published unchecked, with a reason. Raise NotConfirmable otherwise."""
    held = lock_claim(
        claim,
        (Status.OPEN, Status.IN_REVIEW, Status.PROPOSED, Status.CONFIRMED),
        _("Not set aside: it is not under review."),
    )
    if held.current_version:
        raise NotConfirmable(_("Not set aside: a verdict on it is public. Pause or withdraw that."))
    require(reason, _("Not set aside: give a reason, for the next person who meets this claim."))
    change(held, status=Status.SET_ASIDE, digest="", proposed_by=None, confirmed_by=None)
    note(held, Kind.SET_ASIDE, by=by, at=at, reason=reason)
    trail.note("claim.set_aside", held, by=by, at=at)
    claim.refresh_from_db()


# --- Parts -----------------------------------------------------------------------------------------


def lock_claim(claim: Claim, among: Iterable[str], refusal: str) -> Claim:
    """Return the claim's row, locked until the end of the transaction. Raise NotConfirmable in another status."""
    held = Claim.objects.select_for_update().get(pk=claim.pk)
    if held.status not in set(among):
        raise NotConfirmable(refusal)
    return held


def require(text: str, refusal: str) -> None:
    """Raise NotConfirmable when there are no words."""
    if not text.strip():
        raise NotConfirmable(refusal)


def _reopen_refusal(held: Claim) -> str:
    """Return why a claim that is neither open nor set aside cannot be taken up."""
    if held.status == Status.MERGED:
        return _("Not started: it is the same as another claim. Check that one, or mark them as different.")
    if held.status == Status.WITHDRAWN:
        return _(
            "Not started: its verdict was withdrawn permanently. Report the claim again if it is still circulating."
        )
    if held.status in {Status.PUBLISHED, Status.PAUSED}:
        return _("Not started: its verdict is public. To check it again, reopen it with a reason.")
    return _("Not started: someone is already checking it.")


def change(held: Claim, **fields: Any) -> None:
    """Store these fields of a locked row."""
    for name, value in fields.items():
        setattr(held, name, value)
    held.save(update_fields=list(fields))


def note(held: Claim, kind: str, *, by: User | None, at: datetime, **about: Any) -> ClaimStep:
    """Write a step into the claim's history. News waits to be passed on; the rest of the steps are only history."""
    verdict = held.verdict if kind not in {Kind.PAUSED, Kind.WITHDRAWN} else ""
    waits = kind in {*ClaimStep.NEWS, Kind.PROPOSED, Kind.PUBLISHED, Kind.MERGED}
    return ClaimStep.objects.create(
        claim=held, kind=kind, by=by, at=at, verdict=verdict, passed_on_at=None if waits else at, **about
    )


def named_by_fact(held: Claim) -> str:
    """
    Return a short name made of the fact, in English where there is one, that no other claim has, of any campaign: the address is
    read before the page is.
    """
    start = slugify(in_language(held.fact, "en"))[:LONGEST_NAME].rpartition("-")
    first = name = (start[0] or start[2]).strip("-") or "fact"
    taken = set(Claim.objects.filter(slug__startswith=first).values_list("slug", flat=True))
    number = 2
    while name in taken | RESERVED:
        name, number = f"{first}-{number}", number + 1
    return name


def frozen_names() -> list[str]:
    """Return the names of the fields that a version takes from its claim."""
    return [*Claim.TEXTS, "verdict", "checked_on", "check_again_by", "valid_until"]


def freeze(held: Claim, *, at: datetime, adds_language: bool = False) -> ClaimVersion:
    """Store the next version of a claim whose verdict two people agreed on."""
    content, before = held.content(), held.current_version
    words = {name: getattr(held, name) for name in frozen_names()}
    kind = ClaimVersion.Kind.CORRECTION if before else ClaimVersion.Kind.ORIGINAL
    if before and adds_language:
        kind, words["what_changed"] = ClaimVersion.Kind(before.kind), before.what_changed
    return ClaimVersion.objects.create(
        claim=held,
        number=held.next_version,
        kind=kind,
        adds_language=adds_language,
        published_at=at,
        proposed_by=held.proposed_by,
        confirmed_by=held.confirmed_by,
        evidence=content["evidence"],
        printed=content["printed"],
        sha256=held.digest,
        **words,
    )
