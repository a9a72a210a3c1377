"""The architecture, kept by tests."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "accounts",
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


def sources(*packages: str) -> list[Path]:
    """Return the Python files of the packages (default: all of ours), without migrations."""
    return [
        path
        for package in packages or PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts
    ]
