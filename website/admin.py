"""The desk's pages about what anyone reads: Django finds them here."""

from .digests import admin as digests

__all__ = ["digests"]
