"""Who has something, on pages of apps below this one."""

from typing import Any

from django import template

from bulletins.assignment import assignments
from bulletins.assignment.assignments import Panel

register = template.Library()


@register.simple_tag(takes_context=True)
def assignment_of(context: dict[str, Any], row: Any) -> Panel | None:
    """Return what a row's page says of who has it."""
    return assignments.panel_of(context["request"].user, row)
