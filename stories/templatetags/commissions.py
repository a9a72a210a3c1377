"""Commissions in templates: their money, and whether a campaign has any."""

from decimal import Decimal

from django import template
from django.utils import timezone

from campaigns.models import Campaign
from lib.text.numbers.money import money, written
from stories.models import Commission

register = template.Library()


@register.filter
def in_currency(amount: Decimal, currency: str) -> str:
    """Return an amount with its currency, as the reader's language writes it."""
    return money(amount, currency)


@register.filter
def amount(value: Decimal) -> str:
    """Return an amount without its currency, which stands elsewhere, as the reader's language writes it."""
    return written(value)


@register.simple_tag
def has_commissioned_work(campaign: Campaign | None) -> bool:
    """Return whether a campaign has published work that it paid for; one query."""
    return campaign is not None and Commission.objects.done(campaign, at=timezone.now()).exists()
