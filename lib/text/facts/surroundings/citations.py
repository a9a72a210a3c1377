"""Facts that a text only cites: the date of an announcement, a line of sources. They stay when the fact changes."""

import re

from lib.text.facts.fact import Fact

_REACH = 300  # characters of a line that are looked at before and after a fact
_NEAR = 40
_SOURCES = re.compile(
    r"(?i)(?:sources?|references?|lähde|lähteet|viite|viitteet|källa|källor|referens|referenser)(?:\s?:|\s*$|\s\()"
)
_LABEL = re.compile(
    r"(?i)(?:(?:last )?(?:published|updated|issued|dated)|julkaistu|päivitetty|päivätty|publicerad|publicerat|uppdaterad|uppdaterat|"
    r"daterad|daterat)\s?:?\s?(?:on |den )?"
)
_SIGNS = " \t#*_>-–•|("
_BEFORE = re.compile(
    r"(?i)\b(?:(?:announcement|statement|press release|release|decision|report|letter|guidance|advice|regulation)\s(?:of|dated|issued on)\s|"
    r"(?:tiedote|tiedotteessa|tiedotteen|lausunto|lausunnossa|päätös|päätöksessä|ilmoituksessa|raportti|raportissa)\s\(?|"
    r"(?:meddelande|meddelandet|pressmeddelande|pressmeddelandet|beslut|beslutet|utlåtande|utlåtandet|rapport|rapporten|anvisning|anvisningen)"
    r"\s(?:av|från|daterat|daterad)\s(?:den\s)?)$"
)
_AFTER = re.compile(
    r"(?i)\s(?:(?:annettu|annetussa|annetun|antama|antamassa|antaman|julkaistu|julkaistussa|julkaisema|julkaisemassa|päivätty|"
    r"päivätyssä)\b|(?:tiedote|tiedotteessa|tiedotteen|lausunto|lausunnossa)\b|(?:announcement|press release|statement)\b)"
)
_NAME = re.compile(r"[A-ZÅÄÖ]")


def is_cited(text: str, fact: Fact) -> bool:
    """Return whether a fact stands where a text says what it takes its words from, and not in what it says."""
    earliest, latest = max(0, fact.start - _REACH), min(len(text), fact.end + _REACH)
    begin = max(text.rfind("\n", earliest, fact.start) + 1, earliest)
    end = text.find("\n", fact.end, latest)
    end = end if end >= 0 else latest
    before, after = text[begin : fact.start], text[fact.end : end]
    line = before.strip(_SIGNS)
    if _SOURCES.match(line) or _is_among_sources(text, begin):
        return True
    if _LABEL.fullmatch(line + " ") or _LABEL.fullmatch(line) or _BEFORE.search(before[-_NEAR:]) or _AFTER.match(after):
        return True
    return _is_in_brackets(before, after, fact.kind)


def _is_among_sources(text: str, begin: int) -> bool:
    """Return whether the lines above, up to an empty one, begin with one that says "Sources"."""
    block = text[max(0, begin - _REACH) : begin].rpartition("\n\n")[2]
    head = next((line for line in block.splitlines() if line.strip(_SIGNS)), "")
    return bool(_SOURCES.fullmatch(head.strip(_SIGNS)))


def _is_in_brackets(before: str, after: str, kind: str) -> bool:
    """Return whether a date or number stands in brackets with a source: (source: THL, 2 April), (THL 2.4.2026)."""
    opening, closing = before.rfind("("), after.find(")")
    if opening < before.rfind(")") or opening < 0 or closing < 0:
        return False
    beside = f"{before[opening + 1 :]} {after[:closing]}".split()
    if any(_SOURCES.match(" ".join(beside[index:])) for index in range(len(beside))):
        return True
    names = [word for word in beside if _NAME.match(word)]
    return (
        kind in {"date", "month"} and bool(names) and len(names) == len([word for word in beside if word.strip(",.;:")])
    )
