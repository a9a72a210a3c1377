"""The mail of one edition: its subject, HTML and plain text, with the same facts in both."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from typing import Any
from urllib.parse import urlsplit

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.login import known_address
from bulletins.models import Bulletin
from bulletins.reader_view.published_versions import KeyMessage
from campaigns.publication_details import PrintedWords
from delivery.message.mime import refuse_too_large
from delivery.message.personal_fields import field
from delivery.message.rendered_mail import RenderedMail, frame, render
from lib.http import url_parts
from lib.text.characters.visible_text import seen
from lib.text.dates import validity_phrases
from lib.text.languages import site_words
from lib.text.languages.languages import easy_tag
from lib.text.markup import html_to_text, inline_text, plain, sections, to_html, web_address

IN_EASY = "?level=easy"  # what the address of a bulletin has behind it for easy language
SHORT_OPENING = 600  # characters; an opening up to this length stands before the key messages
FRAME = 40_000  # octets that a mail has beside its text: the frame, key messages, calls to action, sources

# The look of the text's own elements; dark mode and narrow screens override it by class.
STYLES = {
    "p": "margin:0 0 12px;font-size:17px;line-height:1.5",
    "ul": "margin:0 0 12px;padding:0 0 0 22px;font-size:17px;line-height:1.5",
    "ol": "margin:0 0 12px;padding:0 0 0 26px;font-size:17px;line-height:1.5",
    "li": "margin:0 0 6px",
    "h2": "margin:24px 0 8px;font-size:19px;line-height:1.3;font-weight:bold",
    "h3": "margin:20px 0 8px;font-size:17px;line-height:1.3;font-weight:bold",
    "h4": "margin:16px 0 8px;font-size:17px;line-height:1.3;font-weight:bold",
    "a": "color:#0b5166",
    "hr": "margin:24px 0;border:0;border-top:1px solid #d2dcde",
}
LATE_LIST = "margin:0 0 12px;padding:0 0 0 42px;font-size:17px;line-height:1.5"  # an <ol> that begins with 31

_LINK = re.compile(r'<a href="([^"]*)"[^<>]*>((?:[^<]++|<(?!/?a[ >]))*+)</a>')
_TAG = re.compile(r"<(/?)([a-z0-9]++)([^<>]*)>")
_DOWNLOAD = re.compile(
    r"\s*[-*+]\s+\[[^\]\n]*\]\(\S+\.(?:png|jpe?g|gif|webp|svg|mp4|mov|webm|srt|vtt|pdf|zip)\)\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the edition's text under its heading ("" for the opening), as HTML for mail and as plain text."""

    heading: str
    html: SafeString
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailContent:
    """
    What the mail of an edition in `language` is made of; `printed` are the words around it.

    `kind` is a Bulletin.Kind; `body` is Markdown; `claims` are (fact, absolute address); `channels` are the platforms that
    the page has texts for, `has_assets` whether it has files, `coming` the languages in which it follows later. `other_url` is
    where it is read in its other reading level, "" where it has none. All else is plain text, addresses absolute.
    """

    printed: PrintedWords
    language: str
    number: int
    version: int
    kind: str
    published_at: datetime
    title: str
    subject: str
    preheader: str
    body: str
    key_messages: Sequence[KeyMessage]
    calls_to_action: Sequence[str]
    claims: Sequence[tuple[str, str]]
    what_changed: str
    share_text: str
    page_url: str
    portal_url: str
    channels: Sequence[str] = ()
    has_assets: bool = False
    is_urgent: bool = False
    coming: Sequence[str] = ()
    is_easy: bool = False
    other_url: str = ""
    asks_seen: bool = False


def render_bulletin(said: MailContent) -> RenderedMail:
    """
    Return the mail of an edition, with dates in the campaign's zone.

    Of a retraction only the reason and what to do are shown. The mark of an exercise in the subject is delivery's;
    the band in the mail is from here. Links lead to our own pages only: mail that links elsewhere looks like fraud
    to filters and to people, and the bulletin's page has all its links.

    Raise ValueError when it is longer than mail and pages can carry.
    """
    with override(said.language), site_words.marking():
        return render("bulletins/mail/bulletin/body", said.printed, said.language, context_of(said))


def context_of(said: MailContent) -> dict[str, Any]:
    """Return what the templates of the mail show, in the active language."""
    words = said.printed.in_language(said.language)
    corrected = said.kind == Bulletin.Kind.CORRECTION
    changes = [line for line in map(plain, said.what_changed.splitlines()) if line]
    context = frame(said.printed, said.language, at=said.published_at) | {
        "subject": subject_of(plain(said.subject), corrected=corrected, urgent=said.is_urgent),
        "bulletin_name": plain(words.bulletin_name) or _("bulletin"),
        "number": said.number,
        "version": said.version,
        "replaced_version": said.version - 1,
        "corrected": corrected,
        "retracted": False,
        "urgent": said.is_urgent,
        "what_changed": changes,
        "share_text": plain(said.share_text),
        "title": plain(said.title),
        "lead": plain(said.preheader),
        "page_url": said.page_url,
        "portal_url": for_its_reader(said.portal_url),
        "channels": ", ".join(said.channels),
        "has_assets": said.has_assets,
        "coming": said.coming,
        "is_easy": said.is_easy,
        "tag": easy_tag(said.language) if said.is_easy else said.language,
        "other_url": said.other_url,
        "read_url": field("read_url"),
        "seen_url": field("seen_url") if said.asks_seen else "",
    }
    if said.kind == Bulletin.Kind.RETRACTION:
        # Most people read no more than the subject, so it does not say again what is withdrawn.
        subject = _("Bulletin %(number)s is withdrawn") % {"number": said.number}
        return context | {"retracted": True, "urgent": False, "subject": subject, "lead": " ".join(changes)}
    parts = text_parts(said.body, said.page_url)
    opens = len(parts) > 1 and not parts[0].heading and len(parts[0].text) <= SHORT_OPENING
    says = [key_message_text(message, said.printed) for message in said.key_messages]
    return context | {
        "opening": parts.pop(0) if opens else None,
        "says": says,
        "calls_to_action": [plain(action) for action in said.calls_to_action],
        "parts": parts,
        "claims": [(plain(fact), address) for fact, address in said.claims],
        "sources": _sources(says),
    }


