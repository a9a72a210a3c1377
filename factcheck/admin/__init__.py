"""The desk's pages about claims, the stories that they serve, and from how much on something counts as spreading."""

from . import claims, narratives, thresholds

__all__ = ["claims", "narratives", "thresholds"]
