"""A post as it would be written in a letter: spoken words, shortened days and emoji, before its dates and numbers are read."""

import calendar
import re
from datetime import date

from lib.text.facts.words.calendar import MONTH_NAMES, WEEKDAY_NAMES

from .moments import UNKNOWN_YEAR
from .words import aspects

EMOJI = re.compile(r"[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f\u200d]+")

_WORD = re.compile(r"[^\W_]+(?:/o\b)?")
_SHORTENED = re.compile(r"(?i)\b(klo|kl|nr|no|tel|puh|ca|esim|väh|max|min|p|s)\.(?=\s*[\w(])")
_SLASHED = re.compile(r"(?<![\d/.,])([0-3]?\d)/([01]?\d)(?![\d/])")
_ENGLISH_DAY = re.compile(r"(?i)\b(until|by|from|since|before|ends?|to)\s+([0-3]?\d)\.([01]?\d)\b\.?(?!\d)")
_OF_MONTH = re.compile(r"(?i)\b(?:the\s+)?([0-3]?\d)(?:st|nd|rd|th)?\s+of\s+(?=[a-z])")
_THE_DAY = re.compile(
    r"(?i)\bthe\s+([0-3]?\d)(?:st|nd|rd|th)\b(?!\s+(?:of|[a-z]*(?:week|floor|time|place|grade)|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
)
_SWEDISH_DAY = re.compile(
    r"(?i)\bden\s+([0-3]?\d)(?::?[ea]\b|(?=[\s.!?,]|$))(?!\s*(?:jan|feb|mar|apr|maj|jun|jul|aug|sep|okt|nov|dec))"
)
_FINNISH_SHORT_DAY = re.compile(r"(?i)\b(ma|ti|ke|to|pe|la|su)\b(?=\s+(?:klo|asti|saakka|\d|puol))")
_FINNISH_DAYS = dict(
    zip(
        "ma ti ke to pe la su".split(),
        "maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai".split(),
        strict=True,
    )
)
_MONTH_NAMES = {code: [next(iter(spellings.values())) for spellings in MONTH_NAMES[code]] for code in ("sv", "en")}
_MONTHS = {name.lower(): name for name in _MONTH_NAMES["en"]}
_MONTHS |= {name[:3].lower(): name for name in _MONTH_NAMES["en"]} | {"sept": "September"}
_DAYS = {spellings[""].lower() for spellings in WEEKDAY_NAMES["en"]}
_LAST_OF = re.compile(
    rf"(?i)\b(?:sista|slutet\s+av|utgången\s+av|(?:the\s+)?(?:very\s+)?end\s+of)\s+({'|'.join(name for names in _MONTH_NAMES.values() for name in names)})\b"
)
_SHORT_DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "tues": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "thurs": "Thursday",
    "fri": "Friday",
}
_AMBIGUOUS = {"may", "march", "mar", "sun", "sat", "wed", "dec"}
_ENGLISH_MONTH = re.compile(
    rf"(?i)(?<![^\W_])(?:(\d{{1,2}}(?:st|nd|rd|th)?|in|of|until|by|since|before|all|early|late|last|next)(\s+))?({'|'.join(sorted(_MONTHS, key=len, reverse=True))})(?![^\W_])(\s+\d{{1,2}}(?:st|nd|rd|th)?\b)?"
)
_SAYINGS = {
    code: [(re.compile(pattern, re.I), meant) for pattern, meant in sayings]
    for code, sayings in aspects.SAYINGS.items()
}


def in_writing(text: str, language: str, today: date | None = None) -> str:
    """Return a sentence of a post with its spoken words, shortened days and slips as they would be written."""
    code = language.partition("-")[0]
    spoken = aspects.SPOKEN.get(code, {})
    text = _SHORTENED.sub(r"\1", EMOJI.sub(" ", text.replace("’", "'")))
    text = _WORD.sub(lambda found: spoken.get(found[0].casefold(), found[0]), text)
    for pattern, meant in _SAYINGS.get(code, ()):
        text = pattern.sub(meant, text)
    text = _LAST_OF.sub(_last_day, text)
    if code == "en":
        return _english(text, today)
    text = _SLASHED.sub(r"\1.\2.", text)
    if code == "fi":
        return _FINNISH_SHORT_DAY.sub(lambda found: _FINNISH_DAYS[found[1].lower()], text)
    if code == "sv" and today:
        return _SWEDISH_DAY.sub(lambda found: _dated(found[1], today, "den {day} {month}", "sv") or found[0], text)
    return text


def with_capitals(text: str, language: str) -> str:
    """Return a text in which days and months have their capitals, by which English ones are known: "from 1 december"."""
    if language.partition("-")[0] != "en":
        return text
    return _WORD.sub(_weekday, _ENGLISH_MONTH.sub(_capital, text))


def _english(text: str, today: date | None) -> str:
    text = _SLASHED.sub(lambda found: _month_after(found[1], found[2]) or found[0], text)
    text = _ENGLISH_DAY.sub(
        lambda found: f"{found[1]} {_month_after(found[2], found[3]) or found[0].partition(' ')[2]}", text
    )
    text = _OF_MONTH.sub(r"\1 ", text)
    text = _ENGLISH_MONTH.sub(_capital, text)
    if today:
        text = _THE_DAY.sub(lambda found: _dated(found[1], today, "{day} {month}", "en") or found[0], text)
    return _WORD.sub(_weekday, text)


def _last_day(found: re.Match[str]) -> str:
    """Return "31 May" for the end of May."""
    for names in _MONTH_NAMES.values():
        for number, name in enumerate(names, 1):
            if name.lower() == found[1].lower():
                return f"{calendar.monthrange(UNKNOWN_YEAR - 1, number)[1]} {name}"
    return found[0]


def _weekday(found: re.Match[str]) -> str:
    word = found[0].casefold()
    if word in _DAYS:
        return word.capitalize()
    return _SHORT_DAYS[word] if word in _SHORT_DAYS and found[0] != "wed" else found[0]


def _capital(found: re.Match[str]) -> str:
    before, between, month, after = found[1] or "", found[2] or "", found[3], found[4] or ""
    if month.lower() in _AMBIGUOUS and not (before or after):
        return found[0]
    return f"{before}{between}{_MONTHS[month.lower()]}{after}"


def _month_after(day: str, month: str) -> str:
    """Return "31 May" for 31 and 5, "" where that is no day."""
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return ""
    return f"{int(day)} {_MONTH_NAMES['en'][int(month) - 1]}"


def _dated(day: str, today: date, form: str, code: str) -> str:
    """Return the day of a month that nobody named: of this one, or of the next where it is long past."""
    number = int(day)
    if not 1 <= number <= 31:
        return ""
    month = today.month if number >= today.day - 7 else today.month % 12 + 1
    return form.format(day=number, month=_MONTH_NAMES[code][month - 1])
