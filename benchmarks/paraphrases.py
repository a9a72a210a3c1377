"""How many values that posts share with what we say, or have in their place, are seen as such; how long a long text takes."""

import time
from typing import Any

SAME, ANOTHER, VERBATIM = 0.8, 0.9, 0.98  # the precision that each has at least
LONG = 20_000  # characters


def paraphrase() -> dict[str, Any]:
    """Measure on the half of the labelled pairs that is held out, and on the half that may be worked with."""
    from tests.lib.text.statements import fresh_pairs

    held_out = measured(fresh_pairs.pairs(held_out=True), fresh_pairs)
    total = held_out["all"]
    return {
        **held_out,
        "worked_with": measured(fresh_pairs.pairs(held_out=False), fresh_pairs)["all"],
        "ms_for_20000_characters": {code: milliseconds(code, fresh_pairs) for code in fresh_pairs.LANGUAGES},
        "within": total["same"]["precision"] >= SAME
        and total["another"]["precision"] >= ANOTHER
        and total["verbatim"]["precision"] >= VERBATIM,
    }


def measured(pairs: Any, fresh_pairs: Any) -> dict[str, Any]:
    """Return, in all and by language, precision and recall of the same value, of another one, and of our own words."""
    shares = {}
    for code in ("all", *fresh_pairs.LANGUAGES):
        spoken = [pair for pair in pairs if code in {"all", pair.language}]
        verdicts = [(pair, *pair.verdict()) for pair in spoken]
        shares[code] = {
            "pairs": len(spoken),
            "same": share([(values == "s", pair.values == "s") for pair, values, _ours in verdicts]),
            "another": share([(values == "d", pair.values == "d") for pair, values, _ours in verdicts]),
            "verbatim": share([(ours, pair.is_verbatim) for pair, _values, ours in verdicts]),
        }
    return shares


def share(marks: list[tuple[bool, bool]]) -> dict[str, float]:
    """Return precision and recall of (called so, is so)."""
    right = sum(called and is_so for called, is_so in marks)
    called, so = sum(called for called, _so in marks), sum(is_so for _called, is_so in marks)
    return {"precision": round(right / called, 3) if called else 0.0, "recall": round(right / so, 3) if so else 0.0}


def milliseconds(language: str, fresh_pairs: Any) -> float:
    """Return how long a post of 20,000 characters takes beside all that we say in a language."""
    from lib.text.statements.comparison import Sentence

    pairs = [pair for half in (True, False) for pair in fresh_pairs.pairs(held_out=half) if pair.language == language]
    lines = "\n".join(pair.post for pair in pairs * 5)[:LONG].splitlines()
    began = time.process_time()
    ours = [Sentence(one, language, fresh_pairs.DAY) for one in {pair.ours for pair in pairs}]
    for line in lines:
        sentence = Sentence(line, language, fresh_pairs.DAY)
        for one in ours:
            sentence.compared(one)
    return round(1000 * (time.process_time() - began), 1)
