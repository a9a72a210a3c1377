"""
What a correction changes, against what readers see now, language by language: the words that came and the words that went, and
in words what stays as it was.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bulletins.editing import earlier_words
from bulletins.editing.diff import said
from bulletins.editing.earlier_words import EarlierWords
from bulletins.editing.edition_labels import edition_label
from bulletins.mail import printed_editions
from bulletins.mail.bulletin_mail import is_sent_subject
from bulletins.media import subtitle_words
from bulletins.models import Asset, Bulletin, Edition, Parts, Platform, PublishedEdition
from bulletins.publication import channel_messages
from campaigns.models import ReadingLevel
from delivery.models import Channel, Message
from delivery.transports import channels
from lib.text.characters.visible_text import seen
from lib.text.dates import validity_phrases
from lib.text.markup import html_to_text, inline_text, sections
from lib.text.revisions.word_diff import marked, near
from lib.text.subtitles import TAG


@dataclass(frozen=True)
class Difference:
    """One part in one language, with what went in <del> and what came in <ins>."""

    part: str
    marked: SafeString


@dataclass
class LanguageChange:
    """
    A language of a correction: its `differences`, and the names of the parts that say the `same` as what is published. `is_new`:
    readers have had nothing in it so far; `is_gone`: they had, and it has no text any more.
    """

    language: str
    name: str
    differences: list[Difference] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    is_new: bool = False
    is_gone: bool = False


def changes_of(bulletin: Bulletin, *, at: datetime) -> list[LanguageChange]:
    """
    Return what differs from the version that is published in each language, [] for a first version; a number of queries that does
    not grow.
    """
    version = bulletin.versions.order_by("-number").prefetch_related("editions").first()
    if version is None or version.number >= bulletin.version:
        return []
    before = {(edition.language, edition.reading_level): edition for edition in version.editions.all()}
    subjects = {
        (language, level): subject
        for language, level, subject in Message.objects.filter(
            mailing=version.mailing_id, channel=Channel.MAIL
        ).values_list("language", "reading_level", "subject")
    }
    beside = channels.beside_mail(bulletin.campaign)
    earlier = earlier_words.of_bulletin(bulletin, beside) if beside else {}
    newest = earlier_words.of_mailings([version.mailing_id], earlier) if earlier else {}
    parts, found = Parts(bulletin), []
    for edition in parts.editions:
        key = edition.language, edition.reading_level
        change = LanguageChange(edition.language, edition_label(edition))
        if was := before.pop(key, None):
            page, _words = printed_editions.print_edition(bulletin, edition, at=at, parts=parts)
            pairs = pairs_of(was, page, subjects.get(key, ""), edition, parts)
            compare(change, pairs)
            if edition.reading_level == ReadingLevel.STANDARD:
                compare(change, said_beside(edition, parts, earlier, newest))
        else:
            change.is_new = True
            change.differences = [Difference(_("Text"), marked("", f"{edition.title}\n{edition.body}"))]
        found.append(change)
    found += [LanguageChange(one.language, edition_label(one), is_gone=True) for one in before.values()]
    return found


def compare(change: LanguageChange, pairs: Iterable[tuple[str, str, str]]) -> None:
    """Sort parts (name, before, now) into what differs and what is the same; of a text each section that stays is named."""
    for name, before, now in pairs:
        if seen(before) == seen(now):
            change.same += [name] if now.strip() else []
            continue
        change.differences.append(Difference(name, near(before, now)))
        if name == _("Text"):
            old = sections(before)
            change.same += [inline_text(head) for head, text in sections(now) if head and (head, text) in old]


def pairs_of(
    was: PublishedEdition, now: PublishedEdition, subject: str, edition: Edition, parts: Parts
) -> Iterator[tuple[str, str, str]]:
    """Yield (part, before, now) of everything that readers get in one language."""
    yield _("Title"), was.title, now.title
    same = is_sent_subject(subject, edition.subject, edition.language)
    yield _("Email subject"), edition.subject if same else subject, edition.subject
    yield _("Preheader"), was.lead, now.lead
    is_same = seen(was.body) == seen(now.body)  # the same words may be shown otherwise now: "31. joulukuuta" was a list
    yield _("Text"), *((html_to_text(was.html), html_to_text(now.html)) if is_same else (was.body, now.body))
    old, new = was.content, now.content
    zone = parts.bulletin.campaign.zone

    def message(row: dict[str, Any]) -> str:
        until = parse_datetime(row.get("valid_until") or "")
        lasts = validity_phrases.valid_until(until, zone)
        return "\n".join(filter(None, (said(row), row.get("source_name"), row.get("source_url"), lasts)))

    order = [one.key for one in parts.key_messages]

    def place(key: str) -> str:
        return _("Key message %(number)s") % {
            "number": order.index(key) + 1 if key in order else key.rpartition("-")[2]
        }

    yield from rows_of(old, new, "key_messages", "key", message, place)
    yield (
        _("Calls to action"),
        *("\n".join(content.get("calls_to_action", [])) for content in (old, new)),
    )
    yield _("Hashtags"), *(" ".join(content.get("hashtags", [])) for content in (old, new))
    yield from rows_of(old, new, "variants", "platform", variant_words, lambda one: Platform(one).label)
    yield from rows_of(old, new, "assets", "file", asset_words, lambda _one: _("File"))
    spoken, speaks = (subtitles_in(content) for content in (old, new))
    for video in {**spoken, **speaks}:
        yield _("Subtitles"), spoken.get(video, ""), speaks.get(video, "")


def said_beside(
    edition: Edition, parts: Parts, earlier: EarlierWords, newest: EarlierWords
) -> Iterator[tuple[str, str, str]]:
    """Yield (channel, before, now) of what is said beside the mail to whoever got an earlier version by a channel."""
    for channel, _title, text in channel_messages.words_of(parts, edition, earlier, earlier):
        before = next((words for _title, words in newest.get(channel, {}).get(edition.language, ())), "")
        yield str(Channel(channel).label).capitalize(), before, text


def rows_of(
    old: dict[str, Any], new: dict[str, Any], kind: str, key: str, words: Any, named: Callable[[str], str]
) -> Iterator[tuple[str, str, str]]:
    """Yield (part, before, now) of each row of one kind that the content before or now has."""
    before, now = ({row[key]: row for row in content.get(kind, [])} for content in (old, new))
    for one in {**before, **now}:
        texts = (words(rows[one]) if one in rows else "" for rows in (before, now))
        yield named(one), *texts


def variant_words(row: dict[str, Any]) -> str:
    """Return all words of a channel's version."""
    tags = " ".join([*row.get("hashtags", []), *row.get("tags", [])])
    return "\n".join(filter(None, (*(row.get(name) for name in ("title", "caption", "script", "alt_text")), tags)))


def subtitles_in(content: dict[str, Any]) -> dict[int, str]:
    """Return {the key of a video: what its subtitles say, in plain words} of what readers of a language get."""
    files = [row for row in content.get("assets", []) if row.get("kind") == Asset.Kind.SUBTITLES]
    said = {
        row.get("subtitles_of") or 0: subtitle_words.stored_words(row.get("file") or "", row.get("sha256") or "")
        for row in files
    }
    return {video: TAG.sub("", words) for video, words in said.items()}


def asset_words(row: dict[str, Any]) -> str:
    """Return what is said of a file."""
    return "\n".join(filter(None, (row.get("title"), row.get("alt_text"), row.get("rights"))))
