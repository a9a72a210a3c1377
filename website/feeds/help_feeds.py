"""Ways to help for machines and other sites: as Atom, as JSON Feed, and as a box."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from campaigns.http.machine_responses import as_json, hub_links, language, serve, with_languages, writable
from campaigns.http.machine_values import address, moment, name_of
from campaigns.http.page_changes import cached_page
from campaigns.models import Campaign
from campaigns.translated_fields import in_language, language_shown
from stories.models import Offer, OfferVersion
from stories.ways_to_help import shown_offers
from stories.ways_to_help.shown_offers import ShownOffer

from . import items as feeds_items
from . import oembed, rss_atom_json
from .oembed import EmbeddedPage, Frame
from .views import BOX_CSP

MOST = 50
IN_A_BOX = 5


@dataclass(frozen=True, slots=True)
class HelpHead(rss_atom_json.Head):
    """What the feed of ways to help says of itself."""

    @property
    def title(self) -> str:
        """Its title in its language."""
        with override(self.language):
            return writable(". ".join([_("Ways to help"), name_of(self.campaign, self.language)]))

    @property
    def description(self) -> str:
        """What it is about, in its language."""
        with override(self.language):
            return _("What people can do now. What is over or withdrawn is no longer in it.")

    @property
    def name(self) -> str:
        """Its name for good."""
        return feeds_items.tag(self.campaign, f"help/{self.language}")


@require_safe
@cached_page("campaign")
def atom(request: HttpRequest) -> HttpResponse:
    """Give the ways to help as Atom, in the address's language."""
    head, rows = contents(request, "website:help_atom")
    written = rss_atom_json.atom(head, [item_of(row, head) for row in rows])
    return serve(
        request, written, "application/atom+xml; charset=utf-8", head.changed, links=hub_links(head.campaign, head.url)
    )


@require_safe
@cached_page("campaign")
def json_feed(request: HttpRequest) -> HttpResponse:
    """Give the ways to help as JSON Feed, each with its conditions as data."""
    head, rows = contents(request, "website:help_json")
    feed = rss_atom_json.json_feed(head, [item_of(row, head) for row in rows])
    for entry, row in zip(feed["items"], rows, strict=True):
        del entry["_bulletin"]
        entry["_way_to_help"] = conditions(row)
    return serve(
        request, as_json(feed), "application/feed+json", head.changed, links=hub_links(head.campaign, head.url)
    )


def contents(request: HttpRequest, name: str) -> tuple[HelpHead, list[ShownOffer]]:
    """Return what a feed says of itself and what it holds, what was checked last first; three queries."""
    campaign, now = with_languages(request), timezone.now()
    with override(language()), timezone.override(campaign.zone):
        versions = OfferVersion.objects.shown(campaign, at=now).select_related("region").order_by("-checked_at", "-pk")
        rows = shown_offers.read_all(versions[:MOST])
    head = HelpHead(campaign, language(), address(name, language=language()), changed_at(campaign, at=now))
    return head, rows


def changed_at(campaign: Campaign, *, at: datetime) -> datetime:
    """Return when what everyone sees last changed: something was checked, withdrawn, began or ended; one query."""
    found = OfferVersion.objects.filter(offer__campaign=campaign, checked_at__isnull=False).aggregate(
        checked=Max("checked_at"),
        withdrawn=Max("offer__withdrawn_at"),
        begun=Max("valid_from", filter=Q(valid_from__lte=at)),
        ended=Max("valid_until", filter=Q(valid_until__lte=at)),
    )
    return max([campaign.begins_at, *(one for one in found.values() if one is not None)])


def item_of(row: ShownOffer, head: HelpHead) -> feeds_items.Item:
    """Return a way to help as an entry of a feed."""
    version, topic = row.version, row.version.printed["topic"]
    spoken = head.language
    title = in_language(version.title, spoken)
    if head.campaign.is_exercise:
        with override(spoken):
            title = feeds_items.marked(title, head.campaign)
    assert version.checked_at is not None
    with override(spoken):
        html = render_to_string("website/feeds/_feed_way_to_help.html", {"row": row})
        kind = _("Way to help")
    return feeds_items.Item(
        key=f"help/{row.pk}",
        version=version.number,
        state=feeds_items.PUBLISHED,
        url=address("ways_to_help:offer", row.pk, language=spoken),
        title=writable(title),
        summary=writable(in_language(version.does, spoken)),
        html=writable(html),
        language=language_shown(version.title, spoken) or spoken,
        kind=kind,
        topics={topic["slug"]: writable(in_language(topic["name"], spoken))} if topic else {},
        published=version.checked_at,
        updated=version.checked_at,
        changed=version.checked_at,
    )


def conditions(row: ShownOffer) -> dict[str, Any]:
    """Return what one needs for a way to help, as plain data."""
    version = row.version
    return {
        "minutes": version.minutes,
        "weekly": version.is_weekly,
        "from_home": version.from_home,
        "region": version.region.code if version.region else None,
        "place": version.place,
        "from_age": version.from_age,
        "languages": version.languages,
        "behind": {"name": row.partner, "url": row.partner_url or None},
        "url": version.url or None,
        "valid_from": moment(version.valid_from) if version.valid_from else None,
        "valid_until": moment(version.valid_until),
    }


@require_safe
@cached_page("campaign")
@xframe_options_exempt
@csp_override(BOX_CSP)
def embed(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Show one way to help, or the few that take least time, in a box for other sites. One that is over says so, without its words."""
    campaign, now = with_languages(request), timezone.now()
    shown = OfferVersion.objects.shown(campaign, at=now)
    rows = shown_offers.read_all(shown[:IN_A_BOX] if pk is None else shown.filter(offer=pk))
    if pk is not None and not rows and not Offer.objects.was_shown(campaign, at=now).filter(pk=pk).exists():
        raise Http404
    written = render_to_string("website/feeds/embed_help.html", {"rows": rows, "number": pk}, request)
    response = serve(request, written, "text/html; charset=utf-8", changed_at(campaign, at=now))
    response["X-Robots-Tag"] = "noindex"
    return response


@oembed.frames("website:help", "website:embed_help")
def frame_of_all(campaign: Campaign, place: EmbeddedPage, at: datetime) -> Frame:
    """Return the box of all ways to help."""
    with override(place.language):
        title = f"{_('Ways to help')}. {name_of(campaign, place.language)}"
    return Frame(address("website:embed_help", language=place.language), title, changed_at(campaign, at=at))


@oembed.frames("ways_to_help:offer", "website:embed_offer")
def frame_of_offer(campaign: Campaign, place: EmbeddedPage, at: datetime) -> Frame | None:
    """Return the box of one way to help that holds."""
    pk = place.arguments["pk"]
    version = OfferVersion.objects.shown(campaign, at=at).filter(offer=pk).first()
    if version is None:
        return None
    title = in_language(version.title, place.language)
    return Frame(address("website:embed_offer", pk, language=place.language), title, changed_at(campaign, at=at))