def for_its_reader(portal_url: str) -> str:
    """Return an address in the portal with the mark of whom the mail is sent to: they need not type their address to log in."""
    return f"{portal_url}{'&' if '?' in portal_url else '?'}{known_address.NAMED}={field('portal_mark')}"


def is_sent_subject(sent: str, subject: str, language: str) -> bool:
    """Return whether a mail was sent with what an edition in `language` has as its subject now, however it was marked."""
    marks = [(corrected, urgent) for corrected in (False, True) for urgent in (False, True)]
    with override(language):
        said = {subject_of(plain(subject), corrected=corrected, urgent=urgent) for corrected, urgent in marks}
        return seen(sent) in set(map(seen, said))


def subject_of(subject: str, *, corrected: bool = False, urgent: bool = False) -> str:
    """Return the subject; a correction's and what is urgent say so, in the active language, unless its writer did."""
    if corrected and _("Correction").casefold() not in subject.casefold():
        subject = _("Correction: %(subject)s") % {"subject": subject}
    if urgent and _("Urgent").casefold() not in subject.casefold():
        subject = _("Urgent: %(subject)s") % {"subject": subject}
    return subject


def refuse_long_body(body: str) -> None:
    """Raise ValueError, with a sentence for the writer, when a bulletin's text alone is too long for its mail."""
    html = to_html(body)
    refuse_too_large(html=_styled(html), text=html_to_text(html), beside=FRAME)


def text_parts(body: str, page_url: str) -> list[Part]:
    """
    Return the parts of a text whose page is at an absolute address. A part that only lists files is left out: the page has them
    to download.
    """
    site = "{0.scheme}://{0.netloc}/".format(urlsplit(page_url))
    parts = []
    for heading, markdown in sections(body):
        if markdown and not all(_DOWNLOAD.fullmatch(line) for line in markdown.splitlines() if line.strip()):
            html = _own_links(to_html(markdown), site)
            parts.append(Part(inline_text(heading), _styled(html), html_to_text(html)))
    return parts


def _own_links(html: str, site: str) -> SafeString:
    """Return clean HTML in which only links below `site` are left; of others stay the words and where they lead."""

    def own(match: re.Match[str]) -> str:
        address, words = unescape(match[1]), match[2]
        if address.startswith(site):
            return match[0]
        scheme, _colon, rest = address.partition(":")
        if unescape(words) in {address, rest}:  # an address without words: what a person would write of it
            return escape(rest.removeprefix("//"))
        place = rest if scheme.lower() == "mailto" else url_parts.site_of(address)
        return f"{words} ({escape(place)})" if place and place not in words else words

    return mark_safe(_LINK.sub(own, html))  # noqa: S308  clean HTML with fewer links


def key_message_text(message: KeyMessage, printed: PrintedWords) -> dict[str, str]:
    """Return a key message's words, its source and one line about both its validity and its source."""
    site = url_parts.site_of(web_address(message.source_url))
    source = plain(message.source_name) or site
    if message.valid_until is None:
        validity = _("Valid until further notice.")
    else:
        validity = _("Valid until %(date)s.") % {
            "date": validity_phrases.describe_end(printed.local(message.valid_until))
        }
    about = f"{validity} {_('Source: %(source)s') % {'source': source}}" if source else validity
    return {"words": plain(message.text), "about": about, "source": source, "site": site}


def _sources(says: Iterable[Mapping[str, str]]) -> list[str]:
    """Return each source once, with whose site it is on, in the order of the key messages."""
    named = (
        f"{say['source']} ({say['site']})" if say["site"] and say["site"] not in say["source"] else say["source"]
        for say in says
    )
    return [source for source in dict.fromkeys(named) if source]


def _styled(html: SafeString) -> SafeString:
    """Return clean HTML with the inline styles that mail needs, each quoted paragraph as a bubble."""
    opens = closes = ""
    if "<blockquote>" in html:
        opens, closes = get_template("bulletins/mail/bulletin/_say.html").render({"words": "|"}).split("|")
    depth = 0

    def styled(match: re.Match[str]) -> str:
        nonlocal depth
        end, tag, rest = match.groups()
        if tag == "blockquote":
            depth += -1 if end else 1
            return ""
        if tag == "p" and depth:
            return closes if end else opens
        if end or tag not in STYLES:
            return match[0]
        look = LATE_LIST if tag == "ol" and rest else STYLES[tag]
        return f'<{tag}{rest} style="{look}">'

    return mark_safe(_TAG.sub(styled, html))  # noqa: S308  clean HTML, and our own styles
