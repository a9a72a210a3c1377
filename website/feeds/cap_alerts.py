"""
Published versions as alerts in the Common Alerting Protocol 1.2: the original is an Alert, a correction an Update, a
withdrawal a Cancel. An alert says only what was frozen when it was published, so it never changes afterwards.

Source: OASIS Standard CAP-V1.2, 1 July 2010. docs/using/public-site/alerts.md says how our words map to its words.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.intake.cap import NAMESPACE
from bulletins.models import Bulletin, PublishedEdition, Urgency, Version
from bulletins.reader_view.published_versions import choose, key_messages
from campaigns.http.machine_responses import writable
from campaigns.http.machine_values import address, name_of
from campaigns.models import Campaign
from campaigns.publication_details import LanguageWords, Named, PrintedWords
from campaigns.translated_fields import in_language
from lib.text.dates import validity_phrases
from lib.text.markup import html_to_text

from .items import NEWEST, tag
from .rss_atom_json import Atom

KINDS = {
    Bulletin.Kind.ORIGINAL: "Alert",
    Bulletin.Kind.CORRECTION: "Update",
    Bulletin.Kind.RETRACTION: "Cancel",
}
# How fast it has to reach people is all that is known of how grave it is. bulletins/intake/cap.py reads it back as the same.
URGENCY = {
    Urgency.URGENT: ("Immediate", "Severe", "Observed"),
    Urgency.ELEVATED: ("Expected", "Moderate", "Observed"),
    Urgency.ROUTINE: ("Future", "Minor", "Observed"),
}
OF_CANCEL = ("Past", "Unknown", "Unknown")
PAGE_WIDTH = 10_000  # columns: no line is broken, whoever shows an alert breaks them


def identifier(campaign: Campaign, version: Version) -> str:
    """Return the name of a version's alert, which is part of its address."""
    return f"{campaign.slug}-{version.bulletin.number}-v{version.number}"


def numbers_of(campaign: Campaign, name: str) -> tuple[int, int] | None:
    """Return the numbers of the bulletin and the version that an identifier names, None for another one."""
    found = re.fullmatch(rf"{re.escape(campaign.slug)}-([1-9]\d{{0,8}})-v([1-9]\d{{0,3}})", name)
    return (int(found[1]), int(found[2])) if found else None


def sender(printed: PrintedWords) -> str:
    """Return the name of who sent an alert: the campaign's address then, without what CAP allows in no name."""
    return re.sub(r"[\s,<&]", "", printed.sender_email)


def moment(when: datetime, printed: PrintedWords) -> str:
    """Return a moment in the campaign's zone as CAP wants it: with its offset, and UTC as -00:00."""
    return re.sub(r"\+00:00\Z", "-00:00", printed.local(when).isoformat(timespec="seconds"))


# --- An alert --------------------------------------------------------------------------------------


def alert(campaign: Campaign, versions: Sequence[Version], version: Version) -> str:
    """
    Return the alert of a version; `versions` are the bulletin's, with editions. No query.
    """
    root = ElementTree.Element("alert", xmlns=NAMESPACE)
    earlier = sorted((one for one in versions if one.number < version.number), key=lambda one: one.number)
    names = [
        ",".join((sender(one.words), identifier(campaign, one), moment(one.published_at, one.words))) for one in earlier
    ]
    printed = version.words
    add(root, "identifier", identifier(campaign, version))
    add(root, "sender", sender(printed))
    add(root, "sent", moment(version.published_at, printed))
    add(root, "status", "Actual" if printed.is_actual else "Exercise")
    add(root, "msgType", KINDS[Bulletin.Kind(version.kind)])
    add(root, "scope", "Public")
    add(root, "note", " ".join(dict.fromkeys(note(printed, row.code) for row in printed.languages)))
    add(root, "references", " ".join(names))
    add(root, "incidents", campaign.slug)
    for row in printed.languages:
        with override(row.code), timezone.override(printed.zone):
            info(root, version, row)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def note(printed: PrintedWords, language: str) -> str:
    """Return why an alert is no actual one, in a language, "" for an actual one."""
    if printed.is_actual:
        return ""
    with override(language):
        if printed.is_exercise:
            return _("This is an exercise. None of it is real.")
        return _(
            "This is information for the public, not an official warning. Its sender may not issue "
            "actual alerts, so it is marked as an exercise for machines."
        )


def info(root: ElementTree.Element, version: Version, row: LanguageWords) -> None:
    """Add what an alert says in a language, the active one, if the version has an edition in it."""
    edition = choose(version, language=row.code, fallback=row.code)
    if edition is None or edition.language != row.code:
        return
    element = ElementTree.SubElement(root, "info")
    urgency, severity, certainty = OF_CANCEL if version.is_retracted else URGENCY[Urgency(version.urgency)]
    says = withdrawal(version, row.code) if version.is_retracted else alert_texts(version, edition)
    headline, description, instruction = says
    printed, number = version.words, version.bulletin.number
    add(element, "language", row.code)
    add(element, "category", printed.alert_category)
    add(element, "event", row.name)
    add(element, "urgency", urgency)
    add(element, "severity", severity)
    add(element, "certainty", certainty)
    add(element, "effective", moment(version.published_at, printed))
    if ends := expires(edition):
        add(element, "expires", moment(ends, printed))
    add(element, "senderName", row.sender_name)
    add(element, "headline", headline)
    add(element, "description", description)
    add(element, "instruction", instruction)
    add(element, "web", address("website:bulletin", number, language=row.code))
    add(element, "contact", printed.reply_to)
    for name, value in (("bulletin", number), ("version", version.number)):
        pair(ElementTree.SubElement(element, "parameter"), name, str(value))
    for name, codes in areas(printed, row.code, printed.regions):
        area = ElementTree.SubElement(element, "area")
        add(area, "areaDesc", name)
        for kind, code in codes:
            pair(ElementTree.SubElement(area, "geocode"), kind, code)


