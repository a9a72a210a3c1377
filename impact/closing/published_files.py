"""The pictures, films and subtitles of published bulletins and answers, with their words, as their pages in the archive show them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse

from bulletins.media import message_cards
from bulletins.models import Card
from bulletins.reader_view import published_versions
from campaigns.models import Campaign
from lib.text.markup import plain
from questions.answers import published_answers
from website.pages import views


@dataclass(frozen=True, slots=True)
class File:
    """One picture, film or other file at its address on the site. `subtitles` are (language, address) of a film."""

    kind: str
    url: str
    title: str
    alt: str
    rights: str = ""
    subtitles: list[tuple[str, str]] = field(default_factory=list)


def files_of(campaign: Campaign, number: int, language: str, *, at: datetime) -> list[File]:
    """Return the cards and files of a bulletin's standing version in a language, none of a withdrawn one. Five queries at most."""
    versions = published_versions.versions_of(campaign, number, at=at)
    if not versions or versions[0].is_retracted:
        return []
    newest = versions[0]
    specs = {message_cards.digest(one): one for one in message_cards.specs_of_version(newest, versions, language)}
    cards = Card.objects.filter(bulletin=newest.bulletin, digest__in=specs).order_by("key", "ratio", "pk")
    found = [
        File("image", of(card.file.name or ""), card.get_ratio_display(), message_cards.alt_text(specs[card.digest]))
        for card in cards
    ]
    edition = next((one for one in newest.editions.all() if one.language == language), None)
    return [*found, *offered(edition.content.get("assets", []))] if edition else found


def offered(assets: Sequence[dict[str, Any]]) -> Iterator[File]:
    """Yield the files that a published edition offers, subtitles with their film."""
    for asset in assets:
        name = plain(asset.get("file", ""))
        if not name or asset.get("subtitles_of"):
            continue
        mine = [one for one in assets if one.get("subtitles_of") and one["subtitles_of"] == asset.get("id")]
        subtitles = [(plain(one.get("language", "")), of(plain(one["file"]))) for one in mine if one.get("file")]
        title, alt, rights = (plain(asset.get(word, "")) for word in ("title", "alt_text", "rights"))
        yield File(plain(asset.get("kind", "")), of(name), title, alt, rights, subtitles)


def of(name: str) -> str:
    """Return the address of a stored file on the site."""
    return reverse("media", args=[name])


def cards_of_answer(campaign: Campaign, slug: str, *, at: datetime) -> list[File]:
    """Return the pictures of an answer that stands and holds, in the active language."""
    newest = next(iter(published_answers.answer_versions(campaign, slug, at=at)), None)
    if newest is None:
        return []
    row = published_answers.read_version(newest, at=at)
    shared = {} if row.is_withdrawn or row.is_over else views.sharing(newest)
    return [File("image", one.url, one.ratio.replace("x", ":"), shared["alt"]) for one in shared.get("pictures", [])]
