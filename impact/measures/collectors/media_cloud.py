"""Articles of a day that name what counts, of all in Media Cloud's collections of news: GET search/count-over-time."""

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from impact.models import Measure

from . import collector
from .collector import Collector, Counted

API = "https://search.mediacloud.org/api/search/count-over-time"
PLATFORM = "onlinenews-mediacloud"
ASKED = re.compile(r"(?P<collections>[0-9]{1,12}(?:,[0-9]{1,12}){0,9}):(?P<query>.*\S.*)\Z")


def question_about(asked: str) -> tuple[str, str]:
    """Return collections and query of what is asked: "34412118: koronafakta OR vaccine". Raise ValueError for what is none."""
    if not (found := ASKED.match(asked)):
        raise ValueError(asked)
    return found["collections"], found["query"].strip()


def collect(measure: Measure, days: Sequence[date], *, key: str) -> dict[date, Counted]:
    """Return the articles of each day, of all of that day where Media Cloud says how many those were."""
    collections, query = question_about(measure.asked_about)
    asked = {"q": query, "start": days[0].isoformat(), "end": days[-1].isoformat(), "cs": collections}
    answer = collector.ask(
        f"{API}?{urlencode({**asked, 'platform': PLATFORM})}", headers={"Authorization": f"Token {key}"}
    )
    rows = collector.at(answer, "count_over_time", "counts")
    found = {}
    for row in rows if isinstance(rows, list) else []:
        day = str(collector.at(row, "date"))[:10]
        of_all = row.get("total_count")
        found[day] = (collector.number(row.get("count")), None if of_all is None else collector.number(of_all))
    return {day: found[day.isoformat()] for day in days if day.isoformat() in found}


COLLECTOR = Collector(
    name="Media Cloud",
    asked_about=_("Numbers of collections, a colon, and the query."),
    example="34412118: #Coronafacts OR coronafacts",
    terms=_("With an account of one's own; 4,000 questions a week. Its terms allow counts to be published."),
    terms_url="https://www.mediacloud.org/documentation/terms-of-use",
    collect=collect,
    check=question_about,
    counts_days=True,
    key_setting="MEDIA_CLOUD_KEY",
)
