"""
What became of each event of a drill, from the rows that people's work leaves anyway: who was waited for, from when until when, and
when it was dealt with. The page, the measures and the made-up people all read it here. The number of queries does not grow.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bulletins.models import Bulletin, EditionRevision, MessageInput, Review, Version
from factcheck.models import Claim, ClaimStep
from influencers.models import Harassment
from preparedness.models import Drill, DrillEvent
from questions.models import Answer, AnswerStep, Question

from .parts import APPROVER, AUTHORITY, EDITOR, FACT_CHECKER, LIAISON, SECOND_CHECKER, TRANSLATOR
from .scenario_files import CLAIM, CORRECTION, HARASSMENT, INPUT, LOST_APPROVER, QUESTION, Correction, Scenario

Decision, Step = Review.Decision, AnswerStep.Kind
CLAIM_ENDS = (ClaimStep.Kind.PUBLISHED, ClaimStep.Kind.CORRECTED, ClaimStep.Kind.SET_ASIDE, ClaimStep.Kind.MERGED)
REVIEW_WAITS = {
    Decision.SUBMITTED: APPROVER,
    Decision.SIGNED_OFF: APPROVER,
    Decision.RETURNED: EDITOR,
    Decision.VOIDED: EDITOR,
}
CLAIM_WAITS = {
    ClaimStep.Kind.PROPOSED: SECOND_CHECKER,
    ClaimStep.Kind.CONFIRMED: FACT_CHECKER,
    ClaimStep.Kind.TAKEN_UP: FACT_CHECKER,
    ClaimStep.Kind.SENT_BACK: FACT_CHECKER,
    ClaimStep.Kind.VOIDED: FACT_CHECKER,
}


@dataclass(frozen=True, slots=True)
class Wait:
    """Work that waited for somebody. `until` is None while it does."""

    part: str
    since: datetime
    until: datetime | None


@dataclass
class Trail:
    """
    What became of an event. `bulletin` is what an authority's word led to and `version` which of its versions, `first_draft`,
    `translated` and `approved` when it got so far; `group` the questions among which one was put; `people` who did something.
    """

    event: DrillEvent
    waits: list[Wait] = field(default_factory=list)
    dealt_at: datetime | None = None
    bulletin: Bulletin | None = None
    version: int = 1
    first_draft: datetime | None = None
    translated: datetime | None = None
    submitted: datetime | None = None
    approved: datetime | None = None
    published: Version | None = None
    subject: Any = None
    people: set[int] = field(default_factory=set)

    @property
    def open_wait(self) -> Wait | None:
        """What waits now."""
        return self.waits[-1] if self.waits and self.waits[-1].until is None and self.dealt_at is None else None

    @property
    def took(self) -> tuple[datetime, datetime] | None:
        """Return from when until when it was dealt with; None where it was not, or what came of it was dealt with before."""
        begun, ended = self.event.done_at, self.dealt_at
        return (begun, ended) if begun and ended and ended >= begun else None

    def wait(self, part: str, since: datetime, until: datetime | None) -> None:
        """Note that it waited for somebody, but for no time at all."""
        if until is None or until > since:
            self.waits.append(Wait(part, since, until))


@dataclass
class Rows:
    """What was read for all events at once."""

    inputs: dict[int, MessageInput]
    bulletins: dict[int, list[Bulletin]]  # by the input that they were made of, the first one first
    reviews: dict[int, list[Review]]
    versions: dict[int, list[Version]]
    saved: dict[tuple[int, int], dict[str, datetime]]  # (bulletin, version): {language: when first saved}
    languages: list[str]  # those that a bulletin waits for


def of(drill: Drill, scenario: Scenario, events: Sequence[DrillEvent]) -> dict[str, Trail]:
    """Return the trail of each event that was put in, by its key; nine queries at most."""
    trails = {one.key: Trail(one) for one in events if one.done_at}
    by_kind: dict[str, list[Trail]] = defaultdict(list)
    for trail in trails.values():
        if trail.event.subject_id:
            by_kind[trail.event.kind].append(trail)
    said = by_kind[INPUT] + by_kind[CORRECTION]
    if said:
        rows = rows_of(drill, said)
        for trail in by_kind[INPUT]:
            follow_input(trail, rows)
        for trail in by_kind[CORRECTION]:
            what = scenario.event(trail.event.key).what
            first = trails.get(what.of) if isinstance(what, Correction) else None
            follow_correction(trail, first, rows)
    follow_claims(by_kind[CLAIM])
    follow_questions(by_kind[QUESTION])
    follow_harassment(by_kind[HARASSMENT])
    for trail in trails.values():
        if trail.event.kind == LOST_APPROVER:
            trail.dealt_at = min(
                (at for at in approvals(trails.values()) if at > (trail.event.done_at or at)), default=None
            )
        trail.dealt_at = trail.event.dealt_at or trail.dealt_at
    return trails


def approvals(trails: Iterable[Trail]) -> list[datetime]:
    """Return when bulletins and answers were approved."""
    said = [one.approved for one in trails if one.event.kind in (INPUT, CORRECTION)]
    answered = [one.dealt_at for one in trails if one.event.kind == QUESTION]
    return [at for at in (*said, *answered) if at]


def keys(trails: Iterable[Trail]) -> list[int]:
    """Return the keys of what came of events."""
    return [trail.event.subject_id for trail in trails if trail.event.subject_id]


# --- An authority's word -----------------------------------------------------------------------------


def rows_of(drill: Drill, trails: Sequence[Trail]) -> Rows:
    """Return what is to be known of the bulletins that were made of submissions; six queries."""
    inputs = MessageInput.objects.in_bulk(keys(trails))
    bulletins: dict[int, list[Bulletin]] = defaultdict(list)
    every: dict[int, Bulletin] = {}
    links = Bulletin.inputs.through.objects.filter(messageinput__in=inputs).order_by("bulletin")
    pairs = list(links.values_list("messageinput_id", "bulletin_id"))
    for one in Bulletin.objects.filter(pk__in={pk for _input, pk in pairs}).order_by("pk"):
        every[one.pk] = one
    for input_pk, pk in pairs:
        bulletins[input_pk].append(every[pk])
    reviews: dict[int, list[Review]] = defaultdict(list)
    for review in Review.objects.filter(bulletin__in=every).order_by("at", "pk"):
        reviews[review.bulletin_id].append(review)
    versions: dict[int, list[Version]] = defaultdict(list)
    for version in Version.objects.filter(bulletin__in=every).order_by("number"):
        versions[version.bulletin_id].append(version)
    saved: dict[tuple[int, int], dict[str, datetime]] = defaultdict(dict)
    written = EditionRevision.objects.filter(edition__bulletin__in=every).exclude(edited_by=None)
    revisions = written.exclude(body="").order_by("edited_at")
    for pk, number, language, at in revisions.values_list(
        "edition__bulletin", "version", "edition__language", "edited_at"
    ):
        saved[pk, number].setdefault(language, at)
    campaign = drill.campaign
    waited_for = [code for code in campaign.language_codes() if code not in campaign.languages_that_follow()]
    return Rows(inputs, bulletins, reviews, versions, saved, waited_for)


def follow_input(trail: Trail, rows: Rows) -> None:
    """Follow a submission to its published bulletin."""
    source = rows.inputs.get(trail.event.subject_id or 0)
    if source is None:
        return
    trail.subject = source
    bulletin = next(iter(rows.bulletins[source.pk]), None)
    if bulletin is None:
        closed = source.state == MessageInput.State.DECLINED
        trail.wait(EDITOR, source.received_at, source.received_at if closed else None)
        trail.dealt_at = source.received_at if closed else None
        return
    trail.bulletin, trail.version = bulletin, 1
    trail.wait(EDITOR, source.received_at, bulletin.created_at)
    follow_version(trail, bulletin, rows, since=bulletin.created_at)


def follow_correction(trail: Trail, first: Trail | None, rows: Rows) -> None:
    """Follow an authority's new word to the next published version of the bulletin that said the old one."""
    source = rows.inputs.get(trail.event.subject_id or 0)
    if source is None:
        return
    trail.subject = source
    bulletin = first.bulletin if first else None
    if bulletin is None:
        trail.wait(EDITOR, source.received_at, None)
        return
    trail.bulletin = bulletin
    before = [one for one in rows.versions[bulletin.pk] if one.published_at <= source.received_at]
    trail.version = before[-1].number + 1 if before else 1
    opened = [one for one in rows.reviews[bulletin.pk] if one.version == trail.version and one.at > source.received_at]
    if not opened:
        trail.wait(EDITOR, source.received_at, None)
        return
    trail.wait(EDITOR, source.received_at, opened[0].at)
    follow_version(trail, bulletin, rows, since=opened[0].at)


