"""Followers of an account on Bluesky, by the public API: GET app.bsky.actor.getProfile."""

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from impact.models import Measure

from . import collector
from .collector import Collector, Counted

API = "https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile"
HANDLE = re.compile(r"@?(?P<handle>(?=.{3,253}\Z)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)\Z")


def handle_of(account: str) -> str:
    """Return the handle of an account. Raise ValueError for what is none."""
    if not (found := HANDLE.match(account)):
        raise ValueError(account)
    return found["handle"].lower()


def collect(measure: Measure, days: Sequence[date], *, key: str) -> dict[date, Counted]:
    """Return how many follow the account now."""
    answer = collector.ask(f"{API}?{urlencode({'actor': handle_of(measure.asked_about)})}")
    return {days[-1]: (collector.number(collector.at(answer, "followersCount")), None)}


COLLECTOR = Collector(
    name="Bluesky",
    asked_about=_("The handle of the account."),
    example="ministry.example",
    terms=_("Public API without a key, under Bluesky's developer guidelines."),
    terms_url="https://docs.bsky.app/docs/support/developer-guidelines",
    collect=collect,
    check=handle_of,
)
