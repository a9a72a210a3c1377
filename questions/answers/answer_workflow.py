"""
Answers to questions: written for an authority, completed in every language, submitted, approved by a second person and so
published, corrected, withdrawn. Readers see frozen versions only.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from accounts.access import independence
from accounts.audit import trail
from accounts.models import User
from bulletins.models import NotAllowed
from campaigns import custom_texts
from campaigns.http import page_changes
from campaigns.models import Authority, CustomText
from campaigns.translated_fields import in_language
from notifications import outbox
from notifications.notice_kinds import Kind as NoticeKind
from questions import notices
from questions.models import Answer, AnswerStep, AnswerVersion, QuestionGroup

from . import answer_cards, answer_checks

State = Answer.State
Kind = AnswerStep.Kind
WRITTEN = (Kind.EDITED, Kind.SUBMITTED)  # who is named in one of these cannot approve the version
FIELDS = (
    "text",
    "source_name",
    "source_url",
    "valid_until",
    "what_changed",
    "video",
    "video_url",
    "video_language",
    "video_seconds",
    "subtitles",
    "fact",
)
ANSWER_WITHDRAWN = CustomText.Purpose.ANSWER_WITHDRAWN
WITHDRAWN = gettext_noop("We no longer stand by this answer.")
HANDED_OVER = "handed over"  # the words of the step by which an authority gives its answer to the desk
GIVEN_ON = "given on"  # the words of the step by which another authority is to answer
BY_LANGUAGE = ("text", "source_name", "source_url", "what_changed", "subtitles")


class Changed(NotAllowed):
    """What was to be saved or approved is not what was read: someone else has written on it meanwhile."""


# --- Reading -----------------------------------------------------------------------------------------


def fingerprint(answer: Answer) -> str:
    """Return the SHA-256 (hex) of all that an approval of an answer covers, as canonical JSON."""
    canonical = json.dumps(answer.content(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def unwritten(group: QuestionGroup) -> str:
    """Return the fingerprint of an answer that nobody has written on yet: what was read on an empty page."""
    return fingerprint(Answer(group=group, authority_id=group.authority_id))


def is_stale(answer: Answer) -> bool:
    """Return whether an answer in review is not what was submitted any more, and has to be submitted anew."""
    return answer.state == State.IN_REVIEW and fingerprint(answer) != answer.digest


def version_of(answer: Answer) -> int:
    """Return the number of the version that is being written, or that was published last; needs `current_version` at hand."""
    number = answer.current_version.number if answer.current_version else 0
    return number + 1 if answer.state in {State.DRAFT, State.IN_REVIEW} else number


def writer_ids(answer: Answer) -> set[int]:
    """Return the keys of people who wrote on or submitted the version in the making, who cannot approve it."""
    steps = answer.steps.filter(version=version_of(answer), kind__in=WRITTEN)
    return {key for key in steps.order_by().values_list("by", flat=True) if key}


def can_approve(answer: Answer) -> list[User]:
    """Return who may approve the version in the making: approvers who neither wrote on nor submitted it."""
    barred = writer_ids(answer)
    approvers = User.objects.staff_with("questions.approve_answer", answer.group.campaign_id)
    return [person for person in approvers if person.pk not in barred]


def public(*, at: datetime) -> Q:
    """
    Return the condition for answers that everyone may read at `at`: a first version once people who asked have had
    their head start, a correction or a withdrawal at once.
    """
    since = at - head_start(AnswerVersion.Kind.ORIGINAL)
    first = Q(current_version__kind=AnswerVersion.Kind.ORIGINAL, current_version__number=1)
    return Q(current_version__published_at__lte=at) & (~first | Q(current_version__published_at__lte=since))


def public_since(since: datetime) -> Q:
    """Return the condition for answers whose version that stands became everyone's at `since` or later."""
    first = Q(current_version__kind=AnswerVersion.Kind.ORIGINAL, current_version__number=1)
    opened = since - head_start(AnswerVersion.Kind.ORIGINAL)
    return (first & Q(current_version__published_at__gte=opened)) | (
        ~first & Q(current_version__published_at__gte=since)
    )


def is_public(version: AnswerVersion, *, at: datetime) -> bool:
    """Return whether everyone may read a version that stands."""
    return version.published_at + head_start(version.kind, version.number) <= at


