"""How many of the facts in marked texts are found, and how much of what is found is a fact; how long a long text takes."""

import time
from typing import Any

LEAST = 0.97  # precision and recall of dates, times and numbers in each language
LONG = 20_000  # characters


def find(text: str, language: str) -> list[tuple[str, str, int, int]]:
    """Return (kind, value, start, end) of the facts of a text. Numbers that are names ("bus 65") are none."""
    from lib.text.facts.detection import facts_in

    found = facts_in(text, language)
    return [(fact.kind, fact.value, fact.start, fact.end) for fact in found if not fact.soft and fact.kind != "name"]


def facts_found() -> dict[str, Any]:
    """Measure on the texts that are held out, and on those that the rules were made with."""
    from tests.lib.text.facts import marked

    held_out, worked_with = (marked.scores(find, held_out=one) for one in (True, False))
    return {
        **_rounded(held_out, marked),
        "texts": sum(len(marked.texts(code, held_out=True)) for code in marked.LANGUAGES),
        "marked": sum(score.marked for score in held_out.values()),
        "worked_with": {
            **_rounded(worked_with, marked),
            "texts": sum(len(marked.texts(code, held_out=False)) for code in marked.LANGUAGES),
            "marked": sum(score.marked for score in worked_with.values()),
        },
        "ms_for_20000_characters": {code: _milliseconds(code, marked) for code in marked.LANGUAGES},
        "within": all(
            min(score.precision, score.recall) >= LEAST
            for (_code, kind), score in held_out.items()
            if kind in {"date", "time", "number"}
        ),
    }


def _rounded(scores: Any, marked: Any) -> dict[str, dict[str, dict[str, float]]]:
    """Return {"precision": {language: {kind: …}}, "recall": …}."""
    return {
        what: {
            code: {kind: round(getattr(score, what), 3) for (its, kind), score in sorted(scores.items()) if its == code}
            for code in marked.LANGUAGES
        }
        for what in ("precision", "recall")
    }


def _milliseconds(language: str, marked: Any) -> float:
    every = [text.words for held_out in (False, True) for text in marked.texts(language, held_out=held_out)]
    text = "\n".join(every)[:LONG]
    taken = []
    for _again in range(10):
        began = time.process_time()
        find(text, language)
        taken.append(time.process_time() - began)
    return round(1000 * sorted(taken)[len(taken) // 2], 1)
