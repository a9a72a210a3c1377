"""Whoever wants quiet at certain hours gets word by other channels than mail when these are over. What is urgent comes at once."""

from collections.abc import Collection
from datetime import UTC, datetime, tzinfo

from django.db.models import F

from delivery.models import QuietHours


def waits(recipients: Collection[int], *, zone: tzinfo, at: datetime) -> dict[int, float]:
    """Return {key of an address: seconds until the hours end} of those whose person wants quiet at `at`; one query."""
    hours = QuietHours.objects.filter(person__other_addresses__in=recipients).annotate(
        address=F("person__other_addresses")
    )
    local = at.astimezone(zone)
    ends = {one.address: one.end(local) for one in hours.filter(address__in=recipients)}
    # A second more: the row says a tenth, and must not be early.
    return {
        address: (end.astimezone(UTC) - at.astimezone(UTC)).total_seconds() + 1 for address, end in ends.items() if end
    }
