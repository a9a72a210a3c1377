"""The questions that surveys are composed of: question_bank.yaml, and how the same question is known again."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .answers import SCALE

OWN = "own-"  # begins the key of a question in words of its own


@cache
def bank() -> dict[str, dict[str, Any]]:
    """Return {key: {"key", "kind", "text": {language: words}}}, in the order of the file."""
    content = yaml.safe_load((Path(__file__).parent / "question_bank.yaml").read_text(encoding="utf-8"))
    return {question["key"]: question for question in content}


def question_of(key: str, words: Mapping[str, str]) -> dict[str, Any]:
    """
    Return a question as a survey keeps it: one of the bank, or in words of its own on the scale. Words of the bank that were
    changed make another question: shares of two wordings are not compared.
    """
    said = {code: " ".join(text.split()) for code, text in words.items() if text.strip()}
    known = bank().get(key)
    if known and all(said.get(code, text) == text for code, text in known["text"].items()):
        return {"key": key, "kind": known["kind"], "text": said}
    content = json.dumps(said, sort_keys=True, ensure_ascii=False)
    kind = known["kind"] if known else SCALE
    return {"key": OWN + hashlib.sha256(content.encode()).hexdigest()[:12], "kind": kind, "text": said}
