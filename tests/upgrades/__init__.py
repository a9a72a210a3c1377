"""From each release to the code as it is: what a release left is kept under releases/, see CONTRIBUTING.md."""

from pathlib import Path

RELEASES = Path(__file__).parent / "releases"


def released() -> list[str]:
    """Return the releases of which something is kept, the oldest first."""
    kept = [place.name for place in RELEASES.iterdir()] if RELEASES.exists() else []
    return sorted(kept, key=lambda name: [int(part) for part in name.split(".")])
