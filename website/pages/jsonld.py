"""
Bulletins and answers as data: schema.org's SpecialAnnouncement and FAQPage, one for the page of each language.
docs/using/public-site/page-data.md names every field, and the documents that it follows.
"""

from typing import Any

from django.conf import settings

from bulletins.models import Card
from bulletins.reader_view.published_versions import Reading
from campaigns.http.machine_values import address, moment
from campaigns.models import Campaign
from campaigns.publication_details import PrintedWords
from campaigns.translated_fields import in_language
from factcheck.publication.jsonld import CONTEXT, organisation
from lib.text.markup import LONGEST_TEXT, html_to_text
from questions.answers.published_answers import AnswerReading
from questions.models import AnswerVersion


def announcement(reading: Reading, *, card: Card | None = None) -> dict[str, Any] | None:
    """
    Return a bulletin's current version as a SpecialAnnouncement in the language that it is read in; None once none of it
    holds any more. `card` is the picture that stands for it. No query.
    """
    if reading.is_over:
        return None
    version, edition, language = reading.version, reading.edition, reading.edition.language
    number = version.bulletin.number
    url = address("website:bulletin", number, language=language)
    by = organisation(version.words, language)
    marked: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "SpecialAnnouncement",
        "@id": url,
        "url": url,
        "inLanguage": language,
        "name": edition.title,
        "text": html_to_text(edition.html, width=LONGEST_TEXT),
        "datePosted": moment(version.first_published_at),
        "datePublished": moment(version.first_published_at),
        "dateModified": moment(version.published_at),
        "version": version.number,
        "category": categories_of(version.words, language),
        "publisher": by,
        "publishingPrinciples": address("website:corrections", language=language),
    }
    if edition.lead:
        marked["abstract"] = edition.lead
    if reading.valid_until:
        marked["expires"] = moment(reading.valid_until)
    if places := version.words.regions:
        marked["spatialCoverage"] = [
            {"@type": "AdministrativeArea", "name": place.in_language(language), "identifier": place.key}
            for place in places
        ]
    if reading.sources:
        marked["isBasedOn"] = [
            {"@type": "CreativeWork", "name": source.name} | ({"url": source.url} if source.url else {})
            for source in reading.sources
        ]
    if version.is_corrected:
        marked["correction"] = {
            "@type": "CorrectionComment",
            "text": in_language(version.what_changed, language),
            "datePublished": moment(version.published_at),
        }
    if card is not None:
        marked["image"] = {
            "@type": "ImageObject",
            "url": f"{settings.PUBLIC_URL}{settings.MEDIA_URL}{card.file.name}",
            "width": card.width,
            "height": card.height,
            "caption": card.text,
        }
    return marked | practice(version.words)


def categories_of(printed: PrintedWords, language: str) -> list[str]:
    """Return the names of the topics that something was published with, else the campaign's."""
    return [topic.in_language(language) for topic in printed.topics] or [printed.in_language(language).name]


def question_page(row: AnswerReading, *, language: str) -> dict[str, Any] | None:
    """
    Return a page with one question and its answer as a FAQPage; None for one that is withdrawn, over, or not for everyone
    yet. A list of answers has none: a question is marked up where its answer has a page of its own.
    """
    if row.is_withdrawn or row.is_over or not row.is_public:
        return None
    version = row.version
    url = address("website:answer", row.answer.group.slug, language=language)
    by = row.authority
    authority: dict[str, Any] = {"@type": "Organization", "name": by.in_language(language)}
    if by.url:
        authority["url"] = by.url
    answer: dict[str, Any] = {
        "@type": "Answer",
        "text": in_language(version.text, language),
        "author": authority,
        "datePublished": moment(version.published_at),
    }
    if version.valid_until:
        answer["expires"] = moment(version.valid_until)
    if version.kind == AnswerVersion.Kind.CORRECTION:
        answer["correction"] = {"@type": "CorrectionComment", "text": in_language(version.what_changed, language)}
    question = {"@type": "Question", "name": in_language(version.question, language), "acceptedAnswer": answer}
    page = {"@context": CONTEXT, "@type": "FAQPage", "@id": url, "url": url, "inLanguage": language}
    return page | {"mainEntity": [question]} | practice(version.words)


def website(campaign: Campaign, *, language: str) -> dict[str, Any]:
    """Return the site as a WebSite with who runs it; one query."""
    now = PrintedWords.of(campaign)
    by = organisation(now, language)
    text = next((row for row in now.languages if row.code == language), None)
    url = f"{settings.PUBLIC_URL}/{language}/"
    marked: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "WebSite",
        "@id": url,
        "url": url,
        "inLanguage": language,
        "name": text.name if text else by["name"],
        "publisher": by,
        "publishingPrinciples": address("website:corrections", language=language),
    }
    return marked | practice(now)


def practice(printed: PrintedWords) -> dict[str, str]:
    """Return the mark of an exercise, {} for a live campaign."""
    return {"creativeWorkStatus": "Exercise"} if printed.is_exercise else {}
