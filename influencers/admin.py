"""The desk's pages about influencers: Django finds them here; each stands beside the rules of its subject."""

from .inbox import admin as inbox
from .onboarding import admin as onboarding
from .onboarding import import_admin
from .pledge import admin as pledge
from .posts import admin as posts
from .profiles import admin as profiles
from .recall import admin as recall
from .recognition import admin as recognition
from .selection import admin as selection

__all__ = [
    "import_admin",
    "inbox",
    "onboarding",
    "pledge",
    "posts",
    "profiles",
    "recall",
    "recognition",
    "selection",
]
