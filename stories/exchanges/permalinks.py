"""The campaign of the address of a meeting, and of the links in mails about it."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from campaigns.http import permalinks
from campaigns.models import Campaign
from delivery.links.signing import BadLink

from .answers import answer_links


@permalinks.of("exchange:meeting", "exchange:answer", "exchange:follow_up_done")
def of_meeting(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaign that has a meeting."""
    return Campaign.objects.filter(exchanges__meetings=min(int(kwargs["pk"]), permalinks.LARGEST))


@permalinks.of("exchange:rsvp")
def of_invitation(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaign of an invitation's link."""
    return Campaign.objects.filter(exchanges__meetings__invitations=key_of(kwargs, answer_links.ANSWER))


@permalinks.of("exchange:done")
def of_follow_up(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaign of a follow-up's link."""
    return Campaign.objects.filter(exchanges__meetings__follow_ups=key_of(kwargs, answer_links.DONE))


def key_of(kwargs: dict[str, Any], purpose: str) -> int:
    """Return the key that a link names, 0 for a link that is not ours."""
    try:
        return answer_links.key_of(kwargs["token"], purpose)
    except BadLink:
        return 0
