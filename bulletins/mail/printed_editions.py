"""
An edition as readers get it, on the pages and by mail. Publishing freezes exactly this, and previews, checks and test mails
show it.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins import models
from bulletins.editing import situation, source_names
from bulletins.mail.bulletin_mail import IN_EASY, KeyMessage, MailContent, render_bulletin
from bulletins.media import downloads
from bulletins.models import Bulletin, Edition, NotAllowed, Parts, PublishedEdition
from campaigns.models import ReadingLevel
from campaigns.translated_fields import in_language
from delivery.message.mime import TooLarge
from delivery.message.rendered_mail import RenderedMail
from lib.text.markup import to_html


def print_edition(
    bulletin: Bulletin, edition: Edition, *, at: datetime, parts: Parts | None = None
) -> tuple[PublishedEdition, MailContent]:
    """
    Return what readers would get of one language: the edition of the pages, unsaved and without its version, and the
    words of its mail. Of a withdrawn bulletin no words remain to be repeated. What is in `parts` already is not read again.
    Previews show exactly this, so nobody approves anything else. Raise ValueError for a text that is too long.
    """
    parts = parts or Parts(bulletin)
    language = edition.language
    withdrawn = bulletin.kind == Bulletin.Kind.RETRACTION
    key_messages = [] if withdrawn else [message_in(language, message) for message in parts.key_messages]
    actions = [] if withdrawn else [in_language(action.text, language) for action in parts.calls_to_action]
    sections = {} if withdrawn else situation.parts_of(bulletin, edition)
    body = "" if withdrawn else situation.with_parts(edition.body, sections)
    content = content_of(parts, edition, key_messages, actions, withdrawn=withdrawn) | situation_of(edition, sections)
    published = PublishedEdition(
        language=language,
        reading_level=edition.reading_level,
        title=edition.title,
        lead=edition.preheader,
        html=to_html(body),
        body=body,
        content=content,
    )
    site = settings.PUBLIC_URL
    is_easy = edition.reading_level == ReadingLevel.EASY
    has_other = not withdrawn and any(
        one.language == language and one.reading_level != edition.reading_level for one in parts.editions
    )
    own, other = (IN_EASY, "") if is_easy else ("", IN_EASY)
    with override(language):
        page_url = site + reverse("website:bulletin", args=[bulletin.number])
        words = MailContent(
            printed=parts.printed,
            language=language,
            number=bulletin.number,
            version=bulletin.version,
            kind=bulletin.kind,
            published_at=at,
            title=edition.title,
            subject=edition.subject,
            preheader=edition.preheader,
            body=body,
            key_messages=key_messages,
            calls_to_action=actions,
            claims=[(in_language(one.fact, language), site + one.get_absolute_url()) for one in parts.facts],
            what_changed=in_language(bulletin.what_changed, language),
            share_text=in_language(bulletin.share_text, language),
            page_url=page_url + own,
            portal_url=site + reverse("influencers:bulletin", args=[bulletin.number]) + own,
            channels=[str(variant.get_platform_display()) for variant in edition.variants_to_post()],
            has_assets=bool(content["assets"]),
            is_urgent=bulletin.urgency == models.Urgency.URGENT,
            coming=parts.left_out,
            is_easy=is_easy,
            other_url=page_url + other if has_other else "",
            asks_seen=bulletin.asks_for_seen,
        )
    return published, words


def content_of(
    parts: Parts, edition: Edition, key_messages: list[KeyMessage], actions: list[str], *, withdrawn: bool
) -> dict[str, Any]:
    """Return what the pages of an edition have beside its text."""
    rows = {message.key: message for message in parts.key_messages}
    return {
        "key_messages": [message_content(message, rows[message.key], edition.language) for message in key_messages],
        "calls_to_action": actions,
        "claims": [claim.pk for claim in parts.claims],
        "regions": [region.key for region in parts.printed.regions],
        **({"hashtags": [], "variants": [], "assets": []} if withdrawn else page_context(parts, edition)),
    }


def situation_of(edition: Edition, sections: dict[str, str]) -> dict[str, Any]:
    """Return what the pages keep of an edition's parts beside its text; {} without any, as before there were any."""
    unknown = situation.unknown_section(sections)
    return {"situation": edition.situation | {"unknown_section": unknown}} if sections else {}


def page_context(parts: Parts, edition: Edition) -> dict[str, Any]:
    """Return what the pages of an edition have beside its words."""
    return {
        "hashtags": edition.hashtags,
        "variants": [variant.content() for variant in edition.variants_to_post()],
        "assets": downloads.assets_for(downloads.offered(parts), edition.language),
    }


def message_in(language: str, message: models.KeyMessage) -> KeyMessage:
    """Return a key message in one language."""
    return KeyMessage(
        key=message.key,
        text=in_language(message.text, language),
        source_name=source_names.name_in(language, message.source_name, message.source_url),
        source_url=in_language(message.source_url, language),
        valid_until=message.valid_until,
    )


def message_content(message: KeyMessage, row: models.KeyMessage, language: str) -> dict[str, Any]:
    """Return a key message as a published edition's content has it; without what not every one has, as before there was any."""
    until = message.valid_until.isoformat() if message.valid_until else None
    more = {"tones": tones_in(language, row), "replaces": row.replaces}
    return message._asdict() | {"valid_until": until} | {name: value for name, value in more.items() if value}


def tones_in(language: str, message: models.KeyMessage) -> dict[str, str]:
    """Return a key message's other tones in just this language, {tone: words}."""
    return {tone: texts[language] for tone, texts in message.tones.items() if texts.get(language)}


def mail_of_edition(words: MailContent) -> RenderedMail:
    """Return the mail of an edition, or raise NotAllowed when it is too long for mail."""
    try:
        return render_bulletin(words)
    except TooLarge as fault:
        raise NotAllowed(
            _("Not published (%(language)s): %(why)s Nothing was sent.") % {"language": words.language, "why": fault}
        ) from fault
