"""
What goes beside the mail of a bulletin: the words written for other channels, frozen, and a send for each of these.

A correction and a withdrawal follow every channel by which an earlier version went: where nobody wrote new words for it, it says
what changed and where to read.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.editing import earlier_words, variants
from bulletins.editing.earlier_words import EarlierWords
from bulletins.editing.variants import page_of, seen_line
from bulletins.models import Bulletin, Edition, Parts
from campaigns.models import ReadingLevel
from campaigns.translated_fields import in_language
from delivery.fanout import channel_wishes
from delivery.models import Audience, Channel, Mailing, Message, Send
from delivery.models.sends import ASKS_SEEN
from delivery.transports import channels
from delivery.transports.push import notification

# Channels on which a button under a message says that it was seen.
WITH_BUTTON = {Channel.TELEGRAM, Channel.WHATSAPP}


def messages_of(parts: Parts, mailing: Mailing, *, at: datetime) -> list[Message]:
    """Return the messages for other channels, unsaved, in every language that has words for one. Three queries."""
    known = channels.beside_mail(parts.bulletin.campaign)
    if not known:
        return []
    earlier = earlier_words.of_mailings(mailing.earlier_ids(), known) if mailing.thread_id else {}
    if Channel.ROOM in known and Channel.ROOM not in earlier and channel_wishes.rooms_of(mailing) is None:
        known.remove(Channel.ROOM)
    return [
        Message(
            mailing=mailing,
            channel=channel,
            language=edition.language,
            sender_name=parts.printed.in_language(edition.language).sender_name,
            subject=subject[:200],
            html="",
            text=text + seen_line(parts.bulletin, channel, edition.language),
            headers=headers_of(channel, edition, mailing),
            created_at=at,
        )
        for edition in parts.editions
        if edition.reading_level == ReadingLevel.STANDARD
        for channel, subject, text in words_of(parts, edition, known, earlier)
    ]


def headers_of(channel: str, edition: Edition, mailing: Mailing) -> dict[str, str]:
    """Return what a message carries beside its words: where a tap leads, and that there is a button to say that it was seen."""
    if channel == Channel.PUSH:
        return {notification.PAGE: portal_page_of(edition)}
    return {ASKS_SEEN: str(mailing.pk)} if channel in WITH_BUTTON and edition.bulletin.asks_for_seen else {}


def words_of(
    parts: Parts, edition: Edition, known: Iterable[str], earlier: EarlierWords
) -> Iterator[tuple[str, str, str]]:
    """Yield (channel, title, text) for each channel of `known` by which an edition goes, given what earlier versions said by it."""
    bulletin = parts.bulletin
    written = {one.platform: one for one in edition.variants.all() if one.caption.strip()}
    withdrawn = bulletin.kind == Bulletin.Kind.RETRACTION
    for channel in known:
        words = written.get(channel)
        if words and not withdrawn and not earlier_words.are_in(earlier, words, edition.language):
            yield channel, words.title or edition.title, words.caption
        elif channel in earlier:
            title, text = what_changed(bulletin, edition)
            # Of a notification the title stands above, and a tap leads to the page.
            said = in_language(bulletin.what_changed, edition.language) if channel == Channel.PUSH else text
            yield channel, title, said or title
        elif channel == Channel.ROOM and bulletin.version == 1:
            yield channel, edition.title, for_rooms(parts, edition)


def for_rooms(parts: Parts, edition: Edition) -> str:
    """Return what rooms are told where nobody wrote words for them: those of the bulletin that matter most, and where to read it."""
    material = variants.material_of(edition, parts.key_messages, parts.calls_to_action)
    text: str = variants.draft(Channel.ROOM, material, {})["caption"]
    return text


def what_changed(bulletin: Bulletin, edition: Edition) -> tuple[str, str]:
    """Return the title and the text that tell readers of an earlier version, who have no other words of this one."""
    with override(edition.language):
        withdrawn = bulletin.kind == Bulletin.Kind.RETRACTION
        says = _("Withdrawn: %(title)s") if withdrawn else _("Corrected: %(title)s")
        title = says % {"title": edition.title}
        lines = [title, in_language(bulletin.what_changed, edition.language), page_of(edition)]
        return title, "\n".join(line for line in lines if line)


def portal_page_of(edition: Edition) -> str:
    """Return the address of a bulletin in the portal, in an edition's language."""
    with override(edition.language):
        return settings.PUBLIC_URL + reverse("influencers:bulletin", args=[edition.bulletin.number])


def slot_key(key: str, channel: str) -> str:
    """Return the key of a send by a channel beside that of mail."""
    return key if channel == Channel.MAIL else f"{key}-{channel}"


def sends_beside(sends: Iterable[Send], others: Iterable[str]) -> list[Send]:
    """Return, unsaved, a send by each of `others` beside each of these of mail to influencers: at the same time, to the same."""
    return [
        Send(
            mailing=send.mailing,
            audience=send.audience,
            channel=channel,
            slot_key=slot_key(send.slot_key, channel),
            slot_at=send.slot_at,
            hold_after=send.hold_after,
            language=send.language,
        )
        for send in sends
        if send.audience.kind == Audience.Kind.INFLUENCERS
        for channel in others
        if channel != Channel.ROOM
    ]


def send_to_rooms(sends: Iterable[Send], mailing: Mailing, others: Iterable[str]) -> list[Send]:
    """Return, unsaved, the send into chat rooms that goes with the first of these of mail, where any room wants it; none else."""
    first = min(sends, key=lambda send: send.slot_at, default=None)
    if first is None or Channel.ROOM not in others or (audience := channel_wishes.rooms_of(mailing)) is None:
        return []
    return [
        Send(
            mailing=mailing,
            audience=audience,
            channel=Channel.ROOM,
            slot_key=slot_key(first.slot_key, Channel.ROOM),
            slot_at=first.slot_at,
            hold_after=first.hold_after,
            language=first.language,
        )
    ]
