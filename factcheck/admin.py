"""The desk's pages about fact-checks: Django finds them here; each stands beside the rules of its subject."""

from factcheck.spread.admin import narratives, thresholds
from factcheck.verdicts.admin import claims

__all__ = ["claims", "narratives", "thresholds"]
