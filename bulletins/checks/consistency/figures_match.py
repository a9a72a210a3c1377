"""Numbers and dates: the same in every language, and the same as in the message input."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, tzinfo
from functools import lru_cache
from itertools import zip_longest

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bulletins.models import SITUATION, Edition, InputFact, KeyMessage, MessageInput
from campaigns.models import ReadingLevel
from lib.text.dates.validity_phrases import LAST_MINUTE
from lib.text.facts.detection import facts_in, is_figure
from lib.text.facts.fact import Fact, differences

from ..findings import (
    STOPS,
    Finding,
    Workspace,
    at_edition,
    at_tone,
    in_edition,
    language_name,
    of_action,
    of_message,
    of_tone,
)

COMPARED = ("title", "preheader", *SITUATION, "body")
DIFFERS_FROM_INPUT = OTHER_DATE, OTHER_FIGURE = ("other-date", "other-figure")

facts = lru_cache(maxsize=2048)(facts_in)  # the same words are read again after every autosave


def figures(text: str, language: str) -> list[Fact]:
    """Return the facts of a text that other languages have to say too."""
    return [fact for fact in facts(text, language) if is_figure(fact)]


def other_than_original(desk: Workspace) -> Iterator[Finding]:
    """Find figures that a translation lacks, or that it has and the original has not."""
    code = desk.bulletin.original_language
    if desk.original:
        ours = [(name, figure) for name in COMPARED for figure in figures(getattr(desk.original, name), code)]
        for edition in desk.editions:
            if edition.language == code:
                continue
            theirs = [
                (name, figure) for name in COMPARED for figure in figures(getattr(edition, name), edition.language)
            ]
            if not theirs and not edition.body.strip():
                continue  # not translated yet: that is said already
            # Easy language may leave figures out, but has none of its own.
            complete = edition.reading_level == ReadingLevel.STANDARD
            yield from compared(
                (code, ours), (edition.language, theirs), in_edition(edition), edition, complete=complete
            )
    for message in desk.messages:
        yield from in_rows(desk, message.text, lambda to, one=message: of_message(one, to), f"message:{message.pk}")
    for action in desk.actions:
        yield from in_rows(desk, action.text, lambda to, one=action: of_action(one, to), f"action:{action.pk}")


def other_than_plain(desk: Workspace) -> Iterator[Finding]:
    """Find figures in another tone of a key message that its plain words lack: it may leave some out, and has none of its own."""
    for message in desk.messages:
        for tone, texts in message.tones.items():
            for code, text in texts.items():
                plain = figures(message.text.get(code, ""), code)
                _lacking, extra = differences(plain, figures(text, code))
                for figure in extra:
                    yield Finding(
                        STOPS,
                        "tone-differs",
                        of_tone(message, tone, code),
                        _("It says “%(figure)s”; the key message in its plain words does not.")
                        % {"figure": figure.written},
                        _("Make both say the same."),
                        place=at_tone(message, tone, code),
                        found=figure.written,
                        overridable=True,
                    )


def in_rows(desk: Workspace, texts: dict[str, str], where: Callable[[str], str], place: str) -> Iterator[Finding]:
    """Compare the languages of a key message or a call to action."""
    code = desk.bulletin.original_language
    if not texts.get(code, "").strip():
        return
    ours = [("", figure) for figure in figures(texts[code], code)]
    for to, text in texts.items():
        if to != code and text.strip() and to in desk.written_in:
            theirs = [("", figure) for figure in figures(text, to)]
            yield from compared((code, ours), (to, theirs), where(to), f"{place}:{to}")


def compared(
    original: tuple[str, list[tuple[str, Fact]]],
    translation: tuple[str, list[tuple[str, Fact]]],
    where: str,
    to: Edition | str,
    *,
    complete: bool = True,
) -> Iterator[Finding]:
    """Compare the figures of two texts, each with the field it is in; what differs in kind is told in pairs."""
    (code, ours), (their_code, theirs) = original, translation
    lacking, extra = differences([figure for _name, figure in ours], [figure for _name, figure in theirs])
    names = {"original": language_name(code), "translation": language_name(their_code)}
    for kind in dict.fromkeys(figure.kind for figure in (*lacking, *extra)):
        pairs = zip_longest(of_kind(lacking, kind) if complete else [], of_kind(extra, kind))
        for ours_only, theirs_only in pairs:
            here = theirs if theirs_only else ours
            name = next(name for name, figure in here if figure is (theirs_only or ours_only))
            place = to if isinstance(to, str) else at_edition(to, name)
            ours_said, theirs_said = (one.written if one else "" for one in (ours_only, theirs_only))
            yield Finding(
                STOPS,
                "parity",
                where if isinstance(to, str) else in_edition(to, name),
                difference_sentence(ours_only, theirs_only) % (names | {"ours": ours_said, "theirs": theirs_said}),
                _("Make both say the same."),
                place=place,
                found=f"{ours_said}|{theirs_said}",
                overridable=True,
            )


def difference_sentence(ours: Fact | None, theirs: Fact | None) -> str:
    """Return the sentence for a figure that one text has and the other has not, or has as another."""
    if ours and theirs:
        return _("%(original)s says “%(ours)s”, %(translation)s says “%(theirs)s”.")
    if ours:
        return _("%(original)s says “%(ours)s”, %(translation)s does not.")
    return _("%(translation)s says “%(theirs)s”, %(original)s does not.")


def of_kind(found: Iterable[Fact], kind: str) -> list[Fact]:
    """Return the figures of a kind."""
    return [figure for figure in found if figure.kind == kind]


def other_than_input(desk: Workspace) -> Iterator[Finding]:
    """
    Find dates that no message input has, where an input has another one instead; and figures of a key message that
    neither its fact nor any input has, where the fact has others of that kind.
    """
    known = [figure for source in desk.inputs for figure in input_figures(source)]
    known += [fact for source in desk.inputs for fact in validity_facts(source, desk.campaign.zone)]
    facts = [(fact.text, source.language) for source in desk.inputs for fact in source.facts.all()]
    bodies = [(source.body, source.language) for source in desk.inputs]
    yield from other_dates(desk, known, [dates_in(facts), dates_in(bodies)])
    for message in desk.messages:
        if message.fact:
            yield from other_figures(desk, message, message.fact, known)


def input_figures(source: MessageInput) -> list[Fact]:
    """Return the figures of an input: its title, text, facts, and the titles of its sources."""
    texts = [source.title, source.body, *(fact.text for fact in source.facts.all())]
    texts += [one.title for one in source.sources.all()]
    return [figure for text in texts for figure in figures(text, source.language)]


def validity_facts(source: MessageInput, zone: tzinfo) -> list[Fact]:
    """Return the days and hours until which an input and its key facts hold, as facts."""
    moments = dict.fromkeys([source.valid_until, *(fact.valid_until for fact in source.facts.all())])
    return [fact for moment in moments if moment for fact in end_facts(moment, zone)]


def end_facts(moment: datetime, zone: tzinfo) -> list[Fact]:
    """Return the day and the hour of the end of a validity in a zone, as facts; of the last minute of a day only the day."""
    local = moment.astimezone(zone)
    hour = "" if local.time() >= LAST_MINUTE else f" klo {local:%H.%M}"
    return list(facts(f"{local.day}.{local.month}.{local.year}{hour}", "fi"))  # values are the same in every language


def dates_in(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Return the dates ("04-19") of some texts, each with its language."""
    found = [figure for text, language in texts for figure in figures(text, language)]
    return sorted({date for figure in found if figure.kind == "date" for date in figure.dates})


