"""Followers of an account on Mastodon, by the public API of its server: GET /api/v1/accounts/lookup."""

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from impact.models import Measure

from . import collector
from .collector import Collector, Counted

ACCOUNT = re.compile(r"@?(?P<name>[A-Za-z0-9_.]{1,64})@(?P<server>(?=.{1,253}\Z)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)\Z")


def parts_of(account: str) -> tuple[str, str]:
    """Return name and server of an account. Raise ValueError for what is none."""
    if not (found := ACCOUNT.match(account)):
        raise ValueError(account)
    return found["name"], found["server"].lower()


def collect(measure: Measure, days: Sequence[date], *, key: str) -> dict[date, Counted]:
    """Return how many follow the account now."""
    name, server = parts_of(measure.asked_about)
    answer = collector.ask(f"https://{server}/api/v1/accounts/lookup?{urlencode({'acct': name})}")
    return {days[-1]: (collector.number(collector.at(answer, "followers_count")), None)}


COLLECTOR = Collector(
    name="Mastodon",
    asked_about=_("The account with its server."),
    example="@ministry@social.example",
    terms=_("Public API of each server; what its administrators allow stands on its page “About”."),
    terms_url="https://docs.joinmastodon.org/methods/accounts/#lookup",
    collect=collect,
    check=parts_of,
)
