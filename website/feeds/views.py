"""What feed readers, warning systems, calendars and other sites fetch. docs/using/public-site/ says how."""

from collections.abc import Callable, Sequence

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.translation import override
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from bulletins.reader_view import published_versions
from campaigns.http.machine_responses import as_json, hub_links, hub_of, language, serve, with_languages
from campaigns.http.machine_values import address
from campaigns.http.middleware import campaign_or_404
from campaigns.http.page_changes import cached_page
from campaigns.models import Campaign
from website.pages import topic_choices

from . import cap_alerts, ical, rss_atom_json
from . import items as feeds_items
from . import oembed as feeds_oembed

# A box is framed by anyone, runs nothing and leads nowhere by itself.
BOX_CSP: dict[str, Sequence[str]] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "frame-ancestors": ["*"],
}


@require_safe
@cached_page()
def feeds(request: HttpRequest) -> HttpResponse:
    """Explain each feed in plain words, with its address, and the box to put on another site."""
    campaign = campaign_or_404(request)
    newest = feeds_oembed.newest(campaign, language(), changed=campaign.begins_at)
    context = {
        "topics": topic_choices.topics_of(campaign, at=timezone.now()),
        "alerts": address("alerts", language=language()),
        "snippet": feeds_oembed.iframe(newest),
        "box": newest.url,
    }
    return render(request, "website/feeds/feeds.html", context)


# --- Feeds -----------------------------------------------------------------------------------------


@require_safe
@cached_page("campaign", "topic")
def rss(request: HttpRequest) -> HttpResponse:
    """Give the newest bulletins and answers as RSS 2.0, in the address's language."""
    return feed(request, "website:rss", "application/rss+xml; charset=utf-8", rss_atom_json.rss)


@require_safe
@cached_page("campaign", "topic")
def atom(request: HttpRequest) -> HttpResponse:
    """Give the newest bulletins and answers as Atom, in the address's language."""
    return feed(request, "website:atom", "application/atom+xml; charset=utf-8", rss_atom_json.atom)


@require_safe
@cached_page("campaign", "topic")
def json_feed(request: HttpRequest) -> HttpResponse:
    """Give the newest bulletins and answers as JSON Feed, in the address's language."""

    def write(head: rss_atom_json.Head, items: Sequence[feeds_items.Item]) -> str:
        return as_json(rss_atom_json.json_feed(head, items))

    return feed(request, "website:json_feed", "application/feed+json", write)


def feed(
    request: HttpRequest,
    name: str,
    kind: str,
    write: Callable[[rss_atom_json.Head, Sequence[feeds_items.Item]], str],
) -> HttpResponse:
    """Give a feed, about a topic if one is asked for; one that does not exist is an end that machines notice."""
    campaign, url = with_languages(request), address(name, language=language())
    topic = None
    if "topic" in request.GET:
        topic = campaign.topics.filter(slug=request.GET["topic"]).first()
        if topic is None:
            raise Http404
        url = f"{url}?topic={topic.slug}"
    items = feeds_items.newest(campaign, language=language(), at=timezone.now(), topic=topic)
    changed = feeds_items.changed_at(campaign, items)
    head = rss_atom_json.Head(campaign, language(), url, changed, topic)
    return serve(request, write(head, items), kind, changed, links=hub_links(campaign, url))


@require_safe
@cached_page()
def calendar(request: HttpRequest) -> HttpResponse:
    """Give the coming slots of bulletins and digests as iCalendar, in the address's language."""
    campaign, now = with_languages(request), timezone.now()
    slots = ical.coming(campaign, language=language(), at=now)
    written = ical.calendar(campaign, slots, language=language(), at=now)
    return serve(request, written, "text/calendar; charset=utf-8", ical.changed_at(campaign, at=now))


# --- Alerts ----------------------------------------------------------------------------------------


@require_safe
@cached_page()
def alerts(request: HttpRequest) -> HttpResponse:
    """Give the list of alerts as Atom, one address for all languages."""
    campaign = with_authority(request)
    versions = cap_alerts.newest(campaign, at=timezone.now())
    changed = max([feeds_items.changed_at(campaign, []), *(version.published_at for version in versions)])
    main = campaign.default_language
    url, home = address("alerts", language=main), address("home", language=main)
    written = cap_alerts.index(campaign, versions, url=url, home=home, changed=changed, hub=hub_of(campaign))
    response = serve(request, written, "application/atom+xml; charset=utf-8", changed, links=hub_links(campaign, url))
    return in_languages(response, campaign)


