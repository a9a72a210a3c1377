"""The newest bulletins and answers as RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.feedgenerator import Atom1Feed, SyndicationFeed
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.http.machine_responses import hub_of, writable
from campaigns.http.machine_values import address, moment, name_of
from campaigns.models import Campaign, Topic
from factcheck.publication.feeds import Feed as RssFeed
from lib.text.languages.spoken_languages import read_by

from .items import Item, tag


class Rss(RssFeed):
    """RSS 2.0 with whole texts and the address of the hub."""

    def rss_attributes(self) -> dict[str, str]:
        """Return the namespaces."""
        return super().rss_attributes() | {"xmlns:content": "http://purl.org/rss/1.0/modules/content/"}

    def add_root_elements(self, handler: Any) -> None:
        """Say what the feed is."""
        super().add_root_elements(handler)
        if self.feed["hub"]:
            handler.addQuickElement("atom:link", None, {"rel": "hub", "href": self.feed["hub"]})

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """Say what an item is."""
        super().add_item_elements(handler, item)
        handler.addQuickElement("content:encoded", item["content"])


class Atom(Atom1Feed):
    """Atom with whole texts, the language of each entry, and the address of the hub."""

    def latest_post_date(self) -> datetime:
        """Return when something last changed."""
        changed: datetime = self.feed["changed"]
        return changed

    def add_root_elements(self, handler: Any) -> None:
        """Say what the feed is."""
        super().add_root_elements(handler)
        if self.feed["hub"]:
            handler.addQuickElement("link", None, {"rel": "hub", "href": self.feed["hub"]})

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        """Return the language of an entry."""
        return {"xml:lang": item["language"]}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """Say what an entry is."""
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


@dataclass(frozen=True, slots=True)
class Head:
    """What a feed says of itself. `url` is its own address, with its topic if it has one."""

    campaign: Campaign
    language: str
    url: str
    changed: datetime
    topic: Topic | None = None

    @property
    def title(self) -> str:
        """Its title in its language."""
        with override(self.language):
            parts = [_("Bulletins and answers"), name_of(self.campaign, self.language)]
            return writable(". ".join([*parts, str(self.topic)] if self.topic else parts))

    @property
    def description(self) -> str:
        """What it is about, in its language."""
        with override(self.language):
            return _("Bulletins and answers from authorities, in full. Corrected and withdrawn ones are marked.")

    @property
    def name(self) -> str:
        """Its name for good."""
        return tag(self.campaign, f"{self.language}/{self.topic.slug}" if self.topic else self.language)

    @property
    def home(self) -> str:
        """The address of the site in its language."""
        return address("home", language=self.language)

    @property
    def sender(self) -> str:
        """The name of who sends the campaign's bulletins."""
        rows = {row.code: row.sender_name for row in self.campaign.languages.all()}
        shown = read_by(self.language, self.campaign.default_language)
        return writable(next(filter(None, map(rows.get, shown)), ""))


def item_name(head: Head, item: Item) -> str:
    """Return an item's name for good, the same through corrections and withdrawal."""
    return tag(head.campaign, f"{head.language}/{item.key}")


def rss(head: Head, items: Sequence[Item]) -> str:
    """
    Return a feed as RSS 2.0. A corrected or withdrawn item has another guid: readers of RSS pass over one that they know,
    whatever it says by now.
    """
    feed = of(Rss, head)
    for item in items:
        name = item_name(head, item)
        add(feed, item, name if item.version == 1 else f"{name}/version-{item.version}", pubdate=item.updated)
    return str(feed.writeString("utf-8"))


def atom(head: Head, items: Sequence[Item]) -> str:
    """Return a feed as Atom. An item keeps its id; what is corrected or withdrawn has another moment of update."""
    feed = of(Atom, head)
    for item in items:
        add(feed, item, item_name(head, item), pubdate=item.published, updateddate=item.updated)
    return str(feed.writeString("utf-8"))


def of(kind: type[SyndicationFeed], head: Head) -> Any:
    """Return an empty feed of a kind."""
    return kind(
        title=head.title,
        link=head.home,
        description=head.description,
        subtitle=head.description,
        language=head.language,
        author_name=head.sender,
        author_link=head.home,
        feed_url=head.url,
        feed_guid=head.name,
        changed=head.changed,
        hub=hub_of(head.campaign),
    )


def add(feed: Any, item: Item, name: str, **dates: datetime) -> None:
    """Add an item to a feed."""
    feed.add_item(
        title=item.title,
        link=item.url,
        description=format_html("<p>{}</p>", item.summary or item.title),
        content=item.html,
        language=item.language,
        unique_id=name,
        unique_id_is_permalink=False,
        categories=[item.kind, *item.topics.values()],
        **dates,
    )


def json_feed(head: Head, items: Sequence[Item]) -> dict[str, Any]:
    """Return a feed as JSON Feed 1.1. `_bulletin` is our own: the version, and whether it is corrected or withdrawn."""
    hub = hub_of(head.campaign)
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head.title,
        "home_page_url": head.home,
        "feed_url": head.url,
        "description": head.description,
        "language": head.language,
        "authors": [{"name": head.sender, "url": head.home}],
        **({"hubs": [{"type": "WebSub", "url": hub}]} if hub else {}),
        "items": [
            {
                "id": item_name(head, item),
                "url": item.url,
                "title": item.title,
                "content_html": item.html,
                **({"summary": item.summary} if item.summary else {}),
                "date_published": moment(item.published),
                "date_modified": moment(item.updated),
                "language": item.language,
                "tags": [item.kind, *item.topics.values()],
                "_bulletin": {
                    "about": address("website:feeds", language=head.language),
                    "version": item.version,
                    "state": item.state,
                    "exercise": head.campaign.is_exercise,
                    "topics": list(item.topics),
                },
            }
            for item in items
        ],
    }
