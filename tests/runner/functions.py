"""Functions that do too much at once: they are longer than a screen, or decide more than a reader keeps in mind."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

MOST_LINES = 60
MOST_DECISIONS = 15

# Functions that are whole although they are longer or decide more, and why.
WHOLE = {
    "benchmarks/mail/send.py:build": "the world of a measurement, row by row in the order in which rows need each other",
    "benchmarks/pages/check_text.py:build": "the world of a measurement, row by row",
    "benchmarks/pages/portal.py:build": "the world of a measurement, row by row",
    "benchmarks/recall.py:build": "the world of a measurement, row by row",
    "benchmarks/selection.py:build": "the world of a measurement, row by row",
    "bulletins/intake/submissions.py:take": "half of it names the parts of a message, and says what each may be",
    "config/http/caches/page_cache.py:_renew": "whoever makes a page anew has their turn from its first line to its last",
    "delivery/transports/failover.py:note_health": "one rule for the outcomes of a window in their order, held by ./run faults",
    "delivery/fanout/fanout.py:statement": "one statement of SQL with all that it takes, held by ./run faults",
    "delivery/throttle/mail_rate.py:note": "what one window teaches, in the order in which it counts, held by ./run faults",
    "delivery/transports/mail/smtp.py:_in_a_row": "the conversation with a server, held by ./run faults",
    "demo/exercise/participants/synthetic_people.py:influencer": "each draw depends on those before it: in another order it makes other people",
    "factcheck/verdicts/admin/steps.py:take": "one line for each step",
    "influencers/posts/message_match.py:finding": "each line gathers one part of what is found; its decisions are in comprehensions",
    "lib/text/statements/comparison.py:compared": "the one rule of which values count, in the order in which they rule each other out",
    "website/check_text/matcher.py:_line": "which of two sentences counts, in the order in which they rule each other out",
    "lib/http/safe_fetch.py:_ask": "one exchange on one connection, which is closed where it was opened",
    "lib/images/uploaded_images.py:read_webm": "one branch for each element that is read",
}


def find_large_functions(files: Iterable[Path], root: Path, whole: dict[str, str] | None = None) -> list[str]:
    """Return a line for each function that is too large and has no reason, and for each reason that nobody needs."""
    reasons = WHOLE if whole is None else whole
    found, large = [], set()
    for path in files:
        for function in functions_of(ast.parse(path.read_text(encoding="utf-8"))):
            assert function.end_lineno is not None
            lines, decisions = function.end_lineno - function.lineno + 1, count_decisions(function)
            if lines <= MOST_LINES and decisions <= MOST_DECISIONS:
                continue
            name = f"{path.relative_to(root).as_posix()}:{function.name}"
            large.add(name)
            if name not in reasons:
                found.append(f"{name} (line {function.lineno}) has {lines} lines and {decisions} decisions")
    if found:
        found.append(
            f"At most {MOST_LINES} lines and {MOST_DECISIONS} decisions: divide it, or say why not in tests/runner/functions.py."
        )
    return found + [f"{name} is no longer large, or not there" for name in sorted(set(reasons) - large)]


def functions_of(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions and methods of a module; one inside another counts as a part of it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
        else:
            yield from functions_of(child)


def count_decisions(function: ast.AST) -> int:
    """
    Return the cyclomatic complexity of a function as radon counts it: 1, and 1 more for each branch, loop, handler of an
    exception, assertion, `and`, `or`, and each `for` and `if` of a comprehension.
    """
    decisions = 1
    for node in ast.walk(function):
        match node:
            case ast.If() | ast.IfExp() | ast.ExceptHandler() | ast.Assert() | ast.match_case():
                decisions += 1
            case ast.For() | ast.AsyncFor() | ast.While():
                decisions += 1 + bool(node.orelse)
            case ast.BoolOp():
                decisions += len(node.values) - 1
            case ast.comprehension():
                decisions += 1 + len(node.ifs)
    return decisions
