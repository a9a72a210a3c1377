"""
What made-up people do: whatever waits for a part that nobody plays is done after a delay that the scenario's seed draws, by the
functions that the pages of people call. Each deed is a transaction of its own; one that is refused is tried again later.
"""

import logging
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from math import log as ln
from statistics import NormalDist

from django.db import transaction
from django.utils.translation import override

from accounts.models import User
from bulletins.approval import approval_workflow
from bulletins.checks import overrides, registry
from bulletins.editing import drafts, input_merge
from bulletins.models import Bulletin, CallToAction, Edition, KeyMessage, NotAllowed, Version
from bulletins.publication import corrections
from campaigns.drill_clock import DrillClock
from campaigns.models import Authority, Topic
from factcheck.models import Claim, Evidence, NotConfirmable
from factcheck.verdicts import verdict_workflow
from influencers.inbox import harassment
from influencers.models import Exposure, Recall, RecallNotice
from influencers.recall import exposure, responses
from preparedness.crisis_templates import template_files
from preparedness.crisis_templates.template_files import HoldingStatement, Texts
from preparedness.models import Drill
from preparedness.ready_shelf import prepared_drafts
from questions import authority_requests, question_groups
from questions.answers import answer_workflow
from questions.models import Answer

from . import made_up_people
from .parts import APPROVER, AUTHORITY, EDITOR, FACT_CHECKER, INFLUENCERS, LIAISON, SECOND_CHECKER, TRANSLATOR, parts_of
from .scenario_files import (
    CLAIM,
    CORRECTION,
    HARASSMENT,
    INPUT,
    QUESTION,
    Correction,
    FollowerQuestion,
    Rumour,
    Scenario,
    Submission,
)
from .trails import Trail, Wait

log = logging.getLogger(__name__)

# Between how many minutes of the scenario somebody begins and ends a piece of work.
MINUTES = {
    EDITOR: (2, 4),
    TRANSLATOR: (3, 6),
    APPROVER: (2, 4),
    FACT_CHECKER: (4, 9),
    SECOND_CHECKER: (3, 6),
    LIAISON: (2, 5),
    AUTHORITY: (8, 18),
}
DEPUTY_MINUTES = 4  # until the others notice that an approver is out
# Influencers: how many in a hundred take a bulletin's words, and the middle and the spread (log) of how long they need, in minutes.
TAKE_PERCENT, TAKE_MINUTES, TAKE_SPREAD = 55, 9, 0.8
ANSWER_PERCENT, ANSWER_MINUTES, ANSWER_SPREAD = 97, 9, 0.75
MOST_AT_ONCE = 150  # deeds of influencers in one step, and
MOST_SECONDS = 1.0  # how long all of them may take: other work waits, and the next second goes on
REASON = "Drill: the made-up editor leaves this out on purpose."


@dataclass(frozen=True)
class Stage:
    """A drill as it is played now."""

    drill: Drill
    scenario: Scenario
    clock: DrillClock
    at: datetime

    def draw(self, about: str) -> float:
        """Return a number from 0 to 1 that is the same each time this scenario is played."""
        return (zlib.crc32(f"{self.scenario.seed}:{about}".encode()) + 0.5) / 2**32

    def waited(self, since: datetime) -> float:
        """Return for how many minutes of the scenario something has waited."""
        return self.clock.length(since, self.at) / 60


def act(stage: Stage, trails: dict[str, Trail]) -> int:
    """Do what is due of all parts that are made up; return how many deeds that were. Not for use in a transaction."""
    made_up, done, until = parts_of(stage.drill.made_up), 0, time.monotonic() + MOST_SECONDS
    for trail in trails.values():
        wait = trail.open_wait
        if time.monotonic() > until:
            break
        if wait is None or wait.part not in made_up or stage.waited(wait.since) < minutes_of(stage, trail, wait):
            continue
        try:
            with transaction.atomic(), override(stage.drill.campaign.default_language):
                DEEDS[trail.event.kind, wait.part](stage, trail)
            done += 1
        except (NotAllowed, NotConfirmable, harassment.NotTaken) as refusal:
            log.info("Drill %s: %s could not go on: %s", stage.drill.pk, trail.event.key, refusal)
    if INFLUENCERS in made_up:
        # Answers first: many who copy would use up the time, and no recall would be answered.
        done += answer_recalls(stage, until) + take_words(stage, until)
    return done


def minutes_of(stage: Stage, trail: Trail, wait: Wait) -> float:
    """Return after how many minutes a made-up person has done what waits."""
    low, high = MINUTES[wait.part]
    minutes = low + (high - low) * stage.draw(f"{trail.event.key}:{len(trail.waits)}:{wait.part}")
    if wait.part == APPROVER and any(stage.clock.is_away(int(key), at=stage.at) for key in stage.drill.away):
        minutes += DEPUTY_MINUTES
    return minutes


