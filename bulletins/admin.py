"""The desk's pages about what we say: Django finds them here; each stands beside the rules of its subject."""

from .approval.admin import records
from .editing.admin import bulletins, editions, snippets
from .intake import admin as intake
from .scheduling.admin import cadences

__all__ = ["bulletins", "cadences", "editions", "intake", "records", "snippets"]