def head_start(kind: str, number: int = 1) -> timedelta:
    """Return how long a new version of an answer is only for people who asked."""
    is_first = kind == AnswerVersion.Kind.ORIGINAL and number == 1
    return timedelta(minutes=settings.ANSWER_HEAD_START_MINUTES if is_first else 0)


# --- Writing -----------------------------------------------------------------------------------------


@transaction.atomic
def begin(group: QuestionGroup, *, by: User, at: datetime) -> Answer:
    """Return the answer of a group that was sent to an authority, begun now if there is none. Raise NotAllowed."""
    held = QuestionGroup.objects.select_for_update().get(pk=group.pk)
    found = Answer.objects.filter(group=held).first()
    if found is not None:
        return found
    if held.state != QuestionGroup.State.ASKED or held.authority_id is None:
        raise NotAllowed(_("Answer not started: send the question to an authority first."))
    answer = Answer.objects.create(group=held, authority_id=held.authority_id)
    trail.note("answer.begun", answer, by=by, at=at)
    return answer


@transaction.atomic
def save(answer: Answer, *, by: User, at: datetime, read: str = "", note: str = "", **fields: Any) -> Answer:
    """
    Save some of an answer's `FIELDS`; of the texts in several languages those of the languages that are named, ""
    taking one away. An answer in review goes back to being a draft. `read` is the fingerprint that `by` had read.
    Return it.

    Raise NotAllowed, with nothing changed, for what is published or withdrawn, and Changed when someone else has
    written on it since.
    """
    held = lock(answer)
    if held.state not in {State.DRAFT, State.IN_REVIEW}:
        raise NotAllowed(_("Not saved: this answer is published. Start a correction first."))
    if read and read != fingerprint(held):
        raise Changed(
            _("Not saved: someone else has changed this answer in the meantime. Compare the versions, then save again.")
        )
    before = fingerprint(held)
    for name, value in fields.items():
        if name not in FIELDS:
            raise TypeError(f"{name} is no field of an answer that is written.")
        if name in BY_LANGUAGE:
            merged = {**getattr(held, name), **{code: text.strip() for code, text in value.items()}}
            value = {code: text for code, text in merged.items() if text}
        setattr(held, name, value)
    if fingerprint(held) != before:
        held.state, held.digest, held.submitted_by, held.submitted_at = State.DRAFT, "", None, None
        held.save()
    if fingerprint(held) != before or note:
        step(held, Kind.EDITED, by=by, at=at, words=note)
        trail.note("answer.edited", held, by=by, at=at, digest=fingerprint(held))
    return held


@transaction.atomic
def assign_authority(answer: Answer, authority: Authority, *, by: User, at: datetime) -> None:
    """
    Let another authority write an answer, beginning with an empty page also after a withdrawal. Raise NotAllowed, with
    nothing changed, while there is something that the one before wrote and nobody has published.
    """
    held = lock(answer)
    if held.state == State.IN_REVIEW:
        raise NotAllowed(_("Not sent: another authority's answer is in review. Send that back first."))
    if held.state == State.WITHDRAWN:
        correct(held, by=by, at=at)
    elif any(getattr(held, name) for name in FIELDS if name != "fact"):
        raise NotAllowed(
            _("Not sent: %(authority)s has started an answer. Clear it first, so that no other authority reads it.")
            % {"authority": in_language(held.authority.name)}
        )
    nothing = Answer()
    for name in FIELDS:
        setattr(held, name, getattr(nothing, name))
    held.authority = authority
    held.save()
    step(held, Kind.EDITED, by=by, at=at, words=GIVEN_ON)
    answer.refresh_from_db()


def lock(answer: Answer) -> Answer:
    """Return the answer, which nobody else changes until the end of the transaction."""
    rows = Answer.objects.select_for_update(of=("self",)).prefetch_related("group__campaign__languages")
    rows = rows.select_related("group__campaign__authority", "group__topic", "authority", "current_version")
    return rows.get(pk=answer.pk)


def step(answer: Answer, kind: str, *, by: User | None, at: datetime, words: str = "") -> AnswerStep:
    """Write down what was done with the version in the making."""
    return AnswerStep.objects.create(answer=answer, kind=kind, version=version_of(answer), by=by, at=at, words=words)