def follow_version(trail: Trail, bulletin: Bulletin, rows: Rows, *, since: datetime) -> None:
    """Follow a version of a bulletin from when it was begun: its texts, its reviews, its publication."""
    steps = [one for one in rows.reviews[bulletin.pk] if one.version == trail.version and one.at >= since]
    trail.people |= {one.by_id for one in steps if one.by_id}
    trail.submitted = next((one.at for one in steps if one.decision == Decision.SUBMITTED), None)
    follow_texts(trail, bulletin, rows, since=since)
    follow_reviews(trail, steps)
    trail.published = next((one for one in rows.versions[bulletin.pk] if one.number == trail.version), None)
    if trail.published:
        trail.approved = trail.approved or trail.published.published_at
        trail.dealt_at = trail.published.published_at


def follow_texts(trail: Trail, bulletin: Bulletin, rows: Rows, *, since: datetime) -> None:
    """Follow the texts of a version until it was submitted: the original first, then its translations."""
    saved, submitted = rows.saved.get((bulletin.pk, trail.version), {}), trail.submitted
    trail.first_draft = saved.get(bulletin.original_language)
    trail.wait(EDITOR, since, trail.first_draft or submitted)
    if trail.first_draft is None:
        return
    others = [saved.get(code) for code in rows.languages if code != bulletin.original_language]
    if all(others):
        trail.translated = max([trail.first_draft, *filter(None, others)])
    trail.wait(TRANSLATOR, trail.first_draft, trail.translated or submitted)
    if trail.translated or submitted:
        trail.wait(EDITOR, trail.translated or trail.first_draft, submitted)


