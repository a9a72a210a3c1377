"""What a campaign that is closed still publishes: nothing new, but what takes back or mends what people were told."""

from collections.abc import Iterator

from django.utils.translation import ngettext

from bulletins.models import Bulletin
from campaigns.models import Campaign
from lib.text.numbers.whole_numbers import grouped


def stays(bulletin: Bulletin) -> bool:
    """Return whether an approved bulletin stays unpublished because its campaign is closed. A correction does not."""
    return bulletin.campaign.closed_at is not None and bulletin.kind == Bulletin.Kind.ORIGINAL


def told(campaign: Campaign) -> Iterator[str]:
    """Yield how many approved bulletins of a closed campaign stay unpublished, and how many corrections do not; one query."""
    approved = Bulletin.objects.filter(campaign=campaign, state=Bulletin.State.APPROVED)
    kinds = list(approved.values_list("kind", flat=True))
    new = kinds.count(Bulletin.Kind.ORIGINAL)
    if new:
        yield ngettext(
            "%(n)s approved bulletin is not published any more.",
            "%(n)s approved bulletins are not published any more.",
            new,
        ) % {"n": grouped(new)}
    if mends := len(kinds) - new:
        yield ngettext(
            "%(n)s approved correction is still published when its time comes.",
            "%(n)s approved corrections are still published when their time comes.",
            mends,
        ) % {"n": grouped(mends)}