@transaction.atomic
def rename(group: QuestionGroup, label: Mapping[str, str], *, by: User, at: datetime) -> None:
    """
    Call a group something else. It is part of what an approval covers, so an answer in review goes back to being a
    draft, and `by` counts among people who wrote on it. Raise NotAllowed without any words.
    """
    words = {code: text.strip() for code, text in label.items() if text.strip()}
    if not words:
        raise NotAllowed(_("Not saved: write a short form of the question in at least one language."))
    held = QuestionGroup.objects.select_for_update().get(pk=group.pk)
    if held.label == words:
        return
    QuestionGroup.objects.filter(pk=held.pk).update(label=words)
    page_changes.changed()
    trail.note("question_group.renamed", held, by=by, at=at)
    answer = Answer.objects.filter(group=held).first()
    if answer is not None and answer.state in {State.DRAFT, State.IN_REVIEW}:
        Answer.objects.filter(pk=answer.pk).update(state=State.DRAFT, digest="", submitted_by=None, submitted_at=None)
        step(lock(answer), Kind.EDITED, by=by, at=at)
    group.refresh_from_db()


# --- The two pairs of eyes ---------------------------------------------------------------------------


@transaction.atomic
def submit(answer: Answer, *, by: User, at: datetime) -> None:
    """
    Submit a draft for approval: its content is fixed by its fingerprint, and approvers are notified. What has become
    stale in review is submitted anew. Raise NotAllowed, with nothing changed, when it is no draft, or when something
    still stops it.
    """
    held = lock(answer)
    if held.state != State.DRAFT and not is_stale(held):
        raise NotAllowed(_("Not submitted: this answer is not a draft. Nothing changed."))
    stops = answer_checks.stops(held, at=at)
    if stops:
        raise NotAllowed(_("Not submitted: %(what)s") % {"what": " ".join(str(one) for one in stops[:5])})
    step(held, Kind.SUBMITTED, by=by, at=at)
    held.state, held.digest, held.submitted_by, held.submitted_at = State.IN_REVIEW, fingerprint(held), by, at
    held.save()
    trail.note("answer.submitted", held, by=by, at=at, digest=held.digest)
    answer.refresh_from_db()
    notify_askers(held, notices.ANSWER_WANTED, can_approve(held), at=at, text=in_language(held.group.label))


@transaction.atomic
def approve(answer: Answer, *, digest: str, by: User, at: datetime) -> AnswerVersion:
    """
    Approve exactly the content whose fingerprint `by` has read, and publish it; return the version. Of two at once, one
    is told so. Raise NotAllowed, with nothing changed, for someone without the permission or who wrote on or submitted
    this version, for content that has changed, and when something has come to stop it.
    """
    held = lock(answer)
    refuse_approval(held, digest=digest, by=by, at=at)
    if not Answer.objects.filter(pk=held.pk, state=State.IN_REVIEW, digest=digest).update(digest=""):
        raise Changed(_("Not approved: someone else has already approved it or sent it back. Reload the page."))
    step(held, Kind.APPROVED, by=by, at=at)
    before = held.current_version
    if before is not None and answer_checks.adds_language(held):
        version = freeze(held, by=by, at=at, kind=before.kind, adds_language=True)
    else:
        kinds = AnswerVersion.Kind
        version = freeze(held, by=by, at=at, kind=kinds.CORRECTION if before else kinds.ORIGINAL)
    trail.note("answer.published", held, by=by, at=at, digest=version.digest, version=version.number)
    answer.refresh_from_db()
    return version


def refuse_approval(held: Answer, *, digest: str, by: User, at: datetime) -> None:
    """Raise NotAllowed where `by` cannot approve what has this fingerprint now, or something stops it."""
    plays = by.is_made_up and held.group.campaign.is_exercise
    if not (plays or by.has_perm("questions.approve_answer")):
        raise NotAllowed(_("Not approved: you may not approve answers."))
    clock = held.group.campaign.drill_clock
    if clock is not None and clock.is_away(by.pk, at=at):
        raise NotAllowed(_("Not approved: by the drill’s scenario you are out now. Somebody else has to do it."))
    if held.state != State.IN_REVIEW:
        raise NotAllowed(_("Not approved: this answer is no longer in review. Reload the page."))
    if not digest or digest != held.digest or fingerprint(held) != held.digest:
        raise Changed(_("Not approved: the answer has changed since you read it. Read it again."))
    if by.pk in writer_ids(held):
        raise NotAllowed(_("Not approved: people who wrote this version cannot approve it. Ask a colleague."))
    if why := independence.why_not(by, writer_ids(held), at=at):
        raise NotAllowed(_("Not approved. %(why)s") % {"why": why})
    stops = answer_checks.stops(held, at=at)
    if stops:
        raise NotAllowed(_("Not approved: %(what)s") % {"what": " ".join(str(one) for one in stops[:5])})


