"""What came of a survey: shares with their intervals, and whether they changed since the same was asked before."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from impact.models import FreeText, Survey, Tally
from lib.statistics.shares import Interval, difference, share
from lib.statistics.small_groups import FEWEST
from lib.text.languages import language_name

from .answers import AGREES, SCALE


@dataclass(frozen=True)
class Group:
    """Whoever answered in one language, or in one of several that few answered in (`language` is "")."""

    language: str
    answers: int
    agreed: Interval

    @property
    def name(self) -> str:
        """What it is called on the page."""
        return language_name(self.language) if self.language else _("other languages together")


@dataclass(frozen=True)
class Change:
    """By how much a share changed since the same question was asked before."""

    since: date
    earlier: Interval
    earlier_answers: int
    by: Interval


@dataclass(frozen=True)
class Result:
    """One question: who agreed, of how many answers, by language where there are several groups, and what changed."""

    key: str
    words: str
    answers: int
    agreed: Interval
    groups: list[Group] = field(default_factory=list)
    change: Change | None = None


@dataclass(frozen=True)
class Written:
    """What was written as an answer to one question: how many, and the words for whoever may read them."""

    words: str
    count: int
    texts: list[str]


Counts = dict[int, dict[str, tuple[int, int]]]  # {question: {language: (agreed, answers)}}


def results_of(survey: Survey) -> list[Result]:
    """Return the results of a closed survey's questions on the scale, empty where too few answered; four queries at most."""
    if not survey.answers:
        return []
    counts = counts_of([survey])[survey.pk]
    earlier = earlier_results(survey)
    found = []
    for number, question in enumerate(survey.asked_in()):
        if question["kind"] != SCALE or number not in counts:
            continue
        agreed, answers = total(counts[number])
        groups = [
            Group(language, of, share(some, of))
            for language, (some, of) in sorted(counts[number].items(), reverse=True)
        ]
        mine = share(agreed, answers)
        change = None
        if before := earlier.get(question["key"]):
            since, then, then_answers = before
            change = Change(since, then, then_answers, difference(mine, then))
        found.append(
            Result(question["key"], question["words"], answers, mine, groups if len(groups) > 1 else [], change)
        )
    return found


def counts_of(surveys: Iterable[Survey]) -> dict[int, Counts]:
    """Return what was counted in surveys; one query."""
    found: dict[int, Counts] = defaultdict(lambda: defaultdict(dict))
    for row in Tally.objects.filter(survey__in=[survey.pk for survey in surveys]):
        agreed, answers = found[row.survey_id][row.question].get(row.language, (0, 0))
        more = row.count if row.option in AGREES else 0
        found[row.survey_id][row.question][row.language] = (agreed + more, answers + row.count)
    return found


def total(groups: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """Return how many agreed, and how many answered, in all groups together."""
    return sum(agreed for agreed, _answers in groups.values()), sum(answers for _agreed, answers in groups.values())


def earlier_results(survey: Survey) -> dict[str, tuple[date, Interval, int]]:
    """Return {key: (when, share, answers)} of the same questions the last time that people of the same group were asked."""
    before = Survey.objects.filter(
        campaign=survey.campaign_id,
        way=survey.way,
        group=survey.group,
        audience=survey.audience_id,
        state=Survey.State.CLOSED,
        closed_at__lt=survey.closed_at,
        answers__gte=FEWEST,
    )
    asked = {question["key"] for question in survey.questions}
    last: dict[str, tuple[Survey, int]] = {}
    for one in before.select_related("campaign").order_by("closed_at"):
        for number, question in enumerate(one.questions):
            if question["key"] in asked and question["kind"] == SCALE:
                last[question["key"]] = (one, number)
    counts = counts_of(one for one, _number in last.values())
    found = {}
    for key, (one, number) in last.items():
        agreed, answers = total(counts[one.pk][number])
        if answers and one.closed_at:
            found[key] = (one.campaign.local(one.closed_at).date(), share(agreed, answers), answers)
    return found


def written_of(survey: Survey, *, may_read: bool) -> list[Written]:
    """Return what was written, its words only for whoever may read them. Few texts were never kept."""
    found = []
    texts: dict[int, list[str]] = defaultdict(list)
    for row in FreeText.objects.filter(survey=survey):
        texts[row.question].append(row.text)
    for number, question in enumerate(survey.asked_in()):
        if question["kind"] != SCALE:
            some = texts.get(number, [])
            found.append(Written(question["words"], len(some), some if may_read else []))
    return found


def answers_so_far(survey: Survey) -> int | None:
    """
    Return about how many answered an open survey, rounded down to fives so that nobody sees one person answer; None where that
    is not known, as nobody was drawn.
    """
    if survey.is_public:
        return None
    used = survey.drawn - survey.tickets.count()
    return used - used % FEWEST


def csv_rows(survey: Survey) -> list[tuple[Any, ...]]:
    """Return the results as rows for a spreadsheet: shares of 1, languages where they may be shown."""
    rows: list[tuple[Any, ...]] = [("question", "words", "language", "agreed", "low_95", "high_95", "answers", "asked")]
    for result in results_of(survey):
        for language, interval, answers in [
            ("all", result.agreed, result.answers),
            *((group.language or "other", group.agreed, group.answers) for group in result.groups),
        ]:
            ends = (round(interval.seen, 4), round(interval.low, 4), round(interval.high, 4))
            rows.append((result.key, result.words, language, *ends, answers, survey.drawn if language == "all" else ""))
    return rows