def player(stage: Stage, part: str) -> User:
    """Return who plays a part; of the approvers one who is not out."""
    for number in (1, 2):
        found = made_up_people.player(stage.drill.campaign, part, number)
        if not stage.clock.is_away(found.pk, at=stage.at):
            return found
    return made_up_people.player(stage.drill.campaign, part, 3)


# --- Bulletins -----------------------------------------------------------------------------------------


def edit_input(stage: Stage, trail: Trail) -> None:
    """Write the original of a bulletin; or, when all languages are there, submit it."""
    by = player(stage, EDITOR)
    if trail.bulletin is None:
        what = stage.scenario.event(trail.event.key).what
        assert isinstance(what, Submission)
        statement = statement_of(stage, what.statement)
        write_original(stage, trail, statement, words_of(stage, statement, what.blanks), by)
    else:
        submit(stage, trail.bulletin, by)


def statement_of(stage: Stage, key: str) -> HoldingStatement:
    """Return a prepared bulletin of the scenario's template."""
    statement = template_files.read(stage.scenario.template).statement(key)
    assert statement is not None  # the scenario was checked
    return statement


def words_of(stage: Stage, statement: HoldingStatement, given: Mapping[str, Texts]) -> dict[str, Texts]:
    """Return the words for every blank of a statement: those of the scenario, days and hours to come, else its examples."""
    soon = stage.drill.campaign.local(stage.at) + timedelta(hours=3)
    languages = stage.drill.campaign.language_codes()
    words: dict[str, Texts] = {}
    for blank in statement.blanks:
        if blank.key in given:
            words[blank.key] = given[blank.key]
        elif blank.kind == "date":
            words[blank.key] = prepared_drafts.spoken(blank, soon.date().isoformat(), languages)
        elif blank.kind == "time":
            words[blank.key] = prepared_drafts.spoken(blank, f"{soon:%H}:00", languages)
        else:
            words[blank.key] = blank.example
    return words


def write_original(
    stage: Stage, trail: Trail, statement: HoldingStatement, words: dict[str, Texts], by: User
) -> Bulletin:
    """Start a bulletin of a submission and write its original edition, its key messages and calls."""
    campaign, at = stage.drill.campaign, stage.at
    bulletin = drafts.start(campaign, by=by, at=at, inputs=[trail.subject])
    bulletin.topics.add(*Topic.objects.filter(campaign=campaign, slug__in=statement.topics))
    languages = [code for code in campaign.language_codes() if code in statement.title]
    for edition in Edition.objects.filter(bulletin=bulletin, language__in=languages):
        is_original = edition.language == bulletin.original_language
        if is_original:
            edition.bulletin = bulletin
            fill_in(edition, statement, words)
            drafts.save_edition(edition, by=by, at=at)
    prepared_drafts.write_messages(bulletin, statement, words, languages, by=by, at=at)
    CallToAction.objects.bulk_create(
        CallToAction(
            bulletin=bulletin,
            key=one.key,
            position=number,
            text=prepared_drafts.in_languages(one.text, languages, words),
        )
        for number, one in enumerate(statement.calls_to_action, start=1)
    )
    return bulletin


def fill_in(edition: Edition, statement: HoldingStatement, words: dict[str, Texts]) -> None:
    """Put a statement's words into an edition that is not saved yet."""
    for field in ("title", "subject", "preheader", "body"):
        setattr(edition, field, prepared_drafts.said(getattr(statement, field), edition.language, words))


def translate_input(stage: Stage, trail: Trail) -> None:
    """Write the other editions of a bulletin."""
    what = stage.scenario.event(trail.event.key).what
    assert isinstance(what, Submission) and trail.bulletin is not None
    statement = statement_of(stage, what.statement)
    words = words_of(stage, statement, what.blanks)
    by = player(stage, TRANSLATOR)
    for edition in trail.bulletin.editions.exclude(language=trail.bulletin.original_language):
        edition.bulletin = trail.bulletin
        fill_in(edition, statement, words)
        drafts.save_edition(edition, by=by, at=stage.at)


def submit(stage: Stage, bulletin: Bulletin, by: User) -> None:
    """Submit a bulletin; what may be left out for a reason is left out."""
    for finding in registry.stops(bulletin, at=stage.at):
        if finding.overridable:
            overrides.override_finding(bulletin, finding.key, reason=REASON, by=by, at=stage.at)
    bulletin.refresh_from_db()
    approval_workflow.submit(bulletin, by=by, at=stage.at)


