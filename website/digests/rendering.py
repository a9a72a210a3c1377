"""
The mail of a digest: what each item says in short, with the same facts in HTML and in plain text.

It is written once for the same items in a language, whoever gets it: how often, how and since when is not in it. Links lead
to our own pages, which show the newest words, with what was corrected; the mail itself cannot be opened in the browser.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from textwrap import shorten
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from bulletins.editing import source_names
from bulletins.mail.bulletin_mail import IN_EASY, KeyMessage, key_message_text, text_parts
from bulletins.models import PublishedEdition, Urgency, Version
from bulletins.reader_view import published_versions
from campaigns.models import Campaign, ReadingLevel
from campaigns.publication_details import PrintedWords
from campaigns.translated_fields import in_language, language_shown
from delivery.message.mime import TooLarge
from delivery.message.personal_fields import field
from delivery.message.rendered_mail import RenderedMail, frame, render
from factcheck.models import ClaimVersion
from lib.text.languages import site_words
from lib.text.markup import plain
from website.models import Publication

from .digest_contents import KEY_MESSAGES, Item

LONGEST_TITLE = 130  # characters of the first title in the subject
LONGEST_ANSWER = 500  # characters of an answer; its page has the rest
# How many items are said in short, and how many are named at all: as many as mail has room for. The archive has all.
ROOM = ((12, 120), (6, 120), (3, 120), (1, 120), (0, 120), (0, 60), (0, 30), (0, 10))
Change = Publication.Change


class Mails:
    """The mails of the digests of one tick at the moment `at`, each written once."""

    def __init__(self, *, at: datetime) -> None:
        self.at = at
        self.publications: dict[int, Publication] = {}
        self.parts: dict[tuple[str, str, Item], dict[str, Any]] = {}
        self.written: dict[tuple[str, str, tuple[Item, ...]], RenderedMail] = {}

    def fetch(self, keys: Iterable[int]) -> None:
        """Have these publications at hand, with their words; a fixed number of queries."""
        missing = set(keys) - self.publications.keys()
        if not missing:
            return
        found = Publication.objects.filter(pk__in=missing).select_related(
            "version__bulletin",
            "answer_version__answer__group",
            "answer_version__answer__current_version",
            "claim_step__version",
            "claim_step__claim__current_version",
        )
        in_short = PublishedEdition.objects.defer("html", "body")
        versions = Version.objects.prefetch_related(Prefetch("editions", in_short))
        for publication in found.prefetch_related(
            "version__editions", Prefetch("version__bulletin__versions", versions)
        ):
            self.publications[publication.pk] = publication

    def is_urgent(self, item: Item) -> bool:
        """Return whether an item is an urgent bulletin; it has been fetched."""
        version = self.publications[item.publication].version
        return version is not None and version.urgency == Urgency.URGENT

    def is_in_easy(self, item: Item, language: str) -> bool:
        """Return whether an item says the words of a bulletin that has an edition in easy language; it has been fetched."""
        publication = self.publications[item.publication]
        version = publication.version if publication.change != Change.WITHDRAWN else None
        return version is not None and language in published_versions.languages_in_easy(version)

    def of(
        self, items: tuple[Item, ...], campaign: Campaign, language: str, *, level: str = ReadingLevel.STANDARD
    ) -> RenderedMail:
        """
        Return the mail that says these items, which have been fetched, in a language; in a reading level those that have an
        edition in it.
        """
        key = (language, level, items)
        if key not in self.written:
            newest = max((self.publications[item.publication] for item in items), key=lambda one: one.at)
            with override(language), site_words.marking():
                parts = [self.part(item, campaign, language, level=level) for item in items]
                self.written[key] = digest_mail(parts, printed_words_of(newest), language, at=self.at)
        return self.written[key]

    def part(
        self, item: Item, campaign: Campaign, language: str, *, level: str = ReadingLevel.STANDARD
    ) -> dict[str, Any]:
        """Return what is said of an item, in the active language `language`, with its HTML and text."""
        level = level if self.is_in_easy(item, language) else ReadingLevel.STANDARD
        key = (language, level, item)
        if key not in self.parts:
            publication = self.publications[item.publication]
            said = part_of(publication, item.is_correction, campaign, language, at=self.at, level=level)
            context = {
                "part": said,
                "language": language,
                "bulletin_name": plain(printed_words_of(publication).in_language(language).bulletin_name)
                or _("bulletin"),
            }
            said["html"] = mark_safe(get_template("website/digests/mail/_item.html").render(context))  # noqa: S308  our template
            said["text"] = mark_safe(get_template("website/digests/mail/_item.txt").render(context))  # noqa: S308  plain text
            self.parts[key] = said
        return self.parts[key]


def printed_words_of(publication: Publication) -> PrintedWords:
    """Return the words that were printed with a publication that has been fetched."""
    step = publication.claim_step
    of_step = (step.version or step.claim.current_version) if step else None
    version = publication.version or publication.answer_version or of_step
    assert version is not None
    return version.words


def digest_mail(parts: Sequence[dict[str, Any]], printed: PrintedWords, language: str, *, at: datetime) -> RenderedMail:
    """
    Return the mail of what is said of some items, in their order, in the active language `language`. `printed` are the
    words around it: those of the newest of the items.

    As many as there is room for are said in short, the others by their title, so it is never longer than mail may be.
    """
    context = frame(printed, language, at=at) | {
        "subject": subject_of(parts),
        "changes_first": parts[0]["is_correction"] and not parts[0]["is_resumed"],
        "lead": " · ".join(one["title"] for one in parts[1:8]),
        "page_url": settings.PUBLIC_URL + reverse("website:archive"),
        "preferences_url": field("preferences_url"),
    }
    for in_full, named in ROOM:
        shown = {
            "parts": parts[:in_full],
            "titles": parts[in_full:named],
            "not_named": max(len(parts) - named, 0),
        }
        try:
            mail = render("website/digests/mail/body", printed, language, context | shown)
        except TooLarge:
            if (in_full, named) == ROOM[-1]:
                raise
        else:
            break
    return mail


def subject_of(parts: Sequence[dict[str, Any]]) -> str:
    """Return the subject: the first thing that is said, and how many more there are."""
    first = parts[0]
    title = shorten(first["title"], LONGEST_TITLE, placeholder=" …") or first["title"][:LONGEST_TITLE]
    if first["is_resumed"]:
        title = _("Checked again: %(subject)s") % {"subject": title}
    elif first["is_correction"] and not first["is_withdrawn"] and not first["is_paused"]:
        title = _("Correction: %(subject)s") % {"subject": title}
    if first["is_urgent"]:
        title = _("Urgent: %(subject)s") % {"subject": title}
    others = len(parts) - 1
    if not others:
        return title
    more = ngettext("%(title)s, and %(count)d more", "%(title)s, and %(count)d more", others)
    return more % {"title": title, "count": others}


def part_of(
    publication: Publication,
    is_correction: bool,
    campaign: Campaign,
    language: str,
    *,
    at: datetime,
    level: str = ReadingLevel.STANDARD,
) -> dict[str, Any]:
    """Return what a digest says of a publication. Of what is withdrawn no words are left but why."""
    said = {
        "is_correction": is_correction,
        "is_withdrawn": publication.change == Change.WITHDRAWN,
        "is_paused": publication.change == Change.PAUSED,
        "is_resumed": publication.change == Change.RESUMED,
        "is_corrected": publication.change == Change.CORRECTED,
        "is_urgent": False,
        "language": language,
        "lead": "",
        "says": [],
        "about": "",
        "easy_url": "",
        "text": [],
    }
    if publication.version:
        return said | of_bulletin(publication, campaign, language, at=at, level=level)
    if publication.answer_version:
        return said | of_answer(publication, language)
    return said | of_fact(publication, language)


def of_bulletin(
    publication: Publication,
    campaign: Campaign,
    language: str,
    *,
    at: datetime,
    level: str = ReadingLevel.STANDARD,
) -> dict[str, Any]:
    """
    Return the words of a bulletin's version: title, lead, and the first key messages that still hold; of a correction
    those first that it changes. In easy language it is the text itself: key messages are in standard language.
    """
    version = publication.version
    assert version is not None
    number = version.bulletin.number
    said: dict[str, Any] = {
        "kind": "bulletin",
        "number": number,
        "url": settings.PUBLIC_URL + reverse("website:bulletin", args=[number]),
        "what_changed": changes(version.what_changed, language),
        "title": _("Bulletin %(number)s is withdrawn") % {"number": number},
    }
    read = published_versions.read(version, language=language, fallback=campaign.default_language, at=at, level=level)
    if publication.change == Change.WITHDRAWN or read is None:
        return said
    if read.is_easy and read.other_level:
        url = f"{said['url']}{IN_EASY}"
        said |= {"url": url, "tag": read.edition.language_tag, "text": text_parts(read.edition.body, url)}
    messages = [] if said.get("text") else read.key_messages
    if publication.change == Change.CORRECTED:
        known = previous_messages(version, read.edition.language, campaign)
        messages = sorted(messages, key=lambda message: message in known)
    return said | {
        "is_urgent": version.is_urgent,
        "language": read.edition.language,
        "easy_url": f"{said['url']}{IN_EASY}" if read.other_level == ReadingLevel.EASY else "",
        "title": plain(read.edition.title),
        "lead": plain(read.edition.lead),
        "says": [key_message_text(message, version.words) for message in messages[:KEY_MESSAGES]],
    }


def previous_messages(version: Version, language: str, campaign: Campaign) -> list[published_versions.KeyMessage]:
    """Return the key messages of the version before, which has been fetched with this one, in a language."""
    before = next((one for one in version.bulletin.versions.all() if one.number == version.number - 1), None)
    edition = (
        published_versions.choose(before, language=language, fallback=campaign.default_language) if before else None
    )
    return published_versions.key_messages(edition) if edition else []


def of_answer(publication: Publication, language: str) -> dict[str, Any]:
    """Return the words of an answer: the question, and the answer in short, with its source and until when it holds."""
    version = publication.answer_version
    assert version is not None
    is_withdrawn = publication.change == Change.WITHDRAWN
    question = plain(in_language(version.question, language))
    names, addresses = version.content.get("source_name") or {}, version.content.get("source_url") or {}
    said = KeyMessage(
        key="",
        text=shorten(plain(in_language(version.text, language)), LONGEST_ANSWER, placeholder=" …"),
        source_name=source_names.name_in(language, names, addresses),
        source_url=in_language(addresses, language),
        valid_until=version.valid_until,
    )
    return {
        "kind": "answer",
        "language": language_shown(version.question, language) or language,
        "url": settings.PUBLIC_URL + reverse("website:answer", args=[version.answer.group.slug]),
        "what_changed": changes(version.what_changed, language),
        "title": _("An answer is withdrawn") if is_withdrawn else question,
        "about": _("The question was: %(question)s") % {"question": question} if is_withdrawn else "",
        "says": [] if is_withdrawn else [key_message_text(said, version.words)],
    }


def of_fact(publication: Publication, language: str) -> dict[str, Any]:
    """
    Return the words of a fact-check: the fact first, then which claim it is about, and the verdict. While it is withdrawn or
    paused, only which claim it is about.
    """
    step = publication.claim_step
    assert step is not None
    version: ClaimVersion | None = step.version or step.claim.current_version
    assert version is not None
    title = {
        Change.WITHDRAWN: _("A fact-check is withdrawn"),
        Change.PAUSED: _("We are checking a fact-check again"),
    }.get(Change(publication.change))
    changed = version.what_changed if publication.change in {Change.NEW, Change.CORRECTED} else {}
    claim = {"claim": plain(in_language(version.text, language)), "verdict": version.get_verdict_display()}
    return {
        "kind": "fact",
        "language": language_shown(version.fact, language) or language,
        "url": settings.PUBLIC_URL + step.claim.get_absolute_url(),
        "what_changed": changes(step.reader_text or changed, language),
        "title": title or plain(in_language(version.fact, language)),
        "about": _("It was about this claim: %(claim)s") % claim
        if title
        else _("Claim: %(claim)s Verdict: %(verdict)s.") % claim,
    }


def changes(words: dict[str, str], language: str) -> list[str]:
    """Return what changed, line by line."""
    return [line for line in map(plain, in_language(words, language).splitlines()) if line]
