"""A bulletin as a box on other sites: what the box says, and oEmbed 1.0, by which they find it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.models import Version
from bulletins.reader_view import published_versions
from bulletins.reader_view.published_versions import Reading
from campaigns.http.feed_responses import writable
from campaigns.http.machine_values import address, name_of
from campaigns.models import Campaign
from lib.http import url_parts
from lib.text import spoken_languages

WIDTH, HEIGHT = 480, 420  # pixels
LOOKED_AT = 6  # bulletins, for the newest that stands


@dataclass(frozen=True, slots=True)
class Box:
    """What a box shows: withdrawn bulletins, and one that stands, if there is one. `changed` is when it last changed."""

    withdrawn: list[Version]
    shown: Reading | None
    changed: datetime


def box(campaign: Campaign, number: int | None, *, language: str, at: datetime) -> Box | None:
    """
    Return the box of a bulletin, None when there is none of that number; without a number of the newest one that stands,
    with what was withdrawn since. Two queries.
    """
    found = published_versions.listed(campaign, at=at)
    if number is not None:
        found = found.filter(bulletin__number=number)
    rows = published_versions.read_all(
        list(found[:LOOKED_AT]), language=language, fallback=campaign.default_language, at=at
    )
    if not rows and number is not None:
        return None
    shown = next((row for row in rows if isinstance(row, Reading)), None)
    before = rows[: rows.index(shown)] if shown else rows
    moments = [row.version.published_at if isinstance(row, Reading) else row.published_at for row in rows]
    ended = [one.valid_until for one in shown.expired if one.valid_until] if shown else []
    return Box([row for row in before if isinstance(row, Version)], shown, max([campaign.begins_at, *moments, *ended]))


# --- oEmbed ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EmbeddedPage:
    """A page of ours that can be put into a box: its language, and the number of its bulletin, None for the newest."""

    language: str
    number: int | None


def embedded_page(url: str) -> EmbeddedPage | None:
    """Return which of our pages an address is, None for any other address."""
    parts, site = url_parts.parts_of(url), urlsplit(settings.PUBLIC_URL)
    if parts is None or parts.scheme not in {"http", "https"}:
        return None
    if parts.hostname != site.hostname or parts.port != site.port or "@" in parts.netloc:
        return None  # with a name before the host it is made to look like another address
    language = parts.path.strip("/").partition("/")[0]
    if not spoken_languages.is_spoken(language):
        return None
    with override(language):
        try:
            match = resolve(parts.path)
        except Resolver404:
            return None
    if match.view_name in {"home", "website:embed", "website:archive"}:
        return EmbeddedPage(language, None)
    if match.view_name in {"website:bulletin", "website:embed_bulletin"}:
        return EmbeddedPage(language, match.kwargs["number"])
    return None


def frame_address(place: EmbeddedPage) -> str:
    """Return the address of a place's box."""
    if place.number is None:
        return address("website:embed", language=place.language)
    return address("website:embed_bulletin", place.number, language=place.language)


def frame(place: EmbeddedPage, title: str, *, width: int = WIDTH, height: int = HEIGHT) -> str:
    """Return the HTML with which another site shows a place's box. Sizes are in pixels."""
    return format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" style="border:0;max-width:100%"></iframe>',
        frame_address(place),
        title,
        width,
        height,
    )


def oembed(
    campaign: Campaign, place: EmbeddedPage, found: Box, *, max_width: int = WIDTH, max_height: int = HEIGHT
) -> dict[str, Any]:
    """Return what oEmbed says of a place, as a box of at most these pixels. `found` is its box."""
    width, height = min(WIDTH, max_width), min(HEIGHT, max_height)
    name = name_of(campaign, place.language)
    with override(place.language):
        if place.number is None:
            title = f"{_('The newest bulletin')}. {name}"
        elif found.shown is None:
            title = _("Bulletin %(number)s has been withdrawn") % {"number": place.number}
        else:
            title = found.shown.edition.title
    return {
        "type": "rich",
        "version": "1.0",
        "title": title,
        "provider_name": name,
        "provider_url": address("home", language=place.language),
        "cache_age": 0,
        "html": frame(place, title, width=width, height=height),
        "width": width,
        "height": height,
    }


def as_xml(found: dict[str, Any]) -> str:
    """Return what oEmbed says as XML."""
    root = ElementTree.Element("oembed")
    for name, value in found.items():
        ElementTree.SubElement(root, name).text = writable(str(value))
    written = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n{written}\n'