@transaction.atomic
def send_back(answer: Answer, *, words: str, by: User, at: datetime) -> None:
    """Send an answer in review back to people who wrote it, with words. Raise NotAllowed without words."""
    words = words.strip()
    held = lock(answer)
    if held.state != State.IN_REVIEW:
        raise NotAllowed(_("Not sent back: this answer is no longer in review. Reload the page."))
    if not words:
        raise NotAllowed(_("Not sent back: say what needs to be improved."))
    step(held, Kind.SENT_BACK, by=by, at=at, words=words)
    writers = writer_ids(held)
    held.state, held.digest, held.submitted_by, held.submitted_at = State.DRAFT, "", None, None
    held.save()
    trail.note("answer.sent_back", held, by=by, at=at)
    answer.refresh_from_db()
    people = list(User.objects.filter(pk__in=writers - {by.pk}, is_active=True))
    notify_askers(held, notices.ANSWER_SENT_BACK, people, at=at, text=words)


@transaction.atomic
def correct(answer: Answer, *, by: User, at: datetime) -> None:
    """
    Begin the next version of a published or withdrawn answer. Readers keep the one that stands until it is approved.
    Raise NotAllowed, with nothing changed, when a version is in the making already.
    """
    held = lock(answer)
    if held.state not in {State.PUBLISHED, State.WITHDRAWN}:
        raise NotAllowed(_("Correction not started: a new version is already being written."))
    custom_texts.drop(waiting_custom_text(held), by=by, at=at)
    held.state, held.what_changed = State.DRAFT, {}
    held.save()
    step(held, Kind.CORRECTING, by=by, at=at)
    trail.note("answer.correcting", held, by=by, at=at)
    answer.refresh_from_db()


@transaction.atomic
def withdraw(answer: Answer, *, by: User, at: datetime) -> AnswerVersion:
    """
    Withdraw a published answer at once and by one person: readers see that it is withdrawn, in a sentence of ours. Words of
    one's own may follow (`propose_custom_text`). The question is unanswered again. Raise NotAllowed, with nothing changed, without
    the permission, and when nothing is published.
    """
    held = lock(answer)
    if not by.has_perm("questions.approve_answer"):
        raise NotAllowed(_("Not withdrawn: you may not withdraw answers. Ask an approver."))
    if held.current_version is None or held.current_version.kind == AnswerVersion.Kind.WITHDRAWAL:
        raise NotAllowed(_("Not withdrawn: no part of this answer is published."))
    version = freeze_withdrawal(held, custom_texts.fixed(held.group.campaign, WITHDRAWN), by=by, at=at)
    QuestionGroup.objects.filter(pk=held.group_id).update(
        state=QuestionGroup.State.OPEN, answer_by=None, reminded_at=None
    )
    trail.note("answer.withdrawn", held, by=by, at=at, version=version.number)
    answer.refresh_from_db()
    return version


def freeze_withdrawal(held: Answer, words: dict[str, str], *, by: User, at: datetime) -> AnswerVersion:
    """Freeze, as the next version of a locked answer, that it is withdrawn, and why. Inside a transaction."""
    assert held.current_version
    number = held.current_version.number + 1
    AnswerStep.objects.create(answer=held, kind=Kind.WITHDRAWN, version=number, by=by, at=at, words=in_language(words))
    version = AnswerVersion.objects.create(
        answer=held,
        number=number,
        kind=AnswerVersion.Kind.WITHDRAWAL,
        question=held.current_version.question,
        what_changed=words,
        credits=held.current_version.credits,
        printed=held.current_version.printed,
        published_at=at,
        approved_by=by,
        digest=hashlib.sha256(json.dumps(words, sort_keys=True, ensure_ascii=False).encode()).hexdigest(),
    )
    held.current_version, held.state, held.digest = version, State.WITHDRAWN, ""
    held.submitted_by, held.submitted_at = None, None
    held.save()
    page_changes.note_retraction()
    return version


