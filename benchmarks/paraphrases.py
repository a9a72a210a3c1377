"""
How many posts that contradict what holds, or say it again, are found, and how many of those that are found do; how long a long text
takes.
"""

import os
import time
from pathlib import Path
from typing import Any

PRECISION, RECALL = 0.9, 0.6  # at least, of the kept third
PRECISION_WITH_MODEL, RECALL_WITH_MODEL = 0.95, 0.8
LONG = 20_000  # characters


def paraphrase() -> dict[str, Any]:
    """Measure on the third of the labelled pairs that is kept, on the rest, and on those that were written later."""
    from tests.lib.text.statements import labelled

    kept = [pair for pair in labelled.pairs() if pair.is_kept]
    rest = [pair for pair in labelled.pairs() if not pair.is_kept]
    total = labelled.score(kept)
    return {
        **_measured(kept, labelled),
        **_with_model(kept, labelled),
        "worked_with": _measured(rest, labelled),
        "later": _measured(list(labelled.later()), labelled),
        "everyday": _measured(list(labelled.everyday()), labelled),
        "side_by_side": _side_by_side(labelled),
        "ms_for_20000_characters": {code: _milliseconds(code, labelled) for code in labelled.LANGUAGES},
        "within": total.precision >= PRECISION and total.recall >= RECALL,
    }


def _side_by_side(labelled: Any) -> dict[str, Any]:
    """Return the same of posts beside several bulletins, of the kept half, and how many are known that repeat what was corrected."""
    kept = [pair for pair in labelled.neighbours() if pair.is_kept]
    repeating = [pair for pair in kept if pair.label == labelled.REPEATED]
    known = sum(bool(pair.finding().was) for pair in repeating)
    return {**_measured(kept, labelled), "corrected": f"{known}/{len(repeating)}"}


def _with_model(pairs: Any, labelled: Any) -> dict[str, Any]:
    """Return the same with the model in NLI_MODEL beside the rules, where there is one; without it nothing."""
    from lib.text.statements import inference_model, second_opinion

    folder = os.environ.get("NLI_MODEL")
    if not folder:
        return {}
    model = inference_model.InferenceModel.load(Path(folder))
    measured = _measured(pairs, labelled, lambda found: second_opinion.weighed(found, model.answer))
    total = measured["precision"]["all"] >= PRECISION_WITH_MODEL and measured["recall"]["all"] >= RECALL_WITH_MODEL
    return {"with_model": measured | {"within": total}}


def _measured(pairs: Any, labelled: Any, weigh: Any = None) -> dict[str, Any]:
    """Return {"precision": …, "recall": …}, each in all and by language, of contradictions and of what agrees, and of how many pairs."""
    contradicts, agrees = (_scores(pairs, labelled, outcome, weigh) for outcome in labelled.LABELS)
    return {
        **_shares(contradicts),
        "pairs": len(pairs),
        "contradictions": contradicts["all"].marked,
        "agrees": {**_shares(agrees), "pairs": agrees["all"].marked},
    }


def _scores(pairs: Any, labelled: Any, outcome: Any, weigh: Any) -> dict[str, Any]:
    """Return the score of some pairs in all and by language."""
    return {
        code: labelled.score([pair for pair in pairs if code in {"all", pair.language}], outcome, weigh)
        for code in ("all", *labelled.LANGUAGES)
    }


def _shares(scores: dict[str, Any]) -> dict[str, dict[str, float]]:
    return {
        name: {code: round(getattr(score, name), 3) for code, score in scores.items()}
        for name in ("precision", "recall")
    }


def _milliseconds(language: str, labelled: Any) -> float:
    """Return how long a post of 20,000 characters takes that says something in every line."""
    from lib.text.statements import comparison, parser

    pairs = [pair for pair in labelled.pairs() if pair.language == language]
    text = "\n".join(pair.post for pair in pairs * 5)[:LONG]
    began = time.process_time()
    ground = comparison.Ground(list({one for pair in pairs for one in pair.holds}), language, today=pairs[0].day)
    for clause in parser.clauses_of(text, language, today=pairs[0].day):
        ground.judge(clause)
    return round(1000 * (time.process_time() - began), 1)
