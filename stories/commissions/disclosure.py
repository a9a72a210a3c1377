"""Which label says that a work is paid for, where, and whether a post has it. The words are data (disclosure_labels.yaml)."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from lib.text.characters.visible_text import clean
from lib.yaml_files import LineLoader

FILE = Path(__file__).with_name("disclosure_labels.yaml")
NAMES = {
    "instagram": "Instagram",
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "facebook": "Facebook",
    "x": "X",
    "threads": "Threads",
    "snapchat": "Snapchat",
}
JUST_BEFORE = 2  # words: "is not an ad"
APOSTROPHES = dict.fromkeys(map(ord, "'’"))
ELSEWHERE = "website"  # the rule for a place that has none of its own


@dataclass(frozen=True, slots=True)
class Label:
    """The label of a platform in a language: the words, and within how many characters of the beginning they stand."""

    language: str
    says: str
    within: int


@cache
def rules() -> dict[str, Any]:
    """Return what the file says."""
    with FILE.open(encoding="utf-8") as file:
        found: dict[str, Any] = yaml.load(file, LineLoader)  # noqa: S506 a safe loader
    return found


def label_for(platform: str, language: str) -> Label:
    """Return the label of a platform in a language; a language without a label of its own has English’s."""
    platforms, languages = rules()["platforms"], rules()["languages"]
    rule = platforms.get(platform) or platforms[ELSEWHERE]
    code = language if language in languages else "en"
    return Label(code, rule.get(code, languages[code]["says"]), rule["within"])


def table(codes: Collection[str]) -> list[tuple[str, int, list[Label]]]:
    """Return for each platform its name, within how many characters the label stands, and its label in each language."""
    return [
        (name, label_for(platform, "en").within, [label_for(platform, code) for code in codes])
        for platform, name in NAMES.items()
    ]


def labels_in(language: str) -> set[str]:
    """Return all words that count as a label in a language. English ones count everywhere: platforms write them themselves."""
    languages, found = rules()["languages"], set()
    for code in {language, "en"} & languages.keys():
        found |= {languages[code]["says"], *languages[code]["also"]}
        found |= {rule[code] for rule in rules()["platforms"].values() if code in rule}
    return found


def missing_label(words: str, *, platform: str, language: str) -> Label | None:
    """Return the label that a post lacks where readers see it before anything else; None for one that has a label there."""
    label = label_for(platform, language)
    start = clean(words)[: label.within].casefold().translate(APOSTROPHES)
    said = "".join(sign if sign.isalnum() else " " for sign in start).split()
    denials = {word for one in rules()["languages"].values() for word in one["deny"]}
    for one in labels_in(language):
        plain = one.casefold().split()
        for at, word in enumerate(said):
            is_there = said[at : at + len(plain)] == plain or word == "".join(plain)  # as words, or as a hashtag
            if is_there and not denials.intersection(said[max(0, at - JUST_BEFORE) : at]):
                return None
    return label
