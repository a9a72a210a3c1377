"""
Bulletins and answers as data: schema.org's SpecialAnnouncement and FAQPage, one for the page of each language.
docs/site.md names every field, and the documents that it follows.
"""

from typing import Any

from django.conf import settings

from campaigns.fields import in_language
from campaigns.models import Campaign
from factcheck.marking import CONTEXT, address, moment, organisation

from .markup import LONGEST_TEXT, html_to_text
from .models import AnswerVersion, Card
from .reading import AnswerReading, Reading, regions_of


def announcement(reading: Reading, *, campaign: Campaign, card: Card | None = None) -> dict[str, Any] | None:
    """
    Return a bulletin's current version as a SpecialAnnouncement in the language that it is read in; None once none of it
    holds any more. `card` is the picture that stands for it. Five queries at most.
    """
    if reading.is_over:
        return None
    version, edition, language = reading.version, reading.edition, reading.edition.language
    number = version.bulletin.number
    url = address("bulletins:bulletin", number, language=language)
    by = organisation(campaign, language)
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
        "category": categories_of(reading, campaign),
        "publisher": by,
        "publishingPrinciples": address("bulletins:corrections", language=language),
    }
    if edition.lead:
        marked["abstract"] = edition.lead
    if reading.valid_until:
        marked["expires"] = moment(reading.valid_until)
    if places := regions_of(reading.version):
        marked["spatialCoverage"] = [
            {"@type": "AdministrativeArea", "name": in_language(place.name, language), "identifier": place.code}
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
    return marked | practice(campaign)


def categories_of(reading: Reading, campaign: Campaign) -> list[str]:
    """Return the names of the topics that a version was published with, else the campaign's; two queries at most."""
    language = reading.edition.language
    if topics := [in_language(topic.name, language) for topic in reading.version.mailing.topics.all()]:
        return topics
    names = {row.code: row.name for row in campaign.languages.all()}
    return [in_language(names, language) or campaign.slug]


def question_page(row: AnswerReading, *, campaign: Campaign, language: str) -> dict[str, Any] | None:
    """
    Return a page with one question and its answer as a FAQPage; None for one that is withdrawn, over, or not for everyone
    yet. A list of answers has none: a question is marked up where its answer has a page of its own.
    """
    if row.is_withdrawn or row.is_over or not row.is_public:
        return None
    version = row.version
    url = address("bulletins:answer", row.answer.group.slug, language=language)
    authority: dict[str, Any] = {"@type": "Organization", "name": in_language(row.answer.authority.name, language)}
    if row.answer.authority.url:
        authority["url"] = row.answer.authority.url
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
    return page | {"mainEntity": [question]} | practice(campaign)


def website(campaign: Campaign, *, language: str) -> dict[str, Any]:
    """Return the site as a WebSite with who runs it; one query."""
    by = organisation(campaign, language)
    text = next((row for row in campaign.languages.all() if row.code == language), None)
    url = f"{settings.PUBLIC_URL}/{language}/"
    marked: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "WebSite",
        "@id": url,
        "url": url,
        "inLanguage": language,
        "name": text.name if text else by["name"],
        "publisher": by,
        "publishingPrinciples": address("bulletins:corrections", language=language),
    }
    return marked | practice(campaign)


def practice(campaign: Campaign) -> dict[str, str]:
    """Return the mark of an exercise, {} for a live campaign."""
    return {"creativeWorkStatus": "Exercise"} if campaign.is_exercise else {}