def edit_correction(stage: Stage, trail: Trail) -> None:
    """Write what is right into every text of the bulletin, as its next version where it was published, and submit it."""
    what = stage.scenario.event(trail.event.key).what
    assert isinstance(what, Correction)
    bulletin = trail.bulletin
    if bulletin is None:
        return  # nobody has begun the bulletin that it corrects
    by = player(stage, EDITOR)
    if bulletin.state == Bulletin.State.PUBLISHED:
        corrections.start_correction(
            bulletin, by=by, at=stage.at, what_changed=what.what_changed, share_text=what.share_text
        )
    if bulletin.state != Bulletin.State.DRAFT:
        return  # approved, and about to be published: then it is corrected
    with transaction.atomic():
        input_merge.take_update(bulletin, trail.subject, by=by, at=stage.at)
    first = stage.scenario.event(what.of).what
    assert isinstance(first, Submission)
    statement = statement_of(stage, first.statement)
    said = words_of(stage, statement, first.blanks)
    for edition in sorted(bulletin.editions.all(), key=lambda one: one.language != bulletin.original_language):
        for field in ("title", "subject", "preheader", "body"):
            text = getattr(edition, field)
            for key, texts in what.blanks.items():
                text = text.replace(said[key].get(edition.language, ""), texts.get(edition.language, ""))
            setattr(edition, field, text)
        edition.bulletin = bulletin
        drafts.save_edition(edition, by=by, at=stage.at)
    rows: list[KeyMessage | CallToAction] = [*bulletin.key_messages.all(), *bulletin.calls_to_action.all()]
    for row in rows:
        for key, texts in what.blanks.items():
            row.text = {
                code: text.replace(said[key].get(code, text), texts.get(code, text)) for code, text in row.text.items()
            }
        row.save(update_fields=["text"])
    submit(stage, Bulletin.objects.get(pk=bulletin.pk), by)


def approve(stage: Stage, trail: Trail) -> None:
    """Approve a bulletin as a second person."""
    assert trail.bulletin is not None
    bulletin = Bulletin.objects.get(pk=trail.bulletin.pk)
    approval_workflow.approve(bulletin, digest=bulletin.digest, by=player(stage, APPROVER), at=stage.at)


# --- Claims, questions, harassment -----------------------------------------------------------------------


def check_claim(stage: Stage, trail: Trail) -> None:
    """Take a claim up, propose its verdict or set it aside, publish what a second person has confirmed."""
    what = stage.scenario.event(trail.event.key).what
    assert isinstance(what, Rumour)
    claim, by, at = Claim.objects.get(pk=trail.event.subject_id), player(stage, FACT_CHECKER), stage.at
    if claim.status == Claim.Status.CONFIRMED:
        verdict_workflow.publish(claim, by=by, at=at)
    elif claim.status == Claim.Status.OPEN:
        verdict_workflow.start_check(claim, by=by, at=at)
    elif what.set_aside:
        verdict_workflow.set_aside(claim, reason=what.set_aside, by=by, at=at)
    else:
        claim.text = {**what.text, **claim.text}
        for part, texts in what.rebuttal.items():
            setattr(claim, part, dict(texts))
        claim.save(update_fields=["text", *what.rebuttal])
        Evidence.objects.bulk_create([Evidence(claim=claim, **one) for one in what.sources], ignore_conflicts=True)
        verdict_workflow.propose(claim, what.verdict, by=by, at=at)


def confirm_claim(stage: Stage, trail: Trail) -> None:
    """Confirm a verdict as a second person."""
    claim = Claim.objects.get(pk=trail.event.subject_id)
    verdict_workflow.confirm(claim, digest=claim.digest, by=player(stage, SECOND_CHECKER), at=stage.at)


def pass_on(stage: Stage, trail: Trail) -> None:
    """Group a question and ask the authority that leads the exercise."""
    what = stage.scenario.event(trail.event.key).what
    assert isinstance(what, FollowerQuestion)
    by, at, group = player(stage, LIAISON), stage.at, trail.subject.group
    if group is None:
        group = question_groups.start([trail.subject], what.text, by=by, at=at)
    authority = stage.drill.campaign.authority or Authority.objects.order_by("pk").first()
    assert authority is not None  # whose word the scenario puts in
    authority_requests.send(group, authority, answer_by=at + timedelta(days=2), by=by, at=at)


def answer(stage: Stage, trail: Trail) -> None:
    """Answer a question for the authority, and submit the answer."""
    what = stage.scenario.event(trail.event.key).what
    assert isinstance(what, FollowerQuestion)
    by, at, group = player(stage, AUTHORITY), stage.at, trail.subject.group
    started = answer_workflow.begin(group, by=by, at=at)
    source = dict(started.authority.name) or dict.fromkeys(what.answer, str(started.authority))
    names = {code: source.get(code) or str(started.authority) for code in what.answer}
    started = answer_workflow.save(started, by=by, at=at, text=dict(what.answer), source_name=names)
    answer_workflow.submit(started, by=by, at=at)


