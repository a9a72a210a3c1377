"""The desk's pages about what anyone reads: Django finds them here."""

from .digests import admin as digests
from .status import admin as status

__all__ = ["digests", "status"]
