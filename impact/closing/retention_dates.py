"""What is forgotten after the end of a campaign, and when: the rules that hold for everything, with the day on which they end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.privacy import retention
from campaigns.models import Campaign


@dataclass(frozen=True, slots=True)
class Forgotten:
    """One kind of data about people. `on` is the day by which the last of it goes, None where that is not counted in days."""

    about: str
    title: str
    period: str
    on: date | None


def after(campaign: Campaign) -> Iterator[Forgotten]:
    """Yield what is kept about people, with the day on which its time is over where it came on the day of closing; no query."""
    closed = campaign.local(campaign.closed_at).date() if campaign.closed_at else None
    for rule in retention.rules():
        on = closed + timedelta(days=rule.days) if closed and rule.days else None
        yield Forgotten(str(rule.about.value), str(rule.title), rule.period(), on)
