"""The campaign of the addresses of published works and of the ledger."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from campaigns.http import permalinks
from campaigns.models import Campaign

permalinks.of("commissions:works", "commissions:ledger", "commissions:ledger_csv")(permalinks.asked)


@permalinks.of("commissions:work", "commissions:mine")
def of_work(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaign that has a commission."""
    return Campaign.objects.filter(commissions=min(int(kwargs["pk"]), permalinks.LARGEST))


@permalinks.of("commissions:picture", "commissions:file")
def of_picture(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaign that has a picture of a commission."""
    key = min(int(kwargs["pk"]), permalinks.LARGEST)
    return Campaign.objects.filter(commissions__drafts__files=key)
