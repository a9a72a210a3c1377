"""
Which classes of words, one after the other, may be a fact.

Patterns are read on the classes of a text (tokens.py), not on its letters: each is short, bounded, and begins with a
class that few words have. A rule is a pattern and the name of the reader of its kind (readers.py), which may still say
no; the first rule that fits a place takes it.
"""

import re
from dataclasses import dataclass
from functools import cache

_DIGITS = "[93Y45]"
NUMBER = rf"(?:[93](?: 3){{1,6}}(?!{_DIGITS})|[93](?:,3){{1,6}}(?!{_DIGITS})|{_DIGITS})(?:[.,]{_DIGITS})?"
WORDS = r"(?:N(?:-N)?(?: J(?: T N(?:-N)?| N(?:-N)?)?){0,3}|(?:H a |N H |H |a )?J(?: T N(?:-N)?)?)"
AMOUNT = rf"(?:{NUMBER}(?: ?J(?:\.(?= ?[E€]))?)?|{WORDS})"
_BETWEEN = r"(?: ?[-–…] ?| T )"
_SIGNED = r"(?: ?[-–…] ?[-+]?| T [-+]?)"
_UNIT = r"(?:(?: ?|-)[UQEP%€](?!-w))"
_NO_UNIT = r"(?! ?[UQEP%€JA])"
_WEEKDAY = r"(?:[Kk]\.?,? (?:d )?|d )?"
_DAY = r"(?:9i|9:w|9|N-O|O(?: O)?)"
_YEAR = r"(?:,? Y)?"
_HOUR = r"9(?:[.:]9)?"
_AFTER_LABEL = r"(?![93Y45]|[.,:/][93Y45]|:w| [93Y45]| ?[-–×]|[xiz]| ?[UQEP%€JMmACpv§l]|\. ?[MmUk]|\.[-–])"
_CODE = r"[93Y45x](?:[./:,][93Y45x]){0,4}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern of classes and the reader of what it finds."""

    reader: str
    pattern: re.Pattern[str]


def _dates(code: str) -> list[tuple[str, str]]:
    rules = [
        ("iso_date", r"Y-9-9(?![93Y45-])"),
        ("table_time", r"(?<=\| )9\.9(?= ?[\n|])"),
        ("log_time", r"(?<=\n)9\.9(?= [wWNRXDK])"),
        ("date", rf"{_WEEKDAY}(?:9\.? ?[-–] ?|9\.? T )?9\.9\.(?: ?Y|9(?![\d:93Y45]))"),
        ("date", r"9/9[/ ]Y"),
    ]
    if code:
        rules += [
            ("date", rf"{_WEEKDAY}{_DAY}\.?(?:{_BETWEEN}(?:[Kk]\.?,? )?(?:d )?{_DAY}\.?)? (?:o )?(?:M|m\.?){_YEAR}"),
        ]
    if code == "fi":
        rules.append(
            (
                "date",
                rf"{_WEEKDAY}M (?:9\. T )?(?:9\. ?[-–] ?9\.(?: U)?|(?:9\.|O(?: O)?) U|9:w|O(?: O)?(?= ?[.,;:!?)\n])){_YEAR}",
            )
        )
        rules.append(("bounding_date", rf"{_WEEKDAY}M 9\.?(?= [wvT])"))
        rules.append(("date", rf"{_WEEKDAY}(?:9\.|O(?: O)?) U M{_YEAR}"))
        rules.append(("legal_date", rf"9 U M{_YEAR}"))
    if code == "en":
        rules.append(("date", rf"{_WEEKDAY}(?:M|m\.?) (?:d )?{_DAY}(?:{_BETWEEN}{_DAY})?(?![93Y45:.][93Y45]){_YEAR}"))
        rules.append(("late_date", rf"(?<=[FTw] )9\.9(?!\.?{_DIGITS})\.?" + _NO_UNIT))
        rules.append(("date", rf"[Kk],? 9\.9(?!\.?{_DIGITS})\.?"))
    else:
        rules += [
            ("short_date", rf"{_WEEKDAY}(?:9\.? ?[-–] ?|9\. T )?9\.9(?!\.?{_DIGITS})\.?{_NO_UNIT}(?!-[QU])"),
            ("short_date", r"(?:(?:[Kk] |d )9/9|9/9(?= C))(?![/93Y45])"),
        ]
    return rules


