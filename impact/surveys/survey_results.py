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
from lib.text.languages.languages import language_name

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
AskedBefore = dict[
    tuple[int, str], tuple[Survey, int]
]  # {(survey, key of a question): (the survey before, the question's number)}


def results_of(survey: Survey) -> list[Result]:
    """Return the results of a closed survey's questions on the scale, empty where too few answered; three queries at most."""
    return results_of_all([survey])[survey.pk]


def results_of_all(surveys: Iterable[Survey]) -> dict[int, list[Result]]:
    """Return {survey: its results} of closed surveys of one campaign; three queries at most, however many surveys there are."""
    rows = list(surveys)
    told = [one for one in rows if one.answers]
    if not told:
        return {one.pk: [] for one in rows}
    before = asked_before(told)
    counts = counts_of([*told, *(one for one, _number in before.values())])
    return {one.pk: results_from(one, counts, before) if one.answers else [] for one in rows}


def results_from(survey: Survey, counts: dict[int, Counts], before: AskedBefore) -> list[Result]:
    """Return a survey's results from what was counted, with what changed since the same was asked before."""
    mine, found = counts[survey.pk], []
    for number, question in enumerate(survey.asked_in()):
        if question["kind"] != SCALE or number not in mine:
            continue
        agreed, answers = total(mine[number])
        groups = [
            Group(language, of, share(some, of)) for language, (some, of) in sorted(mine[number].items(), reverse=True)
        ]
        seen = share(agreed, answers)
        change = change_since(seen, before.get((survey.pk, question["key"])), counts)
        found.append(
            Result(question["key"], question["words"], answers, seen, groups if len(groups) > 1 else [], change)
        )
    return found


def change_since(now: Interval, before: tuple[Survey, int] | None, counts: dict[int, Counts]) -> Change | None:
    """Return by how much a share changed since a question of another survey, None without one."""
    if before is None:
        return None
    survey, number = before
    agreed, answers = total(counts[survey.pk][number])
    if not answers or survey.closed_at is None:
        return None
    then = share(agreed, answers)
    return Change(survey.campaign.local(survey.closed_at).date(), then, answers, difference(now, then))


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


def asked_before(surveys: list[Survey]) -> AskedBefore:
    """Return {(survey, key): (survey, number)} of the same question, the last time that people of the same group were asked; one query."""
    first = surveys[0]
    rows = Survey.objects.filter(
        campaign=first.campaign_id,
        way__in={one.way for one in surveys},
        group__in={one.group for one in surveys},
        state=Survey.State.CLOSED,
        closed_at__lt=max(one.closed_at for one in surveys if one.closed_at),
        answers__gte=FEWEST,
    )
    found: AskedBefore = {}
    for one in rows.select_related("campaign").order_by("closed_at"):
        for mine in surveys:
            if (
                asked_of(one) != asked_of(mine)
                or not one.closed_at
                or not mine.closed_at
                or one.closed_at >= mine.closed_at
            ):
                continue
            keys = {question["key"] for question in mine.questions}
            for number, question in enumerate(one.questions):
                if question["key"] in keys and question["kind"] == SCALE:
                    found[mine.pk, question["key"]] = (one, number)
    return found


def asked_of(survey: Survey) -> tuple[str, str, int | None]:
    """Return who was asked: two surveys can be compared where that is the same."""
    return survey.way, survey.group, survey.audience_id


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
