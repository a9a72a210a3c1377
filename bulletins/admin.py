"""The desk's pages about what we say: Django finds them here; each stands beside the rules of its subject."""

from bulletins.approval.admin import records
from bulletins.editing.admin import bulletins, editions, snippets
from bulletins.scheduling.admin import cadences

from .intake import admin as intake

__all__ = ["bulletins", "cadences", "editions", "intake", "records", "snippets"]