def _times(code: str) -> list[tuple[str, str]]:
    second = rf"(?:{_HOUR}|N)(?::[wWFTNi])?{_NO_UNIT}(?! [M3])"
    after = rf"(?: ?[-–] ?(?:C\.? ?)?{second}| T C\.? ?{second}| T {second}(?! [wWA-Z])| {_HOUR}:w)?"
    rules = [
        ("exact_time", r"(?:C\.? ?)?9:9:9(?![:,.]?[93Y45])"),
        ("time", rf"(?:C\.? ?)?9:9(?!:?{_DIGITS})(?:{_BETWEEN}9:9(?!:{_DIGITS}))?(?: ?A)?"),
        ("four_digits", r"(?:C\.? ?)?4(?![.,:/-]?[93Y45])"),
    ]
    if not code:
        return rules
    rules += [
        ("hours", rf"(?:[GKk][,:]? |G w (?:G )?)(?:F )?{_HOUR}{_BETWEEN}{_HOUR}{_NO_UNIT}(?! ?[Mm])(?!\.{_DIGITS})"),
        ("hours", rf"{_HOUR}[-–]{_HOUR} (?:w )?[GK](?!w)"),
        ("hour_list", r"(?<=: )9[-–]9(?:(?:, | T )9[-–]9){1,6}" + _NO_UNIT),
        ("hour_list", r"(?<=[,(:] )9[-–]9(?= ?[\n.,;)])(?!\.9)"),
        ("slot_hours", r"(?<=R 9: )9(?:\.9)?[-–]9(?:\.9)?(?= ?[\n.,;])(?!\.9)"),
        ("single_hours", r"(?<=F )9(?:, 9){1,6} T 9(?! [wWMm])(?![.:]9)" + _NO_UNIT),
        ("plain_hour", r"(?<=[FT] )(?:9(?= (?:F |w )?[KkD]|[.;!?\n] ?[W\n])|N(?= D|[.;!?\n]| [TFw]))"),
        ("opening_hour", r"g (?:D )?(?:[wF] )?9(?= ?[,;!?\n]|\.[ \n])(?!\. ?[MmU])"),
        ("named_time", r"(?:F |C )?Z"),
    ]
    if code == "en":
        spoken = r"(?:(?:[HV]|N(?: U)?) q (?:N|9)|V T (?:N|9)|N U T N(?! U))"
        hour = rf"(?:{spoken}|{_HOUR}|N)"
        return [
            ("time", rf"{hour}(?:{_BETWEEN}{hour})? ?A"),
            ("time", rf"{hour}(?:{_BETWEEN}{hour})? C(?: p)?"),
            ("time", rf"{hour}(?:{_BETWEEN}{hour})? p"),
            ("time", spoken),
            ("clear_time", rf"[FT] 9\.9(?:{_BETWEEN}9\.9)?(?!\.?{_DIGITS}){_NO_UNIT}(?! ?A)"),
            ("clear_time", r"9\.9(?= R)"),
            ("between", r"(?<=F )9 T 9(?= ?[.,;:!?)\n])"),
            ("clear_time", rf"9\.9[-–]9\.9(?!\.?{_DIGITS}){_NO_UNIT}(?! ?A)"),
            *rules,
        ]
    hour = r"(?:H N|V [qbF] N|N(?: U)? [qb] N)"
    return [
        *(
            [
                ("spoken_clock", r"C (?:w )?N N"),
                ("time_span", r"C N N(?: p)?|(?:G )?[Nh] N p|G N N|[Nh] N(?= ?[.,;:!?)\n])"),
            ]
            if code == "fi"
            else []
        ),
        ("time", rf"C\.? ?(?:{hour}|{_HOUR}|N)(?::[wWFTNi])?{after}(?:(?: w)? p)?"),
        ("time", rf"{hour}{_NO_UNIT}(?: v)?(?: p)?"),
        ("time", r"h"),
        ("time", rf"N(?:{_BETWEEN}N)? v(?: p)?"),
        ("time", rf"(?:N|9)(?:{_BETWEEN}(?:N|9))? p|9-v"),
        *(
            [("ablative_time", rf"N{_NO_UNIT}(?: p)?"), ("time_span", r"N(?= C)"), ("until_hour", r"N(?= w)")]
            if code == "fi"
            else []
        ),
        ("clear_time", rf"9\.9(?:[-–]9\.9)?(?!\.?{_DIGITS}){_NO_UNIT}"),
        *rules,
    ]