@require_safe
@cached_page()
def alert(request: HttpRequest, identifier: str) -> HttpResponse:
    """Give a published version as a CAP alert in all languages. Of what is withdrawn only the cancellation is left."""
    campaign = with_authority(request)
    numbers = cap_alerts.numbers_of(campaign, identifier)
    versions = published_versions.versions_of(campaign, numbers[0], at=timezone.now()) if numbers else []
    version = next((one for one in versions if numbers and one.number == numbers[1]), None)
    if version is None:
        raise Http404
    if versions[0].is_retracted and version is not versions[0]:
        gone = HttpResponse("Withdrawn. See the alert that cancels it.\n", content_type="text/plain", status=410)
        cancel = address("alert", cap_alerts.identifier(campaign, versions[0]), language=language())
        gone["Link"] = f'<{cancel}>; rel="latest-version"'
        return gone
    written = cap_alerts.alert(campaign, versions, version)
    response = serve(request, written, "application/cap+xml; charset=utf-8", version.published_at)
    return in_languages(response, campaign)


def with_authority(request: HttpRequest) -> Campaign:
    """Return the campaign with its languages and its authority; two queries."""
    campaign = with_languages(request)
    prefetch_related_objects([campaign], "authority")
    return campaign


def in_languages(response: HttpResponse, campaign: Campaign) -> HttpResponse:
    """Say that an answer is in all languages of the campaign, whichever the reader speaks."""
    response["Content-Language"] = ", ".join(row.code for row in campaign.languages.all())
    return response


# --- The box on other sites ------------------------------------------------------------------------


@require_safe
@cached_page()
@xframe_options_exempt
@csp_override(BOX_CSP)
def embed(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Show a bulletin, or the newest one, in a box for other sites."""
    campaign, now = with_languages(request), timezone.now()
    box = feeds_oembed.box(campaign, number, language=language(), at=now)
    if box is None:
        raise Http404
    printed = box.shown.version.words.in_language(language()) if box.shown else None
    written = render_to_string("website/feeds/embed.html", {"box": box, "number": number, "printed": printed}, request)
    response = serve(request, written, "text/html; charset=utf-8", box.changed)
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@cached_page("url", "format", "maxwidth", "maxheight")
def oembed(request: HttpRequest) -> HttpResponse:
    """Say how a page of ours is put into a box (oEmbed 1.0)."""
    kind = request.GET.get("format", "json")
    if kind not in {"json", "xml"}:
        # oEmbed names 501 for it; but a 5xx says that the fault is ours, and whoever reads our logs believes it.
        return refusal("The format is json or xml.", status=400)
    sizes = {name: request.GET.get(name, "9999") for name in ("maxwidth", "maxheight")}
    if not all(size.isascii() and size.isdigit() and int(size[:9]) > 0 for size in sizes.values()):
        return refusal("maxwidth and maxheight are whole numbers of pixels, from 1 on.", status=422)
    campaign, now = with_languages(request), timezone.now()
    place = feeds_oembed.embedded_page(request.GET.get("url", ""))
    frame = place and feeds_oembed.frame_of(campaign, place, at=now)
    if place is None or frame is None:
        return refusal("No page of this site that has a box is at this url.", status=404)
    most = {"max_width": int(sizes["maxwidth"][:9]), "max_height": int(sizes["maxheight"][:9])}
    with override(place.language):
        found = feeds_oembed.oembed(campaign, place.language, frame, **most)
    if kind == "xml":
        return serve(request, feeds_oembed.as_xml(found), "text/xml; charset=utf-8", frame.changed)
    return serve(request, as_json(found), "application/json", frame.changed)


def refusal(says: str, *, status: int) -> HttpResponse:
    """Answer machines why there is nothing for them."""
    response = HttpResponse(f"{says}\n", content_type="text/plain; charset=utf-8", status=status)
    response["Access-Control-Allow-Origin"] = "*"
    return response
