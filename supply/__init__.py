"""
What this software is built from: its locked packages, their licences, what is known against them, and a list of it all.

It stands beside the apps: it reads `uv.lock` and the packages' own metadata, and nothing of the product imports it.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REVIEWED = ROOT / "supply" / "reviewed.toml"


class Unreadable(Exception):
    """A file that cannot be used as it is. The text says which, why, and what to do."""
