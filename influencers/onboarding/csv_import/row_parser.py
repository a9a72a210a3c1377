"""A row as a person: what its cells mean in a campaign, and notes on what was only partly understood."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bulletins.models import Platform
from campaigns.models import Campaign, Region
from delivery.models import address_hash
from influencers.models import Interest, ValuesQuestion
from influencers.profiles import follower_counts, handles
from influencers.profiles.form_options import AGE_GROUPS
from lib.mail_address_fields import validate_address
from lib.text.characters import mojibake

MOST_CELL = 2_000  # characters

NEW, ADDS, SAME, KNOWN, BARRED, REFUSED = "new", "adds", "same", "known", "barred", "refused"
FATES = (NEW, ADDS, SAME, KNOWN, BARRED, REFUSED)
AGES = {f"audience_{group}_pct": group for group in AGE_GROUPS}
GENDERS = {"audience_women_pct": "women", "audience_men_pct": "men", "audience_other_pct": "other"}
VALUE = re.compile(r"value_(\w{1,40})\Z")
YES = {"yes", "true", "1", "x", "kyllä", "ja"}
LISTS = re.compile(r"[;|,]")
HIDDEN = re.compile("[\x00-\x1f\x7f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class Refused(ValueError):
    """A row that cannot be a person. The text says why."""


@dataclass(slots=True)
class Row:
    """A row as it is understood: `fields` of the influencer, `accounts` {(platform, handle): followers}, and notes."""

    number: int
    email: str = ""
    code: str = ""
    name: str = ""
    language: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    accounts: dict[tuple[str, str], int | None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    fate: str = ""
    why: str = ""


@dataclass(slots=True)
class Book:
    """What rows are understood with: the campaign's languages, regions, interests and values questions by their names."""

    campaign: Campaign
    languages: dict[str, str]
    regions: dict[str, Region]
    interests: dict[str, str]
    values: set[str]

    @classmethod
    def of(cls, campaign: Campaign) -> "Book":
        """Return the campaign's; four queries."""
        codes = list(campaign.languages.values_list("code", flat=True))
        words = {"fi": "finnish suomi finska", "sv": "swedish ruotsi svenska", "en": "english englanti engelska"}
        languages = {word: code for code in codes for word in (code, *words.get(code, "").split())}
        regions = {
            word.casefold(): region for region in Region.objects.all() for word in (region.code, *region.name.values())
        }
        interests = {
            word.casefold(): one.slug
            for one in Interest.objects.filter(campaign=campaign)
            for word in (one.slug, *one.name.values())
        }
        values = set(ValuesQuestion.objects.filter(campaign=campaign).values_list("key", flat=True))
        return cls(campaign, languages, regions, interests, values)


def understood(number: int, cells: list[str], places: dict[str, int], width: int, book: Book) -> Row:
    """Return a row as a person, or refused with the reason; what is only partly understood has a note."""
    row = Row(number)
    try:
        if any(text.strip() for text in cells[width:]):
            raise Refused(
                _("There are more cells than columns. Put quotation marks around cells that contain a separator.")
            )
        said = {name: cell(cells[place]) for name, place in places.items() if place < len(cells) and cells[place]}
        row.notes += [note for text in said.values() if (note := misread(text))][:1]
        row.name = said.get("name", "")[:300]
        row.email = address(said.get("email", ""))
        row.code = address_hash(row.email)
        row.language = language(said.get("language", ""), book, row)
        row.fields = described(said, book, row)
        row.accounts = accounts(said, row)
    except Refused as refusal:
        row.fate, row.why = REFUSED, str(refusal)
    return row


def cell(text: str) -> str:
    """Return a cell without what spreadsheets and exports put around it. Raise Refused for one that is too long."""
    if len(text) > MOST_CELL:
        raise Refused(_("A cell is longer than %(most)d characters.") % {"most": MOST_CELL})
    text = normalized(text)
    return text[1:] if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"} else text


def misread(text: str) -> str:
    """Return a note for words that were read in the wrong encoding before they came here, "" for all others."""
    words = mojibake.repaired_text(text)
    if not words:
        return ""
    return _(
        "“%(text)s” was read in the wrong encoding: it may be “%(meant)s”. Save the list again as “CSV UTF-8”."
    ) % {
        "text": text[:40],
        "meant": words[:40],
    }


