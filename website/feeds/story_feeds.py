"""Stories of municipalities for machines and other sites: as RSS, Atom and JSON Feed, and each as a box."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from campaigns.http.machine_responses import as_json, hub_links, language, serve, with_languages, writable
from campaigns.http.machine_values import address, name_of
from campaigns.http.page_changes import cached_page
from campaigns.models import Campaign
from campaigns.translated_fields import in_language, language_shown
from stories.models import Story
from stories.wall import shown_stories
from stories.wall.shown_stories import ShownStory
from stories.wall.story_page import film_of

from . import items as feeds_items
from . import oembed, rss_atom_json
from .oembed import EmbeddedPage, Frame
from .views import BOX_CSP

MOST = 50
FILM_CSP: dict[str, Sequence[str]] = {**BOX_CSP, "media-src": [CSP.SELF]}


@dataclass(frozen=True, slots=True)
class StoriesHead(rss_atom_json.Head):
    """What the feed of stories says of itself."""

    @property
    def title(self) -> str:
        """Its title in its language."""
        with override(self.language):
            return writable(". ".join([_("Stories"), name_of(self.campaign, self.language)]))

    @property
    def description(self) -> str:
        """What it is about, in its language."""
        with override(self.language):
            return _("What municipalities tell. A story that was withdrawn is no longer in it.")

    @property
    def name(self) -> str:
        """Its name for good."""
        return feeds_items.tag(self.campaign, f"stories/{self.language}")


@require_safe
@cached_page("campaign")
def rss(request: HttpRequest) -> HttpResponse:
    """Give the newest stories as RSS 2.0, in the address's language."""
    return feed(request, "website:stories_rss", "application/rss+xml; charset=utf-8", rss_atom_json.rss)


@require_safe
@cached_page("campaign")
def atom(request: HttpRequest) -> HttpResponse:
    """Give the newest stories as Atom, in the address's language."""
    return feed(request, "website:stories_atom", "application/atom+xml; charset=utf-8", rss_atom_json.atom)


@require_safe
@cached_page("campaign")
def json_feed(request: HttpRequest) -> HttpResponse:
    """Give the newest stories as JSON Feed, in the address's language."""

    def write(head: rss_atom_json.Head, items: Sequence[feeds_items.Item]) -> str:
        found = rss_atom_json.json_feed(head, items)
        for entry in found["items"]:
            del entry["_bulletin"]
        return as_json(found)

    return feed(request, "website:stories_json", "application/feed+json", write)


def feed(
    request: HttpRequest,
    name: str,
    kind: str,
    write: Callable[[rss_atom_json.Head, Sequence[feeds_items.Item]], str],
) -> HttpResponse:
    """Give a feed of the newest stories; seven queries, however many there are."""
    campaign = with_languages(request)
    with override(language()), timezone.override(campaign.zone):
        rows = shown_stories.read_all(shown_stories.for_cards(Story.objects.shown(campaign))[:MOST])
        items = [item_of(row, campaign) for row in rows]
    changed = changed_at(campaign)
    head = StoriesHead(campaign, language(), address(name, language=language()), changed)
    return serve(request, write(head, items), kind, changed, links=hub_links(campaign, head.url))


def changed_at(campaign: Campaign) -> datetime:
    """Return when what everyone sees of stories last changed, as far as rows tell; one query. The answer's ETag is exact."""
    found = Story.objects.filter(campaign=campaign, published_at__isnull=False).aggregate(
        published=Max("published_at"), checked=Max("checked_at"), withdrawn=Max("withdrawn_at")
    )
    return max([campaign.begins_at, *(one for one in found.values() if one is not None)])


def item_of(row: ShownStory, campaign: Campaign) -> feeds_items.Item:
    """Return a story as an entry of a feed, in the active language."""
    story, spoken = row.story, language()
    title = in_language(story.title)
    if campaign.is_exercise:
        title = feeds_items.marked(title, campaign)
    html = render_to_string("website/feeds/_feed_story.html", {"row": row})
    assert story.published_at is not None
    return feeds_items.Item(
        key=f"stories/{story.key}",
        version=1,
        state=feeds_items.PUBLISHED,
        url=address("stories:story", story.key, language=spoken),
        title=writable(title),
        summary=writable(in_language(story.sentence)),
        html=writable(html),
        language=language_shown(story.title) or spoken,
        kind=pgettext("of a municipality", "Story"),
        topics={one.slug: writable(str(one)) for one in story.themes.all()},
        published=story.published_at,
        updated=story.published_at,
        changed=story.published_at,
    )


# --- The box on other sites ------------------------------------------------------------------------


@require_safe
@cached_page()
@xframe_options_exempt
@csp_override(FILM_CSP)
def embed(request: HttpRequest, key: str) -> HttpResponse:
    """Show a story in a box for other sites. One that is gone says so, without its words."""
    campaign = with_languages(request)
    story = shown_stories.with_all(Story.objects.shown(campaign)).filter(key=key).first()
    if story is None and not Story.objects.filter(campaign=campaign, key=key, published_at__isnull=False).exists():
        raise Http404
    row = shown_stories.read(story) if story else None
    context: dict[str, Any] = {"row": row, "film": film_of(row) if row else None, "key": key}
    written = render_to_string("website/feeds/embed_story.html", context, request)
    if row is None:
        response = HttpResponse(written, status=410)
        response["Cache-Control"] = "no-store"
    else:
        response = serve(request, written, "text/html; charset=utf-8", changed_at(campaign))
    response["X-Robots-Tag"] = "noindex"
    return response


@oembed.frames("stories:story", "website:embed_story")
def frame_of_story(campaign: Campaign, place: EmbeddedPage, at: datetime) -> Frame | None:
    """Return the box of a story that is shown."""
    key = place.arguments["key"]
    story = Story.objects.shown(campaign).filter(key=key).first()
    if story is None:
        return None
    return Frame(
        address("website:embed_story", key, language=place.language),
        in_language(story.title, place.language),
        changed_at(campaign),
    )
