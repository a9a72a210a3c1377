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
    """Measure on the third of the marked bulletins that is kept, and on the texts that the rules were made with."""
    from tests.lib.text.facts import marked

    kept = marked.scores(find, marked.kept)
    return {
        **_measured(kept, marked.kept, marked),
        "worked_with": _measured(marked.scores(find, marked.worked_with), marked.worked_with, marked),
        "earlier": _measured(marked.scores(find, marked.earlier), marked.earlier, marked),
        "ms_for_20000_characters": {code: _milliseconds(code, marked) for code in marked.LANGUAGES},
        "within": all(
            min(score.precision, score.recall) >= LEAST
            for (_code, kind), score in kept.items()
            if kind in {"date", "time", "number"}
        ),
    }


def _measured(scores: Any, chosen: Any, marked: Any) -> dict[str, Any]:
    """Return {"precision": {language: {kind: …}}, "recall": …}, and of how many texts and marks."""
    return {
        **{
            what: {
                code: {
                    kind: round(getattr(score, what), 3) for (its, kind), score in sorted(scores.items()) if its == code
                }
                for code in marked.LANGUAGES
            }
            for what in ("precision", "recall")
        },
        "texts": sum(len(chosen(code)) for code in marked.LANGUAGES),
        "marked": sum(score.marked for score in scores.values()),
    }


def _milliseconds(language: str, marked: Any) -> float:
    text = "\n".join(text.words for text in (*marked.bulletins(language), *marked.earlier(language)))[:LONG]
    taken = []
    for _again in range(10):
        began = time.process_time()
        find(text, language)
        taken.append(time.process_time() - began)
    return round(1000 * sorted(taken)[len(taken) // 2], 1)