def alert_texts(version: Version, edition: PublishedEdition) -> tuple[str, str, str]:
    """Return headline, description and instruction of an edition, in the active language."""
    messages = [
        f"- {one.text} ({validity_phrases.valid_until(one.valid_until, timezone.get_current_timezone())})"
        if one.valid_until
        else f"- {one.text}"
        for one in key_messages(edition)
    ]
    changed = in_language(version.what_changed, edition.language) if version.is_corrected else ""
    parts = [
        f"{_('What changed')}: {changed}" if changed else "",
        edition.lead,
        "\n".join(messages),
        html_to_text(edition.html, width=PAGE_WIDTH),
    ]
    actions = [action for action in edition.content.get("calls_to_action", []) if action]
    return edition.title, "\n\n".join(part.strip() for part in parts if part.strip()), "\n".join(actions)


def withdrawal(version: Version, language: str) -> tuple[str, str, str]:
    """Return headline, description and instruction of a withdrawal, in the active language: the reason, no words of it."""
    headline = _("Bulletin %(number)s has been withdrawn") % {"number": version.bulletin.number}
    return headline, in_language(version.what_changed, language), _("Don't use it any more.")


def expires(edition: PublishedEdition) -> datetime | None:
    """Return when the last of its key messages ends to hold, None while one holds until further notice."""
    ends = [one.valid_until for one in key_messages(edition)]
    return max(end for end in ends if end) if ends and all(ends) else None


# --- Where -----------------------------------------------------------------------------------------


def areas(printed: PrintedWords, language: str, regions: Iterable[Named]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return [(name in a language, [(kind of code, code)])]: the regions, or the country of the campaign's time zone."""
    if found := [(region.in_language(language), [("region", region.key)]) for region in regions]:
        return found
    country = get_global("zone_territories").get(printed.time_zone, "001")
    try:
        name = Locale.parse(language, sep="-").territories.get(country)
    except (UnknownLocaleError, ValueError):
        name = None
    return [(name or country, [("ISO3166-1", country)] if country.isalpha() else [])]


# --- The list --------------------------------------------------------------------------------------


class Index(Atom):
    """A list of alerts, each of which is a file of its own."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """Name an alert and its file."""
        Atom1Feed.add_item_elements(self, handler, item)
        handler.addQuickElement("link", "", {"rel": "related", "type": "text/html", "href": item["page"]})


def newest(campaign: Campaign, *, at: datetime) -> list[Version]:
    """Return the versions that stand, those that were published last first, with editions; two queries."""
    found = Version.objects.current(campaign, at=at).prefetch_related("editions")
    return list(found.order_by("-published_at", "-pk")[:NEWEST])


def index(campaign: Campaign, versions: Sequence[Version], *, url: str, home: str, changed: datetime, hub: str) -> str:
    """Return the list of alerts as Atom, in the campaign's main language."""
    language = campaign.default_language
    with override(language):
        feed = Index(
            title=writable(f"{_('Alerts')} (CAP 1.2). {name_of(campaign, language)}"),
            link=home,
            description="",
            subtitle=note(PrintedWords.of(campaign), language) or None,
            language=language,
            author_name=campaign.sender_email,
            feed_url=url,
            feed_guid=tag(campaign, "cap"),
            changed=changed,
            hub=hub,
        )
        for version in versions:
            edition = choose(version, language=language, fallback=language)
            gone = version.is_retracted or edition is None
            title = withdrawal(version, language)[0] if gone or edition is None else edition.title
            summary = in_language(version.what_changed, language) if gone or edition is None else edition.lead
            name = identifier(campaign, version)
            feed.add_item(
                title=writable(title),
                link=f"{url}{name}.xml",
                description=format_html("<p>{}</p>", writable(summary or title)),
                language=edition.language if edition and not gone else language,
                page=address("website:bulletin", version.bulletin.number, language=language),
                unique_id=tag(campaign, f"cap/{name}"),
                pubdate=version.published_at,
                updateddate=version.published_at,
                categories=[KINDS[Bulletin.Kind(version.kind)]],
            )
        return str(feed.writeString("utf-8"))


# --- Elements --------------------------------------------------------------------------------------


def add(parent: ElementTree.Element, name: str, text: str) -> None:
    """Add an element with a text; one that would be empty says nothing and is left out."""
    if text := writable(text).strip():
        ElementTree.SubElement(parent, name).text = text


def pair(parent: ElementTree.Element, name: str, value: str) -> None:
    """Add a name and its value."""
    add(parent, "valueName", name)
    add(parent, "value", value)
