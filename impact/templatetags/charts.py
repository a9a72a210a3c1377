"""Numbers as charts and their tables write them."""

from decimal import Decimal

from django import template

from impact.charts import week_charts

register = template.Library()


@register.filter
def in_full(value: Decimal | None) -> str:
    """Return a number with its thousands apart and no zeros after its point, "" for none."""
    return "" if value is None else week_charts.written(Decimal(value))