def other_dates(desk: Workspace, known: list[Fact], dates: list[list[str]]) -> Iterator[Finding]:
    """
    Find dates in any text that the inputs have not, and name the date that they have instead; once where a fact was changed to it
    in all its places.
    """
    changed = {one.becomes[-5:]: False for one in desk.changes if one.kind == "date"}
    read = [(code, where, place, figures(text, code)) for code, where, place, text in desk.texts]
    used: dict[str, set[str]] = {}
    for _code, _where, place, found in read:
        dates_here = (date for figure in found if figure.kind == "date" for date in figure.dates)
        used.setdefault(place, set()).update(dates_here)
    for _code, where, place, found in read:
        for figure in found:
            if not is_unknown_date(figure, known):
                continue
            day = min(figure.dates)
            # The facts are what was meant to be told; the text around them comes second.
            instead = next(filter(None, (intended_date(day, some, used[place]) for some in dates)), None)
            if instead is None or changed.get(day):
                continue
            if day in changed:
                changed[day] = True
            yield Finding(
                STOPS,
                OTHER_DATE,
                where,
                _("The text says “%(ours)s”; the submission says %(theirs)s.")
                % {"ours": figure.written, "theirs": written_date(instead)},
                _("Follow the submission, or ask the authority."),
                place=place,
                found=day,
                overridable=True,
            )


def is_unknown_date(figure: Fact, known: list[Fact]) -> bool:
    """Tell whether a figure is a date that no input has."""
    return figure.kind == "date" and not any(figure.matches(one) for one in known)


def written_date(value: str) -> str:
    """Return a day ("04-19") as people write it in the active language."""
    month, day = value.split("-")
    return date_format(date(2000, int(month), int(day)), "MONTH_DAY_FORMAT")


def intended_date(date: str, dates: list[str], used: set[str]) -> str | None:
    """
    Return the date of the input that a date seems to stand for: one that the text has nowhere, the nearest in the same
    month, or else the nearest in the next or previous one; None when there is none.
    """
    open_dates = [one for one in dates if one not in used]
    nearest = sorted(open_dates, key=lambda one: abs(day_of_year(one) - day_of_year(date)))
    return next((one for one in nearest if abs(day_of_year(one) - day_of_year(date)) <= 31), None)


def day_of_year(date: str) -> int:
    """Return about which day of a year "04-19" is; good enough to say which of two dates is nearer."""
    month, day = date.split("-")
    return (int(month) - 1) * 31 + int(day)


def other_figures(desk: Workspace, message: KeyMessage, fact: InputFact, known: list[Fact]) -> Iterator[Finding]:
    """Find figures of a key message, other than dates, that its input lacks while its fact has another of that kind."""
    language = next((one.language for one in desk.inputs if one.pk == fact.input_id), desk.bulletin.original_language)
    of_fact = figures(fact.text, language)
    for code, text in message.text.items():
        lacking, left = differences(figures(text, code), of_fact)
        for figure in lacking:
            if figure.kind == "date" or any(figure.matches(one) for one in known):
                continue
            instead = next((one for one in left if one.kind == figure.kind), None)
            if instead is None:
                continue
            yield Finding(
                STOPS,
                OTHER_FIGURE,
                of_message(message, code),
                _("The text says “%(ours)s”; the submission says %(theirs)s.")
                % {"ours": figure.written, "theirs": f"“{instead.written}”"},
                _("Follow the submission, or ask the authority."),
                place=f"message:{message.pk}:{code}",
                found=figure.written,
                overridable=True,
            )
