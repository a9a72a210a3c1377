"""A function that does too much is found, unless there is a reason; a reason that nobody needs is found too."""

import ast

import pytest

from .functions import MOST_DECISIONS, MOST_LINES, count_decisions, find_large_functions


@pytest.mark.parametrize(
    ("body", "decisions"),
    [
        ("return 1", 1),
        ("if a:\n  return 1\nelif b:\n  return 2\nreturn 3", 3),
        ("return 1 if a and b or c else 2", 4),
        ("for one in many:\n  pass\nelse:\n  pass", 3),
        ("try:\n  pass\nexcept ValueError:\n  pass", 2),
        ("return [one for some in many for one in some if one]", 4),
        ("match a:\n  case 1:\n    pass\n  case 2:\n    pass", 3),
        ("def inner():\n  return 1 if a else 2\nreturn inner", 2),
    ],
)
def test_decisions_are_counted_as_radon_does(body, decisions):
    lines = "\n".join(f"  {line}" for line in body.splitlines())
    assert count_decisions(ast.parse(f"def asked(a, b, c, many):\n{lines}").body[0]) == decisions


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("\n".join(["    pass"] * MOST_LINES), f"has {MOST_LINES + 1} lines and 1 decisions"),
        ("    return " + " or ".join("a" * (MOST_DECISIONS + 1)), f"has 2 lines and {MOST_DECISIONS + 1} decisions"),
    ],
)
def test_what_is_too_large_needs_a_reason_and_a_reason_needs_it(tmp_path, body, says):
    file = tmp_path / "module.py"
    file.write_text(f"class Thing:\n  def large(a):\n{body}\n\ndef small():\n    return 1\n")
    first, advice = find_large_functions([file], tmp_path, {})
    assert first == f"module.py:large (line 2) {says}" and "divide it" in advice
    assert find_large_functions([file], tmp_path, {"module.py:large": "because"}) == []
    left = {"module.py:large": "because", "module.py:small": "once it was"}
    assert find_large_functions([file], tmp_path, left) == ["module.py:small is no longer large, or not there"]
