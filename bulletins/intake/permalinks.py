"""The campaign of the addresses of message inputs."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from campaigns.http import permalinks
from campaigns.models import Campaign


@permalinks.of("intake:input", "intake:input_sent", "intake:input_attachment")
def of_input(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaign of a message input; whose it is, its page asks."""
    return Campaign.objects.filter(inputs__pk=min(kwargs["pk"], permalinks.LARGEST))
