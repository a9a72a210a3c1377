"""Choices of topics, which subscribers share: a million of them have a few hundred."""

from collections.abc import Iterable

from campaigns.models import Campaign
from delivery.models import TopicSet

LONGEST = TopicSet._meta.get_field("key").max_length or 0  # characters


def choice_of(campaign: Campaign, topics: Iterable[int]) -> TopicSet:
    """
    Return the choice of these topics (their keys), everything for none, or when they are too many to be a choice. It is
    held until the end of the transaction, so that it is not purged before something names it; everything never is.
    """
    key = ".".join(map(str, sorted(set(topics))))
    if not key or len(key) > LONGEST:
        return TopicSet.objects.get_or_create(campaign=campaign, key="")[0]
    return TopicSet.objects.select_for_update(no_key=True).get_or_create(campaign=campaign, key=key)[0]


def together(one: TopicSet, other: TopicSet) -> TopicSet:
    """Return the choice of what is in one or the other; in a transaction."""
    everything = not one.key or not other.key
    return choice_of(one.campaign, () if everything else one.topic_ids | other.topic_ids)
