"""A value in the words of a language, where no text has any to take them from: "75 y" is 75 years, 75 vuotta, 75 år."""

from decimal import Decimal

from .fact import plain
from .values import AMOUNTS, is_value
from .words.calendar import MONTH_NAMES
from .words.units import DURATIONS, MEASURES, MONEY, PERCENT

_NAMES = {"duration": DURATIONS, "measure": MEASURES, "money": MONEY}
_LONG = 5  # digits from which a whole number is written in groups


def words_of(kind: str, value: str, language: str) -> str:
    """Return an amount or a month as a language says it; "" where it is neither, or this knows no word of that language."""
    language = language.partition("-")[0]
    if language not in DURATIONS or not is_value(kind, value):
        return ""
    if kind == "month":
        year, _dash, month = value.rpartition("-")
        return f"{MONTH_NAMES[language][int(month) - 1]['nom' if language == 'fi' else '']} {year}".strip()
    if kind not in AMOUNTS:
        return ""
    number, _space, unit = value.partition(" ")
    said = _number(number, language)
    if kind == "number":
        return said
    rows = PERCENT[language] if kind == "percent" else _NAMES[kind][language].get(unit)
    if rows is None:  # a sign such as km/h, which all languages have; a code of money stays one
        return f"{said} {unit}"
    return f"{said} {_counted(rows[0], Decimal(number), language)}"


def _number(number: str, language: str) -> str:
    whole, _point, rest = plain(abs(Decimal(number))).partition(".")
    if len(whole) >= _LONG:
        whole = f"{int(whole):,}".replace(",", "," if language == "en" else "\u00a0")
    sign = "-" if Decimal(number) < 0 else ""
    return sign + whole + (("." if language == "en" else ",") + rest if rest else "")


def _counted(forms: dict[str, str], number: Decimal, language: str) -> str:
    one, many = ("nom", "par") if language == "fi" else ("one", "many")
    return forms.get("") or forms[one if number == 1 else many]
