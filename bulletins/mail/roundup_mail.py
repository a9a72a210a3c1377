"""The mail of a roundup: what several bulletins say in short, with the same facts in HTML and in plain text."""

from collections.abc import Sequence
from datetime import datetime
from textwrap import shorten
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from bulletins.models import Bulletin, Version
from bulletins.reader_view import published_versions
from campaigns.models import Campaign, ReadingLevel
from campaigns.translated_fields import in_language
from delivery.message.personal_fields import field
from delivery.message.rendered_mail import RenderedMail, frame, render
from lib.text.markup import plain

from .bulletin_mail import IN_EASY, for_its_reader, key_message_text, text_parts

LONGEST_TITLE = 48  # characters of the first title in the subject; few programs show more


def condensed(
    versions: Sequence[Version],
    campaign: Campaign,
    language: str,
    *,
    at: datetime,
    level: str = ReadingLevel.STANDARD,
) -> RenderedMail:
    """
    Return the mail of several published versions (with their editions at hand) in `language`, in their order.

    Those with an edition in the reading `level` are in it. One without an edition in the language speaks the campaign's main language. Key messages are those that still hold at `at`.
    The words around it are those that were printed with the newest of
    them. Links lead to our own pages, as in the mail of a bulletin. Raise ValueError when it is longer than mail may be.
    """
    with override(language):
        printed = max(versions, key=lambda version: version.published_at).words
        parts = [part for version in versions if (part := part_of(version, campaign, language, at=at, level=level))]
        count = ngettext("%(count)d bulletin", "%(count)d bulletins", len(parts)) % {"count": len(parts)}
        first = shorten(parts[0]["title"], LONGEST_TITLE, placeholder="") or parts[0]["title"][:LONGEST_TITLE]
        context = frame(printed, language, at=at) | {
            "subject": _("%(bulletins)s: %(title)s …") % {"bulletins": count, "title": first},
            "issue": count,
            "lead": " · ".join(part["title"] for part in parts),
            "parts": parts,
            "page_url": settings.PUBLIC_URL + reverse("website:archive"),
            "read_url": field("read_url"),
        }
        return render("bulletins/mail/roundup/body", printed, language, context)


def part_of(
    version: Version, campaign: Campaign, language: str, *, at: datetime, level: str = ReadingLevel.STANDARD
) -> dict[str, Any] | None:
    """Return what a roundup, or a welcome mail, says of one version, in the active language `language`; None without an edition."""
    read = published_versions.read(version, language=language, fallback=campaign.default_language, at=at, level=level)
    if read is None:
        return None
    corrects = version.kind == Bulletin.Kind.CORRECTION
    spoken = read.edition.language
    changes = in_language(version.what_changed, spoken) if corrects else ""
    number = version.bulletin.number
    page_url = settings.PUBLIC_URL + reverse("website:bulletin", args=[number])
    own = IN_EASY if read.is_easy and read.other_level else ""
    return {
        "language": spoken,
        "bulletin_name": plain(version.words.in_language(language).bulletin_name) or _("bulletin"),
        "number": number,
        "version": version.number,
        "replaced_version": version.number - 1,
        "what_changed": [line for line in map(plain, changes.splitlines()) if line],
        "title": plain(read.edition.title),
        "lead": plain(read.edition.lead),
        "says": [key_message_text(message, version.words) for message in read.key_messages],
        "calls_to_action": [plain(action) for action in read.actions],
        "tag": read.edition.language_tag,
        "text": text_parts(read.edition.body, page_url) if read.is_easy else [],
        "page_url": page_url + own,
        "easy_url": "" if read.other_level != ReadingLevel.EASY else f"{page_url}{IN_EASY}",
        "portal_url": for_its_reader(settings.PUBLIC_URL + reverse("influencers:bulletin", args=[number]) + own),
    }
