"""The plan of the house, kept by tests."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("accounts", "campaigns", "delivery", "factcheck", "bulletins", "influencers")
PACKAGES = (*APPS, "config")

# The lowest floor first. Rooms on the same floor don't know each other.
FLOORS = (("accounts",), ("campaigns",), ("delivery", "factcheck"), ("bulletins",), ("influencers",))
FLOOR_OF = {app: floor for floor, apps in enumerate(FLOORS) for app in apps}


def sources(*packages: str) -> list[Path]:
    """Return the Python files of the packages (default: all of ours), without migrations."""
    return [
        path
        for package in packages or PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts
    ]
