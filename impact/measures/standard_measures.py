"""The measures that every campaign begins with, from one file."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from campaigns.models import Campaign
from impact.models import Measure, Source, Unit

FILE = Path(__file__).with_suffix(".yaml")


@cache
def rows() -> list[dict[str, Any]]:
    """Return the fields of each measure, in the order of the file."""
    return [
        {
            "key": one["key"],
            "name": one["name"],
            "unit": Unit(one["unit"]),
            "source": Source(one["source"]),
            "every": one["every"],
            "is_summed": one.get("summed", False),
            "family": one.get("family", ""),
            "platform": one.get("platform", ""),
            "position": 10 * number,
        }
        for number, one in enumerate(yaml.safe_load(FILE.read_text("utf-8")), start=1)
    ]


def give(campaign: Campaign, *, at: datetime | None = None) -> None:
    """Give a campaign the measures of the file, since a moment; twice at once, it has them once."""
    added = {"added_on": campaign.local(at).date() if at else None}
    Measure.objects.bulk_create(
        [Measure(campaign=campaign, **{**fields, **added, "name": dict(fields["name"])}) for fields in rows()],
        ignore_conflicts=True,
    )


def give_due(*, at: datetime) -> None:
    """Give them to each open campaign that measures nothing yet."""
    for campaign in Campaign.objects.open().filter(measures=None):
        give(campaign, at=at)