def normalized(text: str) -> str:
    """Return text in one line without what does not show, each letter written in one way: macOS takes them apart."""
    return " ".join(unicodedata.normalize("NFC", HIDDEN.sub(" ", text)).split())


def address(text: str) -> str:
    """Return an address in small letters. Raise Refused for what mail cannot go to."""
    found = text.removeprefix("mailto:").strip(" <>;,").lower()
    if not found:
        raise Refused(_("The email address is missing."))
    try:
        validate_address(found)
    except ValidationError as fault:
        raise Refused(_("“%(address)s” is not an email address.") % {"address": found[:80]}) from fault
    return found


def language(text: str, book: Book, row: Row) -> str:
    """Return one of the campaign's languages; its main one, with a note, for one that it does not have."""
    found = book.languages.get(text.casefold())
    if found is None:
        if text:
            row.notes.append(
                _("The campaign has no “%(language)s”; its main language is used.") % {"language": text[:20]}
            )
        return book.campaign.default_language
    return found


def described(said: dict[str, str], book: Book, row: Row) -> dict[str, Any]:
    """Return the fields of an influencer that a row names."""
    region = book.regions.get(said.get("region", "").casefold())
    if region is None and said.get("region"):
        row.notes.append(_("Unknown region: %(region)s.") % {"region": said["region"][:40]})
    ages = shares({name: text for name, text in said.items() if name in AGES}, row)
    genders = shares({name: text for name, text in said.items() if name in GENDERS}, row)
    decade = said.get("audience_birth_decade", "")
    languages = map(str.lower, listed(said.get("other_languages", "")))
    return {
        "other_languages": [one for one in languages if re.fullmatch(r"[a-z]{2,3}", one)],
        "region": region,
        "municipality": said.get("municipality", "")[:80],
        "sami_homeland": said.get("sami_homeland", "").casefold() in YES,
        "audience_birth_decade": int(decade) if re.fullmatch(r"(19|20)\d0", decade, re.ASCII) else None,
        "audience_ages": {AGES[name]: number for name, number in ages.items()},
        "audience_genders": {GENDERS[name]: number for name, number in genders.items()},
        "interests": interests(listed(said.get("topics", "")), book, row),
        "values": values(said),
    }


def listed(text: str) -> list[str]:
    """Return the items of a cell that holds a list."""
    return [one for part in LISTS.split(text) if (one := part.strip())]


def interests(topics: list[str], book: Book, row: Row) -> list[str]:
    """Return the short names of the topics that the campaign has, each once; with a note for the others."""
    unknown = [one for one in topics if one.casefold() not in book.interests]
    if unknown:
        row.notes.append(_("Unknown topics: %(topics)s.") % {"topics": ", ".join(unknown)[:80]})
    return list(dict.fromkeys(book.interests[one.casefold()] for one in topics if one not in unknown))


def values(said: dict[str, str]) -> dict[str, int]:
    """Return the answers to the values questions, from 1 to 5."""
    answers = ((VALUE.match(name), text) for name, text in said.items())
    return {asked[1]: int(text) for asked, text in answers if asked and text in {"1", "2", "3", "4", "5"}}


def shares(said: dict[str, str], row: Row) -> dict[str, int]:
    """Return whole percentages that add up to 100; none, with a note, when they don't."""
    try:
        found = {name: int(text.rstrip(" %")) for name, text in said.items()}
    except ValueError:
        found = {}
    if said and (sum(found.values()) != 100 or min(found.values(), default=-1) < 0):
        row.notes.append(_("Shares that don't add up to 100 per cent were left out."))
        return {}
    return found


def accounts(said: dict[str, str], row: Row) -> dict[tuple[str, str], int | None]:
    """Return {(platform, handle): followers}; with a note for a handle or number that cannot be read."""
    found: dict[tuple[str, str], int | None] = {}
    for platform in Platform.values:
        typed = said.get(f"{platform}_handle")
        if not typed:
            continue
        try:
            handle = handles.normal(platform, typed)
        except handles.BadHandle as fault:
            row.notes.append(f"{Platform(platform).label}: {fault}")
            continue
        number = said.get(f"{platform}_followers")
        try:
            found[platform, handle] = follower_counts.followers(number, row.language) if number else None
        except follower_counts.BadCount as fault:
            row.notes.append(f"{Platform(platform).label}: {fault}")
            found[platform, handle] = None
    return found
