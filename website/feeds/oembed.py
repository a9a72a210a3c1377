"""
Pages of ours as boxes on other sites: what the box of a bulletin says, and oEmbed 1.0, by which other sites find each box. Other
modules say with `frames` which of their pages have one.
"""

from collections.abc import Callable, Mapping
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
from campaigns.http.machine_responses import writable
from campaigns.http.machine_values import address, name_of
from campaigns.models import Campaign
from lib.http import url_parts
from lib.text.languages import spoken_languages

WIDTH, HEIGHT = 480, 420  # pixels
LOOKED_AT = 6  # bulletins, for the newest that stands


@dataclass(frozen=True, slots=True)
class EmbeddedPage:
    """A page of ours that has a box: its language, the name of its address, and what that has in it."""

    language: str
    view: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """A box to put on other sites: its address, what it is called, and when it last changed."""

    url: str
    title: str
    changed: datetime


FRAMES: dict[str, Callable[[Campaign, EmbeddedPage, datetime], Frame | None]] = {}


def frames[F: Callable[[Campaign, EmbeddedPage, datetime], Frame | None]](*names: str) -> Callable[[F], F]:
    """Say how the box of the pages with these names (namespace:name) is found: None where there is nothing to show."""

    def register(finder: F) -> F:
        FRAMES.update(dict.fromkeys(names, finder))
        return finder

    return register


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


@frames("home", "website:embed", "website:archive", "website:bulletin", "website:embed_bulletin")
def frame_of_bulletin(campaign: Campaign, place: EmbeddedPage, at: datetime) -> Frame | None:
    """Return the box of a bulletin, or of the newest one."""
    number = place.arguments.get("number")
    found = box(campaign, number, language=place.language, at=at)
    if found is None:
        return None
    if number is None:
        return newest(campaign, place.language, changed=found.changed)
    with override(place.language):
        withdrawn = _("Bulletin %(number)s has been withdrawn") % {"number": number}
    title = found.shown.edition.title if found.shown else withdrawn
    return Frame(address("website:embed_bulletin", number, language=place.language), title, found.changed)


def newest(campaign: Campaign, language: str, *, changed: datetime) -> Frame:
    """Return the box of the newest bulletin."""
    with override(language):
        title = f"{_('The newest bulletin')}. {name_of(campaign, language)}"
    return Frame(address("website:embed", language=language), title, changed)


# --- oEmbed ----------------------------------------------------------------------------------------


def embedded_page(url: str) -> EmbeddedPage | None:
    """Return which of our pages with a box an address is, None for any other address."""
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
    return EmbeddedPage(language, match.view_name, match.kwargs) if match.view_name in FRAMES else None


def frame_of(campaign: Campaign, place: EmbeddedPage, *, at: datetime) -> Frame | None:
    """Return the box of a page, None where there is nothing to show."""
    return FRAMES[place.view](campaign, place, at)


def iframe(frame: Frame, *, width: int = WIDTH, height: int = HEIGHT) -> str:
    """Return the HTML with which another site shows a box. Sizes are in pixels."""
    return format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" style="border:0;max-width:100%"></iframe>',
        frame.url,
        frame.title,
        width,
        height,
    )


def oembed(
    campaign: Campaign, language: str, frame: Frame, *, max_width: int = WIDTH, max_height: int = HEIGHT
) -> dict[str, Any]:
    """Return what oEmbed says of a page, as a box of at most these pixels."""
    width, height = min(WIDTH, max_width), min(HEIGHT, max_height)
    return {
        "type": "rich",
        "version": "1.0",
        "title": frame.title,
        "provider_name": name_of(campaign, language),
        "provider_url": address("home", language=language),
        "cache_age": 0,
        "html": iframe(frame, width=width, height=height),
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
