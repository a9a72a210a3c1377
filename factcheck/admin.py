"""The desk's pages about fact-checks: Django finds them here; each stands beside the rules of its subject."""

from .spread import narratives_admin, thresholds_admin
from .verdicts.admin import claims

__all__ = ["claims", "narratives_admin", "thresholds_admin"]
