"""
Media coverage from the feed (RSS or Atom) of a media monitor: how many articles of a day name what counts, of how many in all.

A day is counted when it is over and the feed goes back to before it. A feed that cannot be read, or is too short, leaves a gap and says why.
"""

import io
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

from django.utils.translation import gettext_noop

from impact.models import Measure
from lib.http import safe_fetch

from .collector import Counted, NotCollected

log = logging.getLogger(__name__)

MOST_BYTES = 4 * 1024 * 1024
MOST_SECONDS = 8.0  # of the process that also counts beside the pages
MOST_ELEMENTS = 200_000
LONGEST_DATE = 60  # characters
FEEDS = {"rss", "feed", "RDF"}  # RSS 2.0, Atom, RSS 1.0
ARTICLES = {"item", "entry"}  # what RSS and Atom call one
WORDS = {"title", "description", "summary"}
DATES = ("pubDate", "published", "date", "updated")  # the first that is there counts


@dataclass(frozen=True, slots=True)
class Article:
    """When an article came out, and its title and summary."""

    at: datetime
    words: str


def collect(measure: Measure, days: Sequence[date]) -> dict[date, Counted]:
    """Return the articles that count, of all, of each day that the feed of a measure covers. Raise NotCollected."""
    counted = count(articles_of(measure.feed_url), measure, days)
    return {day: (Decimal(matching), Decimal(of_all)) for day, (matching, of_all) in counted.items()}


def articles_of(url: str) -> list[Article]:
    """Fetch a feed and return its articles that have a date. Raise NotCollected."""
    try:
        answer = safe_fetch.fetch(url, most_bytes=MOST_BYTES + 1, most_seconds=MOST_SECONDS)
    except safe_fetch.FetchFault as fault:
        log.warning("The feed of a media monitor cannot be opened: %s", fault.code)
        raise NotCollected(gettext_noop("The feed cannot be opened. Is its address right?")) from fault
    if answer.status != 200:
        raise NotCollected(gettext_noop("The server of the feed answered %(status)d."), status=answer.status)
    if len(answer.content) > MOST_BYTES:
        raise NotCollected(gettext_noop("The feed is too large. Ask for one with fewer articles."))
    return parse(answer.content)


def parse(content: bytes) -> list[Article]:
    """Return the articles of a feed that have a date. Raise NotCollected for what is none, or declares entities."""
    if b"<!ENTITY" in content:
        raise NotCollected(gettext_noop("The feed declares entities, and is not read."))
    try:
        articles = [one for item in items_of(content) if (one := article_of(item))]
    except (ElementTree.ParseError, ValueError, LookupError) as fault:  # also of an encoding that nobody knows
        raise NotCollected(gettext_noop("What the address gave is no feed (RSS or Atom).")) from fault
    if not articles:
        raise NotCollected(gettext_noop("The feed has no article with a date."))
    return articles


def items_of(content: bytes) -> Iterator[ElementTree.Element]:
    """Yield the elements of a feed that are articles. Raise ParseError or ValueError for what is none, NotCollected for more elements than a feed needs."""
    elements = 0
    for event, element in ElementTree.iterparse(io.BytesIO(content), events=("start", "end")):  # noqa: S314  no entities come this far
        if event == "start":
            elements += 1
            if elements == 1 and name_of(element) not in FEEDS:
                raise ValueError(element.tag)
            if elements > MOST_ELEMENTS:
                raise NotCollected(gettext_noop("The feed is too large. Ask for one with fewer articles."))
        elif name_of(element) in ARTICLES:
            yield element
            element.clear()


def article_of(item: ElementTree.Element) -> Article | None:
    """Return an article, None for one without a date."""
    dates = {name_of(child): child.text or "" for child in item}
    moment = next((found for name in DATES if (found := moment_of(dates.get(name, "")))), None)
    if moment is None:
        return None
    return Article(moment, "\n".join(child.text or "" for child in item if name_of(child) in WORDS))


def name_of(element: ElementTree.Element) -> str:
    """Return the name of an element without its namespace: RSS 1.0 and Atom have one, RSS 2.0 has none."""
    return element.tag.rpartition("}")[2]


def moment_of(text: str) -> datetime | None:
    """Return the moment that a date of RSS or of Atom says, None where it says none; without a zone it is UTC."""
    if len(text := text.strip()) > LONGEST_DATE:
        return None
    for read_date in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read_date(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def count(articles: Iterable[Article], measure: Measure, days: Iterable[date]) -> dict[date, tuple[int, int]]:
    """Return {day: (articles that count, all)} of the days that the feed covers. Raise NotCollected where it covers none."""
    wanted = [word for part in measure.feed_words.split(",") if (word := part.strip().casefold())]
    by_day: dict[date, list[Article]] = {}
    for article in articles:
        by_day.setdefault(measure.campaign.local(article.at).date(), []).append(article)
    earliest = min(by_day)  # of which the feed may have dropped some
    covered = [day for day in days if day > earliest]
    if not covered:
        raise NotCollected(gettext_noop("The feed does not go back to the day before. Ask for a longer one."))
    return {day: (sum(counts(one, wanted) for one in by_day.get(day, [])), len(by_day.get(day, []))) for day in covered}


def counts(article: Article, wanted: Iterable[str]) -> bool:
    """Return whether an article names any of the words; all count where none are wanted."""
    words = article.words.casefold()
    some = list(wanted)
    return not some or any(word in words for word in some)