@transaction.atomic
def propose_custom_text(answer: Answer, words: Mapping[str, str], *, by: User, at: datetime) -> CustomText:
    """
    Write why an answer was withdrawn, {language: text}: readers see it once an approver other than `by` has agreed. Raise
    NotAllowed when it is not withdrawn, and Refused.
    """
    held = lock(answer)
    if held.state != State.WITHDRAWN:
        raise NotAllowed(_("Not saved: text for readers can only be added to a withdrawn answer."))
    return custom_texts.propose(held.group.campaign, ANSWER_WITHDRAWN, held.pk, words, by=by, at=at)


@transaction.atomic
def approve_custom_text(answer: Answer, *, digest: str, by: User, at: datetime) -> AnswerVersion:
    """
    Say the words that wait, of which `by` has read exactly those of the fingerprint: they are the next version, and
    people who asked are notified. Raise NotAllowed without the permission or when it is not withdrawn any more, and
    Refused.
    """
    held = lock(answer)
    if not by.has_perm("questions.approve_answer"):
        raise NotAllowed(_("Not approved: you may not approve answers. Ask an approver."))
    if held.state != State.WITHDRAWN:
        raise NotAllowed(_("Not approved: this answer is no longer withdrawn. Nothing changed."))
    agreed = custom_texts.approve(waiting_custom_text(held), digest=digest, by=by, at=at)
    version = freeze_withdrawal(held, agreed.words, by=by, at=at)
    answer.refresh_from_db()
    return version


def waiting_custom_text(answer: Answer) -> CustomText | None:
    """Return the words about a withdrawn answer that wait for a second person; one query."""
    return custom_texts.waiting(ANSWER_WITHDRAWN, answer.pk)


def freeze(
    answer: Answer,
    *,
    by: User | None,
    at: datetime,
    kind: str = AnswerVersion.Kind.ORIGINAL,
    adds_language: bool = False,
) -> AnswerVersion:
    """Publish an answer as it is now: its next version, frozen, which stands from `at` on. Inside a transaction."""
    content = answer.content()
    changed = answer.what_changed if kind != AnswerVersion.Kind.ORIGINAL else {}
    if adds_language and answer.current_version:
        changed = answer.current_version.what_changed
    version = AnswerVersion.objects.create(
        answer=answer,
        number=(answer.current_version.number if answer.current_version else 0) + 1,
        kind=kind,
        adds_language=adds_language,
        question=answer.group.label,
        text=answer.text,
        what_changed=changed,
        credits=content.pop("credits"),
        printed=content.pop("printed"),
        content=content,
        valid_until=answer.valid_until,
        published_at=at,
        approved_by=by,
        digest=fingerprint(answer),
    )
    answer_cards.give_codes(version, at=at)
    answer.current_version, answer.state, answer.digest = version, Answer.State.PUBLISHED, ""
    answer.save()
    answer.group.state = QuestionGroup.State.ANSWERED
    answer.group.save()
    if adds_language or kind == AnswerVersion.Kind.ORIGINAL:
        page_changes.changed()
    else:
        page_changes.note_retraction()
    return version


# --- Telling -----------------------------------------------------------------------------------------


def notify_askers(answer: Answer, kind: NoticeKind, people: list[User], *, at: datetime, text: str) -> None:
    """Tell people of a step; staff are led to the desk, contributors to their page, in their language."""
    campaign = answer.group.campaign
    desk = reverse("admin:questions_answer_change", args=[answer.pk])
    for person in people:
        with override(campaign.language_for(person)):
            path = desk if person.is_staff else reverse("questions:to_answer", args=[answer.group_id])
        outbox.write(kind, [person], about=answer.group, text=text, path=path, at=at)


@transaction.atomic
def hand_in(answer: Answer, *, by: User, at: datetime) -> None:
    """Tell the desk that an authority has written its answer, to be completed in every language and submitted."""
    held = lock(answer)
    if held.state != State.DRAFT:
        raise NotAllowed(_("Not sent: this answer is no longer a draft. Reload the page."))
    if not any(held.text.values()):
        raise NotAllowed(_("Not sent: the answer is missing. Write it in at least one language."))
    step(held, Kind.EDITED, by=by, at=at, words=HANDED_OVER)
    trail.note("answer.handed_over", held, by=by, at=at)
    path = reverse("admin:questions_answer_change", args=[held.pk])
    for person in User.objects.staff_with("questions.change_answer", held.group.campaign_id):
        with override(held.group.campaign.language_for(person)):
            text = "\n".join([_("An authority has answered a question: complete it"), in_language(held.group.label)])
        outbox.write(notices.QUESTION_WAITS, [person], about=held.group, text=text, path=path, at=at)
