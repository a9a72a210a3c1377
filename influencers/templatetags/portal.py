"""What the portal's templates need beyond Django's own."""

from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.http import urlencode

register = template.Library()


@register.filter
def grouped(number: int) -> str:
    """Return a whole number with the language's thousands separator: 2,200 or 2 200."""
    return number_format(number, use_l10n=True, force_grouping=True)


@register.simple_tag
def mail_to(address: str, subject: str = "") -> str:
    """Return a mailto: link to `address` with a subject, "" without an address."""
    if not address:
        return ""
    return f"mailto:{address}?{urlencode({'subject': subject}).replace('+', '%20')}" if subject else f"mailto:{address}"


@register.inclusion_tag("_copy.html")
def copy_button(ids: str, label: str, of: str = "", look: str = "btn--line") -> dict[str, Any]:
    """Show a button that copies the elements `ids` ("#a #b"). `of` says what is copied to those who don't see."""
    return {"target": ids, "label": label, "what": of, "kind": look or " "}
