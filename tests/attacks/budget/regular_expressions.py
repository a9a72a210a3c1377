"""
Every regular expression of ours, found by reading the code, and what it costs on runs of everything that it can stop at.

A pattern that is written as a constant of a module, or made of constants where it is used, is found by itself. One that is
made at run time stands in MADE with what it is made like; the test fails for one that stands nowhere. Patterns that are
only used at the beginning of a text (match, fullmatch) are tried there, the others everywhere.
"""

import ast
import importlib
import re
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from functools import cache
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from tests.architecture import ROOT, sources

from .measure import Case, Reader
from .outside_readers import UNITS

USES = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
AT_THE_BEGINNING = {"match", "fullmatch"}
SHORT, LONG = 10_000, 100_000  # characters: of what took longest for 1,000, and then for 10,000
MOST_GROWTH = 25  # times the time, for ten times the text; the square is 100
NO_TIME = 0.05  # seconds for the long text: 500 ns a character
# Patterns that are not linear, and how many characters they are given at most.
BOUNDED = {
    "influencers/inbox/mail/quoted_text.py: '(?:.*\\\\d.*\\\\b(?:wrote": (
        400,
        "LONGEST_INTRO, the length of a line above a quotation",
    ),
}

type Found = tuple[re.Pattern[Any], set[str]]  # a pattern and how it is used


# --- What there is -------------------------------------------------------------------------------------


@cache
def made() -> dict[tuple[str, str], list[re.Pattern[Any]]]:
    """Return the patterns that are made at run time, by file and function, as they are made there."""
    from factcheck.matching import canonical_urls
    from factcheck.verdicts import verdict_checks
    from lib.text.facts import grammar, tokens
    from lib.text.linguistics import banned_terms
    from website.search import excerpts, query_syntax

    rules = [
        pattern
        for code in ("fi", "sv", "en", "")
        for pattern in [grammar.rules_of(code)[0], *(rule.pattern for rule in grammar.rules_of(code)[1])]
    ]
    numbered = re.compile(r"[1-9][0-9]{0,18}(\.[1-9][0-9]{0,18}){2}")
    question = query_syntax.read('school "open on monday" -closed masks')
    return {
        ("website/feeds/cap_alerts.py", "numbers_of"): [re.compile(r"corona-([1-9]\d{0,8})-v([1-9]\d{0,3})")],
        ("lib/text/facts/grammar.py", "rules_of"): rules,
        ("lib/text/facts/tokens.py", "_lexer"): [tokens._lexer(code) for code in ("fi", "sv", "en")],
        ("bulletins/comments/mentions.py", "read_mentions"): [re.compile(r"(?<![\w@])@(Anna\ Bo|Anna)(?!\w)")],
        ("bulletins/checks/autofix.py", "replace_words"): [re.compile(r"\ba\ word\b")],
        ("website/search/excerpts.py", "__init__"): [excerpts.Marker(question, "en").maybe],
        ("lib/text/linguistics/banned_terms.py", "banned_pattern"): [
            banned_terms.banned_pattern(term) for term in ("fake* news*", "a* b", "a")
        ],
        ("operations/incident_report.py", "add_log_lines"): [
            re.compile(r"\bsend 7\b|\"task\": \"a\", \"keys\": \[7\]", re.I)
        ],
        ("operations/version.py", "commit"): [re.compile(r"^([0-9a-f]{40}) refs/heads/main$", re.M)],
        ("delivery/links/signing.py", "numbers"): [numbered],
        ("factcheck/verdicts/verdict_checks.py", "denied_first"): [
            re.compile(text, re.I) for text in verdict_checks.DENYING_OPENINGS.values()
        ],
        ("factcheck/matching/canonical_urls.py", "url_key"): [
            re.compile(text) for _site, text, _name in canonical_urls.POSTS
        ],
    }