def approve_answer(stage: Stage, trail: Trail) -> None:
    """Approve an answer as a second person, which publishes it."""
    waiting = Answer.objects.get(group=trail.subject.group)
    answer_workflow.approve(waiting, digest=waiting.digest, by=player(stage, APPROVER), at=stage.at)


def stand_by(stage: Stage, trail: Trail) -> None:
    """Take a report of harassment, and close it with what was done."""
    by = player(stage, LIAISON)
    harassment.take(trail.subject, by=by, at=stage.at)
    harassment.close(trail.subject, "Called, listened, wrote down what to report to the police.", by=by, at=stage.at)


DEEDS: dict[tuple[str, str], Callable[[Stage, Trail], None]] = {
    (INPUT, EDITOR): edit_input,
    (INPUT, TRANSLATOR): translate_input,
    (INPUT, APPROVER): approve,
    (CORRECTION, EDITOR): edit_correction,
    (CORRECTION, TRANSLATOR): edit_correction,
    (CORRECTION, APPROVER): approve,
    (CLAIM, FACT_CHECKER): check_claim,
    (CLAIM, SECOND_CHECKER): confirm_claim,
    (QUESTION, LIAISON): pass_on,
    (QUESTION, AUTHORITY): answer,
    (QUESTION, APPROVER): approve_answer,
    (HARASSMENT, LIAISON): stand_by,
}


# --- Influencers -----------------------------------------------------------------------------------------


def later(stage: Stage, about: str, percent: int, middle: float, spread: float) -> float | None:
    """Return after how many minutes an influencer does something, None for those who never do: most soon, a few late."""
    if 100 * stage.draw(f"{about}:whether") >= percent:
        return None
    return exp(ln(middle) + spread * NormalDist().inv_cdf(stage.draw(f"{about}:when")))


def due(
    stage: Stage, people: Iterator[tuple[int, str]], about: str, since: datetime, how: tuple[int, float, float]
) -> list[int]:
    """Return the keys of those of some influencers (key and reference) whose moment has come."""
    waited = stage.waited(since)
    found = []
    for pk, reference in people:  # drawn by the reference: in another campaign, the keys are others
        minutes = later(stage, f"{about}:{reference}", *how)
        if minutes is not None and minutes <= waited:
            found.append(pk)
    return found[:MOST_AT_ONCE]


def take_words(stage: Stage, until: float) -> int:
    """Let influencers copy a key message of what was published in the drill; return how many did."""
    drill, done = stage.drill, 0
    newest = Version.objects.current(drill.campaign, at=stage.at).filter(published_at__gte=drill.started_at)
    people = made_up_people.influencers(drill.campaign)
    for number, version in enumerate(sorted(newest, key=lambda one: (one.first_published_at, one.pk)), start=1):
        took = Exposure.objects.filter(version=version).values("influencer")
        how = (TAKE_PERCENT, TAKE_MINUTES, TAKE_SPREAD)
        keys = due(
            stage,
            people.exclude(pk__in=took).values_list("pk", "reference").iterator(),
            f"take:{number}",  # not its key: the scenario that is played again draws the same
            version.first_published_at,
            how,
        )
        message = KeyMessage.objects.filter(bulletin=version.bulletin_id).order_by("position").first()
        for one in people.filter(pk__in=keys).select_related("recipient"):
            if time.monotonic() > until:
                return done
            done += 1
            exposure.use(
                one,
                drill.campaign,
                version.bulletin.number,
                version=version.number,
                way=Exposure.Way.COPIED,
                items=[f"message:{message.key}"] if message else [""],
                language=one.recipient.language,
                at=stage.at,
            )
    return done


def answer_recalls(stage: Stage, until: float) -> int:
    """Let influencers answer the recalls of the drill; return how many did."""
    drill, done = stage.drill, 0
    people = made_up_people.influencers(drill.campaign)
    recalls = Recall.objects.filter(campaign=drill.campaign, planned_at__gte=drill.started_at)
    for number, recall in enumerate(recalls.order_by("planned_at", "pk"), start=1):
        waiting = RecallNotice.objects.filter(recall=recall, acknowledged_at=None, influencer__in=people)
        how = (ANSWER_PERCENT, ANSWER_MINUTES, ANSWER_SPREAD)
        keys = due(
            stage,
            waiting.values_list("influencer", "influencer__reference").iterator(),
            f"answer:{number}",
            recall.planned_at,
            how,
        )
        for notice in waiting.filter(influencer__in=keys).select_related("recall", "influencer"):
            if time.monotonic() > until:
                return done
            try:
                responses.answer(notice, RecallNotice.Outcome.NOT_POSTED, at=stage.at)
                done += 1
            except responses.NotAnswered:  # it has changed again since
                break
    return done
