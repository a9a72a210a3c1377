"""What guards the desk's fact-checks: each campaign has its own, and only open words are written on."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from factcheck.models import Claim


def of_campaign(queryset: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """Return the rows of the campaign that the site shows: others do not exist here."""
    return queryset.filter(campaign=getattr(request, "campaign", None))


def is_settled(claim: Any) -> bool:
    """Return whether the words of a claim are no longer written on, so that they stay as two people read them."""
    return isinstance(claim, Claim) and claim.status not in Claim.EDITABLE