def is_use(node: ast.AST) -> bool:
    """Return whether it is a call of the library with a pattern."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in USES
    )


def uses_in(tree: ast.AST, inside: str = "") -> Iterator[tuple[ast.Call, str]]:
    """Yield the uses of the library in a module, with the function around each ("" for none)."""
    for node in ast.iter_child_nodes(tree):
        name = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not inside else inside
        if is_use(node):
            yield node, inside  # type: ignore[misc]
        yield from uses_in(node, name)


def kept_in(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    """Yield the patterns in a value: itself, or in what it holds."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, dict):
        for inner in (*value.keys(), *value.values()):
            yield from kept_in(inner, depth + 1)
    elif depth < 4 and isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from kept_in(inner, depth + 1)


@cache
def used_as() -> dict[str, set[str]]:
    """Return by what methods names are used anywhere: {"NAME": {"match"}}; "handed" for one that is passed on."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in USES:
                base = node.value
                found[base.id if isinstance(base, ast.Name) else getattr(base, "attr", "")].add(node.attr)
    return found


@cache
def every() -> tuple[dict[str, Found], list[str]]:
    """Return the patterns by their place, and the uses whose pattern could not be found."""
    found: dict[str, Found] = {}
    lost: list[str] = []
    known = made()
    for path in sources():
        if "demo" in path.parts:  # reads its own pages
            continue
        name = str(path.relative_to(ROOT))
        text = path.read_text(encoding="utf-8")
        uses = list(uses_in(ast.parse(text))) if any(f"re.{use}(" in text for use in USES) else []
        if not uses:
            continue
        module = importlib.import_module(
            ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        )
        kept = {
            pattern.pattern: (pattern, used_as().get(var, {"search"}) if value is pattern else {"search"})
            for var, value in vars(module).items()
            for pattern in kept_in(value)
        }
        found |= {f"{name}: {text!r}": one for text, one in kept.items()}
        for call, function in uses:
            place = f"{name}:{call.lineno}"
            try:
                arguments = [
                    eval(compile(ast.Expression(part), place, "eval"), vars(module)) for part in pattern_of(call)
                ]
                pattern = re.compile(*arguments)
            except NameError:  # made of what is known at run time, or in a loop over constants
                if (name, function) in known:
                    found |= {
                        f"{name}: {function}: {one.pattern[:80]!r}": (one, {"search"}) for one in known[name, function]
                    }
                elif function or not kept:
                    lost.append(f"{place} in {function or 'the module'}")
                continue
            if pattern.pattern not in kept:
                method = call.func.attr  # type: ignore[attr-defined]
                found[f"{place}: {pattern.pattern!r}"] = (pattern, {"search" if method == "compile" else method})
    return found, lost


def pattern_of(call: ast.Call) -> list[ast.expr]:
    """Return the expressions of a call that say its pattern and its flags."""
    flags = [word.value for word in call.keywords if word.arg == "flags"]
    place = {
        "compile": 1,
        "match": 2,
        "fullmatch": 2,
        "search": 2,
        "findall": 2,
        "finditer": 2,
        "split": 3,
        "sub": 4,
        "subn": 4,
    }
    at = place[call.func.attr]  # type: ignore[attr-defined]
    return [call.args[0], *flags, *call.args[at : at + 1]]


# --- What each is given ----------------------------------------------------------------------------------

SIGNS = "a1 -_.A\n\t\"'<>@/:=,;()[]{}\\#&?%é"


def sample(tree: Iterable[Any]) -> str:
    """Return a text that a pattern may find, nearly: what looks around is left out."""
    text = ""
    for op, value in tree:
        if op is _constants.LITERAL:
            text += chr(value)
        elif op is _constants.NOT_LITERAL:
            text += next(sign for sign in SIGNS if ord(sign) != value)
        elif op is _constants.ANY:
            text += "a"
        elif op is _constants.IN:
            text += (signs_of(value) or ["a"])[0]
        elif op is _constants.BRANCH:
            text += sample(value[1][0])
        elif op is _constants.SUBPATTERN:
            text += sample(value[-1])
        elif op is _constants.ATOMIC_GROUP:
            text += sample(value)
        elif op in REPEATS:
            text += sample(value[2]) * min(value[0], 40)
    return text


REPEATS = {_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT}


def signs_of(value: Any) -> list[str]:
    """Return some signs of each kind that a set of signs holds."""
    ours = re.compile("")
    found = []
    for op, inner in value:
        if op is _constants.LITERAL:
            found.append(chr(inner))
        elif op is _constants.RANGE:
            found.append(chr(inner[0]))
        elif op is _constants.CATEGORY:
            kind = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}[str(inner).rpartition("_")[2]]
            ours = re.compile(kind.upper() if "_NOT_" in str(inner) else kind)
            found += [sign for sign in SIGNS if ours.match(sign)][:3]
    if value and value[0][0] is _constants.NEGATE:
        return [sign for sign in SIGNS if sign not in found][:4]
    return found[:6]


def pumps(tree: Iterable[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Yield (what leads to it, what it takes again and again) for each part of a pattern that may go on for long."""
    for op, value in tree:
        if op is _constants.SUBPATTERN:
            yield from pumps(value[-1], before)
        elif op is _constants.ATOMIC_GROUP:
            yield from pumps(value, before)
        elif op is _constants.BRANCH:
            for branch in value[1]:
                yield from pumps(branch, before)
        elif op in REPEATS:
            if value[1] > 20:
                body = list(value[2])
                units = signs_of(body[0][1]) if len(body) == 1 and body[0][0] is _constants.IN else [sample(body)]
                yield from ((before, unit) for unit in units if unit)
            yield from pumps(value[2], before)
        before += sample([(op, value)])


