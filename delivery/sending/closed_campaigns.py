"""What becomes of the sends of a campaign that is closed: they go on to their end, so that nobody is left out of what others were told."""

from collections.abc import Iterator

from django.utils.translation import ngettext

from campaigns.models import Campaign
from delivery.models import Send
from lib.text.numbers.whole_numbers import grouped


def told(campaign: Campaign) -> Iterator[str]:
    """Yield how many sends of a campaign are not over; one query."""
    over = [Send.State.FINISHED, Send.State.CANCELLED]
    if many := Send.objects.filter(mailing__campaign=campaign).exclude(state__in=over).count():
        yield ngettext(
            "%(n)s send goes on to its end. To stop it, open it under Sends.",
            "%(n)s sends go on to their end. To stop one, open it under Sends.",
            many,
        ) % {"n": grouped(many)}
