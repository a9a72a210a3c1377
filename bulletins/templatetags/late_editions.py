"""The languages in which a published bulletin is to follow, on pages of the desk."""

from django import template

from bulletins.approval import late_editions
from bulletins.models import Bulletin, Parts
from lib.text.languages.languages import language_heading

register = template.Library()


@register.simple_tag
def languages_to_follow(bulletin: Bulletin) -> list[tuple[str, str]]:
    """Return (code, name) of the languages in which a published bulletin is still to come; three queries, none of any other."""
    if bulletin.state != Bulletin.State.PUBLISHED:
        return []
    version = bulletin.versions.order_by("-number").first()
    found = late_editions.languages_to_follow(version, Parts(bulletin)) if version else []
    return [(code, language_heading(code)) for code in found]
