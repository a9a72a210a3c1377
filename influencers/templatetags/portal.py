"""What the portal's templates need beyond Django's own."""

from datetime import datetime
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, override

from bulletins.media import packages
from bulletins.models import Card, Version
from influencers.access import offline
from influencers.editions.bulletin_entries import ShownKeyMessage
from influencers.models import Influencer
from influencers.portal.card_maker import Maker
from lib.images.picture_sizes import Ratio
from lib.images.shared_cards import SHAPES, Picture
from lib.text.numbers.whole_numbers import grouped

register = template.Library()


register.filter(grouped)


@register.simple_tag
def mail_to(address: str, subject: str = "") -> str:
    """Return a mailto: link to `address` with a subject, "" without an address."""
    if not address:
        return ""
    return f"mailto:{address}?{urlencode({'subject': subject}).replace('+', '%20')}" if subject else f"mailto:{address}"


@register.filter
def is_past(moment: datetime) -> bool:
    """Return whether a moment is over."""
    return moment <= timezone.now()


@register.simple_tag
def file_name(version: Version, language: str, *parts: str | int) -> str:
    """
    Return what a file of a version is called on a device, in words of its `language`: "tiedote-4-v1-instagram-fi.zip". The
    last of `parts` is its address, or how that ends.
    """
    *about, url = parts
    names = [name_of(str(part)) for part in about]
    stem = [bulletin_word(language), str(version.bulletin.number), f"v{version.number}", *names, language]
    return "-".join(filter(None, stem)) + PurePosixPath(f"file{urlsplit(str(url)).path}").suffix


@lru_cache(maxsize=1024)
def name_of(part: str) -> str:
    """Return a part of a file's name; a page has some seventy such names."""
    return packages.ascii_name(part.replace(":", "x"), "")


@lru_cache(maxsize=64)
def bulletin_word(language: str) -> str:
    """Return how the name of a bulletin's file begins in a language."""
    with override(language):
        return packages.ascii_name(gettext("bulletin"), "bulletin")


@register.filter
def shape_name(card: Card) -> str:
    """Return what creators call the shape of a card."""
    return str(SHAPES[Ratio(card.ratio)])


@register.simple_tag
def picture_of(card: Card | None, version: Version, language: str, key: str) -> Picture | None:
    """Return a card of a key message as pages show it, None without one."""
    if not card:
        return None
    name = file_name(version, language, key, card.ratio, card.file.url)
    return Picture(card.ratio, card.file.url, card.thumbnail_url, name)


@register.simple_tag
def pictures_of(words: ShownKeyMessage, version: Version, language: str) -> list[Picture]:
    """Return the cards of a key message as pages show them."""
    return [found for card in words.cards if (found := picture_of(card, version, language, words.key))]


@register.simple_tag
def picture_made(maker: Maker, version: Version, language: str) -> Picture:
    """Return the card that a reader has chosen."""
    name = file_name(version, language, maker.key, maker.ratio, maker.suffix)
    return Picture(maker.ratio, maker.address, maker.small, name)


@register.simple_tag
def check_url(version: Version, language: str) -> str:
    """Return where anyone can look a bulletin up, in the language of its words."""
    return page_of(settings.PUBLIC_URL, version.bulletin.number, language)


@lru_cache(maxsize=256)
def page_of(site: str, number: int, language: str) -> str:
    """Return the public page of a bulletin in a language; each field of a caption asks for it."""
    with override(language):
        return f"{site}{reverse('website:bulletin', args=[number])}"


@register.filter
def reader_mark(influencer: Influencer) -> str:
    """Return the mark of a reader, by which a device tells whose what it keeps is."""
    return offline.mark_of(influencer)


@register.inclusion_tag("shared/_copy.html")
def copy_button(ids: str, label: str, of: str = "", look: str = "btn--line") -> dict[str, Any]:
    """Show a button that copies the elements `ids` ("#a #b"). `of` says what is copied to people who don't see."""
    return {"target": ids, "label": label, "what": of, "kind": look or " "}
