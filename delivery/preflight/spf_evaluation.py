"""SPF records (RFC 7208), read as a receiver reads them, to the end: what they say and how many look-ups they cost."""

import ipaddress
import re
from dataclasses import dataclass, field

from django.utils.translation import gettext_noop

from .dns import Names, NoRecord

MOST_LOOK_UPS = 10  # §4.6.4, as are the next two
MOST_VOID = 2
MOST_EXCHANGERS = 10
FOLLOWED = 40  # look-ups after which the count only says "more"; keeps a hostile record from holding us up

VERSION = re.compile(r"v=spf1(?: |\Z)", re.IGNORECASE)
TERM = re.compile(r"([+\-~?]?)([A-Za-z][A-Za-z0-9_.\-]*)(?:([:/=])(.*))?", re.DOTALL)
HOST = re.compile(r"[A-Za-z0-9_.\-]+")
MACRO = re.compile(r"%(?:%|_|-|\{[slodiphcrtv]\d{0,3}r?[.\-+,/_=]*\})", re.IGNORECASE)
LENGTHS = re.compile(r"(?:/(\d{1,3}))?(?://(\d{1,3}))?")
MECHANISMS = {"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"}
COSTLY = {"include", "a", "mx", "ptr", "exists"}

NOT_READABLE = gettext_noop("The SPF record of %(domain)s has a mistake at “%(term)s”.")
LOOPS = gettext_noop("The SPF record of %(domain)s includes itself by “%(term)s”.")
NOTHING_THERE = gettext_noop("“%(term)s” in the SPF record of %(domain)s leads to a domain without an SPF record.")
SEVERAL_THERE = gettext_noop("“%(term)s” in the SPF record of %(domain)s leads to a domain with several SPF records.")
TOO_MANY_EXCHANGERS = gettext_noop(
    "“%(term)s” in the SPF record of %(domain)s leads to more than ten mail servers (MX)."
)


class PermError(Exception):
    """Receivers take the record for broken (permerror). `says` is English from gettext_noop, `values` go into it."""

    def __init__(self, says: str, *, domain: str, term: str) -> None:
        self.says = says
        self.values = {"domain": domain, "term": term[:80]}
        super().__init__(says % self.values)


@dataclass(frozen=True)
class Term:
    """A mechanism or modifier: `sign` and `value` are what follows its name, `target` the domain it asks about."""

    qualifier: str
    name: str
    sign: str = ""
    value: str = ""
    target: str = ""

    def __str__(self) -> str:
        return f"{self.qualifier}{self.name}{self.sign}{self.value}"


@dataclass
class Reading:
    """
    What a record comes to: `costs` has (term, look-ups) of its own terms, `voids` counts look-ups that found
    nothing, `ending` is what happens to senders that no term names ("-all"; "" when the record does not say).
    """

    lookups: int = 0
    voids: int = 0
    costs: list[tuple[str, int]] = field(default_factory=list)
    ending: str = ""
    asks_for_ptr: bool = False

    @property
    def breakdown(self) -> str:
        """The costs in words, the dearest first: "include:example.org: 4, mx: 1"."""
        return ", ".join(f"{term}: {counted(cost)}" for term, cost in sorted(self.costs, key=lambda pair: -pair[1]))


def counted(lookups: int) -> str:
    """Return a number of look-ups as far as they were followed."""
    return f"{lookups}" if lookups <= FOLLOWED else f"> {FOLLOWED}"


def records_of(domain: str, names: Names) -> list[str]:
    """Return the SPF records of `domain`; one is right. Raise Unanswered."""
    try:
        return [text for text in names.texts(domain) if VERSION.match(text)]
    except NoRecord:
        return []


def read(domain: str, record: str, names: Names) -> Reading:
    """
    Follow `record` of `domain` through everything it includes, as for a sender that no term matches.

    Raise PermError when receivers would take it for broken, Unanswered when a part could not be looked up.
    """
    reading = Reading()
    reading.ending = _follow(domain, record, names, (domain.lower(),), reading, reading.costs)
    return reading


def _follow(
    domain: str, record: str, names: Names, way: tuple[str, ...], total: Reading, costs: list[tuple[str, int]]
) -> str:
    """Add up the terms of one record and return its ending; `way` leads from the first domain to this one."""
    redirect = None
    for term in parse(domain, record):
        if term.name == "all":
            return f"{term.qualifier or '+'}all"
        if term.name == "redirect":
            redirect = term
        elif term.name in COSTLY:
            before = total.lookups
            total.lookups += 1
            _look_up(domain, term, names, way, total)
            costs.append((str(term), total.lookups - before))
    if redirect is None:
        return ""
    before = total.lookups
    total.lookups += 1
    ending = _into(domain, redirect, names, way, total)
    costs.append((str(redirect), total.lookups - before))
    return ending


