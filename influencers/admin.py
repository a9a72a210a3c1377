"""The desk's pages about influencers: Django finds them here; each stands beside the rules of its subject."""

from .code_of_ethics import admin as code_of_ethics
from .escalation import admin as escalation
from .inbox import admin as inbox
from .onboarding import admin as onboarding
from .onboarding import import_admin
from .posts import admin as posts
from .profiles import admin as profiles
from .recall import admin as recall
from .recognition import admin as recognition
from .selection import admin as selection

__all__ = [
    "code_of_ethics",
    "escalation",
    "import_admin",
    "inbox",
    "onboarding",
    "posts",
    "profiles",
    "recall",
    "recognition",
    "selection",
]
