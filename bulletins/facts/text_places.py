"""Every text of a bulletin that people read, as a place that can be read and written by its name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from bulletins.checks import findings
from bulletins.editing import drafts, editions
from bulletins.media import subtitle_words
from bulletins.models import SITUATION, Asset, Bulletin, CallToAction, Edition, KeyMessage, NotAllowed, Parts, Variant
from campaigns.platforms import character_counts, platform_limits
from lib.text.languages.languages import language_name

IN_EDITION = ("title", "subject", "preheader", *SITUATION, "body")
IN_VARIANT = ("title", "caption", "script", "alt_text")
SUBTITLES = "subtitles"
IN_ASSET = {"title": gettext_lazy("title"), "alt_text": gettext_lazy("alt text")}


@dataclass(frozen=True, slots=True)
class TextPlace:
    """One text in one language. `row` is the row that holds it, `field` which of its texts it is."""

    key: str
    language: str
    where: str
    text: str
    row: Any
    field: str


def places(parts: Parts) -> list[TextPlace]:
    """Return every text of a bulletin that is not empty, in the order of the page; a few queries, whatever there is."""
    return [place for place in _places(parts) if place.text.strip()]


def _places(parts: Parts) -> Iterator[TextPlace]:
    for edition in parts.editions:
        for name in IN_EDITION:
            yield TextPlace(
                f"edition:{edition.pk}:{name}",
                edition.language,
                findings.in_edition(edition, name),
                getattr(edition, name),
                edition,
                name,
            )
    for message in parts.key_messages:
        yield from in_message(message)
    for action in parts.calls_to_action:
        for code, text in action.text.items():
            where = findings.action_number(action, code)
            yield TextPlace(f"action:{action.pk}:{code}", code, where, text, action, "text")
    for edition in parts.editions:
        for variant in edition.variants.all():
            for name in IN_VARIANT:
                label = platform_limits.LABELS[name]
                where_it_is = f"{language_name(edition.language)}, {variant.get_platform_display()}, {label}"
                key = f"variant:{variant.pk}:{name}"
                yield TextPlace(key, edition.language, where_it_is, getattr(variant, name), variant, name)
    for asset in parts.assets:
        for name in IN_ASSET:
            for code, text in getattr(asset, name).items():
                called = IN_ASSET[name]
                key = f"asset:{asset.pk}:{name}:{code}"
                yield TextPlace(key, code, f"{language_name(code)}, {asset}, {called}", text, asset, name)
        if (words := subtitle_words.words_of(asset)) and (code := asset.language):
            where = findings.of_subtitles(asset, parts.assets)
            yield TextPlace(f"subtitles:{asset.pk}:{code}", code, where, words, asset, SUBTITLES)


def in_message(message: KeyMessage) -> Iterator[TextPlace]:
    """Yield the texts of a key message: its words, those in other tones, and the address of its source."""
    for code, text in message.text.items():
        where = findings.message_number(message, code)
        yield TextPlace(f"message:{message.pk}:{code}", code, where, text, message, "text")
    for tone, texts in message.tones.items():
        for code, text in texts.items():
            where = findings.tone_number(message, tone, code)
            yield TextPlace(findings.at_tone(message, tone, code), code, where, text, message, tone)
    for code, text in message.source_url.items():
        where = ", ".join((findings.message_number(message, code), _("Source's address")))
        yield TextPlace(f"message:{message.pk}:{code}:source_url", code, where, text, message, "source_url")


def does_not_fit(place: TextPlace, text: str, limits: Mapping[tuple[str, str], Any]) -> str:
    """Return why a text has no room in a place, or "". `limits` as platform_limits.current_limits() gives them."""
    over = 0
    if place.field == SUBTITLES:
        return subtitle_words.does_not_fit(place.row, text)
    if isinstance(place.row, Edition):
        over = len(text) - editions.LIMITS[place.field]
    elif isinstance(place.row, Variant):
        stop, _tell = platform_limits.limits_of(place.row.platform, place.field, dict(limits))
        over = max((character_counts.length(text, one.counted_in) - one.limit for one in stop), default=0)
    if over <= 0:
        return ""
    return ngettext("It is %(over)d character too long.", "It is %(over)d characters too long.", over) % {"over": over}


def write(bulletin: Bulletin, texts: Mapping[str, str], *, follow: bool, by: User, at: datetime) -> None:
    """
    Store new texts, {key: text}, as one change by `by`: a review is void, and `by` is one of the editors.

    With `follow`, translations that followed the original before still do, whether or not they were written. Inside a
    transaction. Raise NotAllowed, with nothing changed, for a place that is gone, and for a published version.
    """
    held = drafts.lock(bulletin)
    by_key = {place.key: place for place in places(Parts(held))}
    if gone := [key for key in texts if key not in by_key]:
        raise NotAllowed(
            _("Not changed: part of the bulletin was removed in the meantime. Look at it again.") + f" {gone[0]}"
        )
    original = drafts.original_of(held)
    followed = {
        edition.pk for edition in held.editions.all() if original and edition.body and not edition.behind(original)
    }
    rows = changed_rows(by_key, texts)
    save_editions(held, [row for row in rows if isinstance(row, Edition)], followed if follow else set(), by=by, at=at)
    for row, fields in rows.items():
        if not isinstance(row, Edition):
            row.save(update_fields=sorted(fields))
    say_subtitles(held, by_key, texts)
    drafts.note_editor(held, by=by, at=at)


def save_editions(held: Bulletin, changed: list[Edition], followed: set[int], *, by: User, at: datetime) -> None:
    """Save changed editions; the translations among `followed` (keys) follow the original as it is then."""
    original = drafts.original_of(held)
    # The original first: what follows it, follows its newest revision.
    for edition in sorted(changed, key=lambda row: row != original):
        edition.bulletin = held
        drafts.save_edition(edition, by=by, at=at, is_current=edition.pk in followed)
    if original in changed:
        for edition in held.editions.filter(pk__in=followed - {edition.pk for edition in changed}):
            edition.bulletin = held
            editions.follow(edition, by=by, at=at)


def say_subtitles(held: Bulletin, by_key: Mapping[str, TextPlace], texts: Mapping[str, str]) -> None:
    """Write new words into the subtitle files among the places."""
    for key, text in texts.items():
        if by_key[key].field == SUBTITLES:
            subtitle_words.say(held, by_key[key].row, text)


def changed_rows(by_key: Mapping[str, TextPlace], texts: Mapping[str, str]) -> dict[Any, set[str]]:
    """Put new texts into the rows that hold them, unsaved, but for files; return {row: its changed fields}."""
    rows: dict[Any, set[str]] = {}
    for key, text in texts.items():
        place = by_key[key]
        if place.field == SUBTITLES:
            continue
        row, name = place.row, place.field
        if isinstance(row, KeyMessage | CallToAction | Asset):
            setattr(row, name, {**getattr(row, name), place.language: text})
        else:
            setattr(row, name, text)
        rows.setdefault(row, set()).add(name)
    return rows
