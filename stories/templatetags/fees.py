"""Money in templates."""

from decimal import Decimal

from django import template

from lib.text.money import money, written

register = template.Library()


@register.filter
def in_currency(amount: Decimal, currency: str) -> str:
    """Return an amount with its currency, as the reader's language writes it."""
    return money(amount, currency)


@register.filter
def amount(value: Decimal) -> str:
    """Return an amount without its currency, which stands elsewhere, as the reader's language writes it."""
    return written(value)