def follow_reviews(trail: Trail, steps: Sequence[Review]) -> None:
    """Follow the reviews of a version from when it was submitted."""
    waits, began = "", None
    for step in steps:
        if step.decision == Decision.EDITED:
            continue
        if waits and began:
            trail.wait(waits, began, step.at)
        waits, began = REVIEW_WAITS.get(Decision(step.decision), ""), step.at
        if step.decision == Decision.APPROVED:
            trail.approved = step.at
    if waits and began and trail.approved is None:
        trail.wait(waits, began, None)


# --- What goes round, what is asked, who is harassed ---------------------------------------------------


def follow_claims(trails: Sequence[Trail]) -> None:
    """Follow claims to their verdicts; two queries."""
    if not trails:
        return
    claims = Claim.objects.in_bulk(keys(trails))
    steps: dict[int, list[ClaimStep]] = defaultdict(list)
    for one in ClaimStep.objects.filter(claim__in=claims).order_by("at", "pk"):
        steps[one.claim_id].append(one)
    for trail in trails:
        trail.subject = claims.get(trail.event.subject_id or 0)
        assert trail.event.done_at
        waits, since = FACT_CHECKER, trail.event.done_at
        for step in steps[trail.event.subject_id or 0]:
            if step.by_id:
                trail.people.add(step.by_id)
            if step.kind in CLAIM_WAITS or step.kind in CLAIM_ENDS:
                trail.wait(waits, since, step.at)
                waits, since = CLAIM_WAITS.get(ClaimStep.Kind(step.kind), FACT_CHECKER), step.at
            if step.kind in CLAIM_ENDS and trail.dealt_at is None:
                trail.dealt_at = step.at
        if trail.dealt_at is None:
            trail.wait(waits, since, None)


def follow_questions(trails: Sequence[Trail]) -> None:
    """Follow questions to their answers; three queries."""
    if not trails:
        return
    asked = Question.objects.select_related("group").in_bulk(keys(trails))
    groups = {one.group_id for one in asked.values() if one.group_id}
    rows = Answer.objects.filter(group__in=groups).select_related("current_version", "group__campaign")
    answers = {one.group_id: one for one in rows}
    steps: dict[int, list[AnswerStep]] = defaultdict(list)
    for step in AnswerStep.objects.filter(answer__in=[one.pk for one in answers.values()]).order_by("at", "pk"):
        steps[step.answer_id].append(step)
    for trail in trails:
        if question := asked.get(trail.event.subject_id or 0):
            answer = answers.get(question.group_id or 0)
            follow_question(trail, question, answer, steps[answer.pk] if answer else [])


def follow_question(trail: Trail, question: Question, answer: Answer | None, steps: Sequence[AnswerStep]) -> None:
    """Follow one question."""
    trail.subject, group = question, question.group
    trail.people |= {key for key in (question.grouped_by_id, *(step.by_id for step in steps)) if key}
    if group is None or question.grouped_at is None:
        trail.dealt_at = question.set_aside_at
        trail.wait(LIAISON, question.asked_at, question.set_aside_at)
        return
    if group.declined_at and answer is None:
        trail.dealt_at = group.declined_at
        trail.wait(LIAISON, question.asked_at, group.declined_at)
        return
    trail.wait(LIAISON, question.asked_at, group.asked_at)
    if group.asked_at is None:
        return
    waits, since = AUTHORITY, max(group.asked_at, question.asked_at)
    for step in steps:
        if step.kind in {Step.SUBMITTED, Step.SENT_BACK, Step.APPROVED}:
            trail.wait(waits, since, step.at)
            waits, since = (AUTHORITY if step.kind == Step.SENT_BACK else APPROVER), step.at
        if step.kind == Step.APPROVED and trail.dealt_at is None:
            trail.dealt_at = max(step.at, question.grouped_at)
    if trail.dealt_at is None:
        trail.wait(waits, since, None)


def follow_harassment(trails: Sequence[Trail]) -> None:
    """Follow reports of harassment to whoever took them; one query."""
    if not trails:
        return
    reports = Harassment.objects.in_bulk(keys(trails))
    for trail in trails:
        if report := reports.get(trail.event.subject_id or 0):
            trail.subject, trail.dealt_at = report, report.taken_at or report.closed_at
            trail.people |= {report.taken_by_id} if report.taken_by_id else set()
            trail.wait(LIAISON, trail.event.done_at or report.at, trail.dealt_at)
