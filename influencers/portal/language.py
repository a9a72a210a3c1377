"""The pages of the portal, and of joining it."""

from django.utils.translation import get_language


def spoken() -> str:
    """Return the code of the page's language."""
    return get_language() or "en"
