"""The architecture, kept by tests."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "accounts",
    "agreement",
    "campaigns",
    "delivery",
    "factcheck",
    "notifications",
    "bulletins",
    "questions",
    "stories",
    "website",
    "influencers",
    "impact",
    "preparedness",
    "operations",
    "demo",
)
PACKAGES = ("lib", *APPS, "config")

# The lowest layer first. Apps of the same layer don't know each other.
LAYERS = (
    ("lib",),
    ("accounts",),
    ("agreement",),
    ("campaigns",),
    ("delivery", "factcheck"),
    ("notifications",),
    ("bulletins",),
    ("questions", "stories"),
    ("influencers", "website"),
    ("impact", "preparedness"),
    ("operations",),
    ("demo",),
)
LAYER_OF = {app: layer for layer, apps in enumerate(LAYERS) for app in apps}


def modules_that_say(words: Iterable[str], paths: Iterable[Path]) -> Iterator[tuple[Path, ast.Module]]:
    """
    Yield the Python files in which one of the words stands, each read. To read all of them takes two seconds, and most say nothing of
    what a test looks for.
    """
    words = tuple(words)
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if any(word in text for word in words):
            yield path, ast.parse(text)


def sources(*packages: str) -> list[Path]:
    """Return the Python files of the packages (default: all of ours), without migrations."""
    return [
        path
        for package in packages or PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts
    ]