def _look_up(domain: str, term: Term, names: Names, way: tuple[str, ...], total: Reading) -> None:
    """Do what one mechanism asks for."""
    total.asks_for_ptr |= term.name == "ptr"
    if term.name == "include":
        _into(domain, term, names, way, total)
    elif term.name != "ptr" and "%" not in term.target and total.lookups <= FOLLOWED:
        target = term.target or domain
        try:
            if term.name != "mx":
                names.addresses(target)
            elif len(names.exchangers(target)) > MOST_EXCHANGERS:
                raise PermError(TOO_MANY_EXCHANGERS, domain=domain, term=str(term))
        except NoRecord:
            total.voids += 1


def _into(domain: str, term: Term, names: Names, way: tuple[str, ...], total: Reading) -> str:
    """Follow an include or a redirect and return the ending of what it leads to."""
    if "%" in term.target or total.lookups > FOLLOWED:
        return ""  # a macro depends on the mail; what it leads to is not counted
    target = term.target.lower().rstrip(".")
    if target in way:
        raise PermError(LOOPS, domain=domain, term=str(term))
    found = records_of(target, names)
    if len(found) != 1:
        raise PermError(SEVERAL_THERE if found else NOTHING_THERE, domain=domain, term=str(term))
    return _follow(target, found[0], names, (*way, target), total, [])


# --- Syntax ------------------------------------------------------------------------------------------


def parse(domain: str, record: str) -> list[Term]:
    """Return the terms of a record. Raise PermError for the first that is none."""
    terms: list[Term] = []
    for word in record.split(" ")[1:]:
        if not word:
            continue
        term = parse_term(word)
        once = term is not None and term.name in {"redirect", "exp"}
        if term is None or (once and any(other.name == term.name for other in terms)):
            raise PermError(NOT_READABLE, domain=domain, term=word)
        terms.append(term)
    return terms


def parse_term(word: str) -> Term | None:
    """Return a mechanism or modifier, or None if it is neither."""
    match = TERM.fullmatch(word)
    if match is None or not word.isascii():
        return None
    qualifier, name, sign, value = match[1], match[2].lower(), match[3] or "", match[4] or ""
    if sign == "=":
        is_domain = name not in {"redirect", "exp"} or is_target(value)
        return Term(qualifier, name, sign, value, value) if not qualifier and is_domain else None
    if name not in MECHANISMS:
        return None
    target = _target(name, sign, value)
    return None if target is None else Term(qualifier, name, sign, value, target)


def _target(name: str, sign: str, value: str) -> str | None:
    """Return the domain that a mechanism names, "" for the record's own, None if it is written wrongly."""
    if name == "all":
        return "" if not sign else None
    if name in {"ip4", "ip6"}:
        return "" if sign == ":" and is_network(value, 4 if name == "ip4" else 6) else None
    if name in {"include", "exists"}:
        return value if sign == ":" and is_target(value) else None
    if name == "ptr":
        return value if not sign or (sign == ":" and is_target(value)) else None
    return _host_target(sign, value)


def _host_target(sign: str, value: str) -> str | None:
    """Return the domain of a or mx, each perhaps with the lengths of its networks."""
    target, slash, rest = ("", "/", value) if sign == "/" else value.partition("/")
    lengths = LENGTHS.fullmatch(slash + rest)
    if lengths is None or int(lengths[1] or 0) > 32 or int(lengths[2] or 0) > 128:
        return None
    return target if sign != ":" or is_target(target) else None


def is_target(value: str) -> bool:
    """Return whether `value` can stand for a domain: a name with a dot, or macros."""
    plain = MACRO.sub("x", value)
    return bool(HOST.fullmatch(plain)) and ("." in plain.strip(".") or plain != value)


def is_network(value: str, version: int) -> bool:
    """Return whether `value` is an address of that IP version, with a prefix length or without."""
    if not re.fullmatch(r"[0-9A-Fa-f:.]+(?:/\d{1,3})?", value):
        return False
    try:
        return ipaddress.ip_network(value, strict=False).version == version
    except ValueError:
        return False