def _others(code: str) -> list[tuple[str, str]]:
    rules = [
        ("amount", rf"€ ?{NUMBER}(?: ?[JQ](?![\w]))?(?:{_BETWEEN}€? ?{NUMBER}(?: ?J)?)?"),
        ("amount", rf"E {NUMBER}(?: ?J)?"),
        ("amount", rf"{NUMBER}Q [E€]"),
        (
            "half",
            r"(?:H a|N H|H) [UP]|(?:N )?V o a U|a U T a H|"
            + ("" if code == "en" else "N V|")
            + r"V(?! q)|(?:N|9) T (?:a |N )?H [UQEP]",
        ),
        ("amount", rf"{AMOUNT}(?:(?:{_SIGNED}| (?=N)){AMOUNT})?(?: ?Q (?:[wFa] )?[UQ]|{_UNIT})"),
    ]
    rules += [
        ("name", rf"X {_CODE}(?:(?:, | T | ?[-–] ?){_CODE}){{0,8}}|X: {_CODE}(?:(?:, | T | ?[-–] ?){_CODE}){{1,8}}"),
        ("name", rf"[Rle](?:\.? ?| w )[93][-–][93]{_NO_UNIT}"),
        ("name", r"[Rl] [93] o [93](?![.,]?[93Y45])"),
        ("name_in_words", r"R N(?= ?[.,:;!?)\n]| T)"),
        ("page", r"U\. ?[93](?: ?[-–] ?[93])?"),
        ("name", rf"[Rl]\.? ?[:#]?{_CODE}(?: ?[-–×] ?{_CODE}|(?:, | T ){_CODE}(?! ?[wWUQEP%JMm93Y45])){{0,8}}"),
        ("name", r"[93Y45](?:/[93Y45]){1,3}"),
        ("name", r"[93Y45](?:[.-][93Y45]){2,6}"),
        ("name", r"[93Y45] ?× ?[93Y45]|Y[-–]9(?![93Y45])|[93]i|Y:[93]"),
        ("name", r"(?:9[-–])?[93]x? (?:[wa] )?(?:§|l)|§ [93]"),
        (
            "no_fact",
            r"(?:(?<=\n)|(?<=\n )|(?<=\n\*\*)|(?<=\n# ))9[.)] (?![MmU])|(?<=\n)(?:\(9\) |[93](?=\n+f)|[93Y](?= ?\|))",
        ),
        ("no_fact", r"(?<=[.?!] )9\. (?=W)"),
        ("inline_list", r"(?<=[ \n])9\)(?= )"),
        ("no_fact", r"a N(?![ -][UQEPNJ])"),
        ("phone_in_words", r"t"),
        ("label", r"(?<=[wW] )[9345](?:(?: ?[-–] ?| T )[9345]|(?! ?[-–]| T [93Y45]))" + _AFTER_LABEL),
        ("name", r"x(?: [Y4]){2,6}(?: [93])?"),
        ("week", rf"U 9(?![.:,]?{_DIGITS})"),
        ("brand", rf"W (?:[93Y]|x)(?![-.:,/]?{_DIGITS}){_NO_UNIT}"),
        (
            "weekday",
            r"K(?: ?[-–] ?K)?|k ?[-–] ?k|k(?: T k)?(?= (?:C|9[.:]?9? ?[-–A]))|(?<=[(\n] )k(?= )|k(?= [wp])|(?<=D T )k",
        ),
        ("day", r"D"),
        ("address", r"(?:s )?S [93]|W (?:W )?B 9"),
        ("year", r"(?:[yU] |F )Y(?:[-–]Y)?(?![,.]?[93Y45])|Y[-–]Y(?![93Y45-])"),
        ("month", r"M Y" + ("" if code == "fi" else r"|(?<=[FoT] )M")),
        ("year", r"Y(?![,.][93Y45])(?= ?[.,;:!?)\n])"),
    ]
    if code == "fi":
        rules += [("month", r"M"), ("ordinal", r"9\.[ -](?=[a-zA-Z])")]
    else:
        rules.append(("ordinal", r"(?<=[:;,] )9\.[ -](?=[a-zA-Z])"))
    return [*rules, ("bare_year", r"Y(?![/-]|[,.:]?[93Y45])"), ("number", AMOUNT)]


_PHONES = [
    ("phone", rf"\+{_DIGITS}(?:[ -]{_DIGITS}){{1,6}}|\+5"),
    ("phone", rf"{_DIGITS}(?:[ -]{_DIGITS}){{1,6}}"),
    ("phone", rf"\({_DIGITS}\)(?: ?{_DIGITS}){{1,5}}"),
    ("phone", r"[345]"),
]


# What may go on after a date, a weekday or an hour, and is read as hours then: "Tue 18 May 12–18", "klo 7.45 ja 8.15".
HOURS_AFTER = {
    "date": re.compile(
        rf"(?:,|:)? (?:C\.? ?)?(?:{_HOUR}{_BETWEEN}{_HOUR}|9[.:]9){_NO_UNIT}(?! ?[MmA])(?![.:]?{_DIGITS})"
    ),
    "weekday": re.compile(rf":? {_HOUR}[-–]{_HOUR}{_NO_UNIT}(?! ?[Mm])(?![.:]?{_DIGITS})"),
    "time": re.compile(rf"(?:,? T |, |; )(?:{_HOUR}[-–]{_HOUR}|9[.:]9){_NO_UNIT}(?! ?[MmA])(?![.:]?{_DIGITS})"),
}
MORE_HOURS = re.compile(rf"(?:, 9){{1,6}}(?: T 9)?(?! [wWMm]){_NO_UNIT}(?![.:-]?{_DIGITS})")  # klo 6, 12 ja 18


# What any rule may begin with: most words are passed over at one look.
_FIRST = r"(?=[93Y45NJKkMmOHVCZDRXlSsUyGhE€+(@§etg]|W (?:[93Yx]|(?:W )?B)|[FT] [9ZY]|d [9ON]|a [JUN]|x [Y4])"


@cache
def rules_of(language: str) -> tuple[re.Pattern[str], tuple[Rule, ...]]:
    """Return the rules of a language, and a pattern whose numbered groups are theirs in their order."""
    code = language if language in {"fi", "sv", "en"} else ""
    rules = [("web", "@"), *_PHONES, *_dates(code), *_times(code), *_others(code)]
    either = re.compile(_FIRST + "(?:" + "|".join(f"({pattern})" for _reader, pattern in rules) + ")")
    return either, tuple(Rule(reader, re.compile(pattern)) for reader, pattern in rules)