def given(pattern: re.Pattern[Any]) -> list[tuple[str, str]]:
    """Return (beginning, what comes again and again) for a pattern: its own and those of everyone."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    own = list(pumps(_parser.parse(text, pattern.flags & ~re.DEBUG)))
    again = [("", before + unit) for before, unit in own if before] + [("", before) for before, _unit in own if before]
    return list(dict.fromkeys([*own, *again, *(("", unit) for unit in UNITS)]))


# --- What it costs ---------------------------------------------------------------------------------------


def took(pattern: re.Pattern[Any], text: str, everywhere: bool, times: int = 1) -> float:
    """
    Return the seconds of processor time in which a pattern has gone through a text, the fewest of some tries. It is the thread's: while a
    process is to be ended at its budget, Linux counts the time of the process in hundredths of a second.
    """
    said: Any = text if isinstance(pattern.pattern, str) else text.encode("utf-8", "surrogatepass")
    fewest = 60.0
    for _turn in range(times):
        began = time.thread_time()
        if everywhere:
            deque(pattern.finditer(said), maxlen=0)
        else:
            pattern.match(said)
            pattern.fullmatch(said)
        fewest = min(fewest, time.thread_time() - began)
    return fewest


def run(start: str, unit: str, length: int) -> str:
    """Return a run that nothing can end well with."""
    return start + unit * (length // len(unit)) + "\0"


def linear(data: bytes) -> None:
    """Raise AssertionError unless a pattern takes time by the length of a text only."""
    name = data.decode("utf-8", "surrogatepass")
    pattern, uses = every()[0][name]
    everywhere = not uses <= AT_THE_BEGINNING
    longest = next((most for part, (most, _why) in BOUNDED.items() if part in name), LONG)
    dearest = given(pattern)
    for length, most in ((1_000, len(dearest)), (SHORT, 20), (LONG, 3)):
        length = min(length, longest)
        costs = sorted(((took(pattern, run(*one, length), everywhere), one) for one in dearest[:most]), reverse=True)
        dearest = [one for _cost, one in costs]
        cost, (start, unit) = costs[0]
        if cost > NO_TIME:
            tenth = took(pattern, run(start, unit, length // 10), everywhere, 3)
            if cost >= MOST_GROWTH * tenth:  # something else may have been in between
                cost = took(pattern, run(start, unit, length), everywhere, 3)
            assert cost < NO_TIME or cost < MOST_GROWTH * tenth, (
                f"{tenth:.4f} s for {length // 10} characters, {cost:.4f} s for {length}: {start!r} and {unit!r}"
            )


def patterns() -> Iterator[Case]:
    """Yield the name of each pattern."""
    sys.setrecursionlimit(5_000)
    for name in every()[0]:
        yield name, name.encode("utf-8", "surrogatepass")


READERS = (Reader("patterns", linear, patterns, seconds=10, megabytes=400, mutations=0),)
