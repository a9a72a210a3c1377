"""
Taking in what was seen: a claim with its first sighting, or one more sighting of a known claim. Who told us is kept
for staff; of whoever uses the public form nothing is kept at all.
"""

import re
import secrets
import unicodedata
from datetime import date, datetime, timedelta
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.crypto.keyed_hashes import mark
from accounts.models import User
from campaigns.models import Campaign, language_code
from factcheck.matching import canonical_urls, similar_claims
from factcheck.models import Claim, ClaimStep, Sighting
from factcheck.verdicts import verdict_workflow
from lib.http import url_parts
from lib.images import uploaded_images

from . import screenshots

MOST_TEXT = 2_000  # characters of a claim
MOST_NOTE = 1_000
MOST_CHANNEL = 120
MOST_URL = 500
MOST_REACH = 2_000_000_000
OLDEST = timedelta(days=3653)  # ten years; what is older is a slip of the pen

# Characters that do not show, or that turn the order of others round.
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
has_web_address = URLValidator(schemes=["http", "https"])


class NotReportable(ValueError):
    """A report that cannot be taken. The text says why and what to do; `field` is where. Nothing was stored."""

    def __init__(self, says: str, field: str = "") -> None:
        super().__init__(says)
        self.field = field


def report(
    campaign: Campaign,
    *,
    text: str,
    screenshot: IO[bytes] | None = None,
    via: str = Sighting.Via.STAFF,
    by: User | None = None,
    token: str = "",
    at: datetime,
    **place: Any,
) -> Claim:
    """
    Store an open claim with its first sighting and return it.

    `place` is where it was seen, as checked_sighting() takes it; `screenshot` is an uploaded file; `token` names one sending: the same words with the same token are stored once.
    Raise NotReportable, with nothing stored, for what cannot be taken.
    """
    words = checked_text(text)
    seen = checked_sighting(campaign, at=at, **place)
    slug = short_name(words, token)
    if known := Claim.objects.filter(campaign=campaign, slug=slug).first():
        return known
    picture = drawn(screenshot)
    try:
        with transaction.atomic():
            claim = Claim.objects.create(campaign=campaign, slug=slug, text={seen["language"]: words}, created_at=at)
            sighting = add(claim, seen, picture, via=via, by=by, at=at)
            verdict_workflow.note(claim, ClaimStep.Kind.REPORTED, by=by, at=at)
            if via in {Sighting.Via.STAFF, Sighting.Via.FILE}:
                trail.note("claim.reported", claim, by=by, at=at, sighting=sighting.pk)
            similar_claims.index(claim)
    except IntegrityError:
        # The same sending at the same moment; any other clash is a fault.
        return Claim.objects.get(campaign=campaign, slug=slug)
    return claim


def add_sighting(
    claim: Claim,
    *,
    screenshot: IO[bytes] | None = None,
    via: str = Sighting.Via.STAFF,
    by: User | None = None,
    at: datetime,
    **place: Any,
) -> Sighting:
    """
    Add a sighting to a known claim and return it; exactly the same one from the same person is added once. `place` is
    as checked_sighting() takes it.

    Raise NotReportable, with nothing stored, for what cannot be taken.
    """
    seen = checked_sighting(claim.campaign, at=at, **place)
    picture = drawn(screenshot)
    with transaction.atomic():
        held = Claim.objects.select_for_update().get(pk=claim.pk)
        if by and (known := Sighting.objects.filter(claim=held, reporter=by, **seen).first()):
            return known
        sighting = add(held, seen, picture, via=via, by=by, at=at)
        if via in {Sighting.Via.STAFF, Sighting.Via.FILE}:
            trail.note("claim.seen_again", held, by=by, at=at, sighting=sighting.pk)
    return sighting


# --- Parts -----------------------------------------------------------------------------------------


def cleaned(text: str) -> str:
    """Return a text in composed form (NFC) without what does not show: control, direction and zero-width characters."""
    return UNSEEN.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


def checked_text(text: str) -> str:
    """Return the words of a claim, tidied. Raise NotReportable when there are none, or too many."""
    if len(text) > 10 * MOST_TEXT:  # tidying a book takes time
        words, count = "", len(text)
    else:
        words = cleaned(text)
        count = len(words)
    if count > MOST_TEXT:
        raise NotReportable(
            _(
                "The claim has %(count)d characters; the limit is %(most)d. Keep the sentence that "
                "matters, and give a link to the rest."
            )
            % {"count": count, "most": MOST_TEXT},
            "text",
        )
    if not any(sign.isalnum() for sign in words):
        raise NotReportable(_("The claim is missing. Write it as you saw or heard it."), "text")
    return words


def checked_sighting(
    campaign: Campaign,
    *,
    language: str,
    platform: str,
    seen_on: date,
    channel: str = "",
    url: str = "",
    reach: int | None = None,
    note: str = "",
    at: datetime,
) -> dict[str, Any]:
    """Return the fields of a sighting as they are stored. Raise NotReportable for the first that cannot be."""
    try:
        language_code(language)
    except ValidationError as fault:
        raise NotReportable(_("Choose the language of the claim."), "language") from fault
    if len(language) > 12:
        raise NotReportable(_("Choose the language of the claim."), "language")
    if platform not in Sighting.Platform.values:
        raise NotReportable(_("Choose where the claim was seen."), "platform")
    check_day(seen_on, today=campaign.local(at).date())
    if reach is not None and not 0 <= reach <= MOST_REACH:
        raise NotReportable(_("Enter the reach as a number of people, or leave it empty."), "reach")
    address = checked_url(url)
    return {
        "language": language,
        "platform": platform,
        "seen_on": seen_on,
        "channel": short(channel, MOST_CHANNEL, "channel").replace("\n", " "),
        "url": address,
        "url_key": canonical_urls.url_key(address) if address else "",
        "reach": reach,
        "note": short(note, MOST_NOTE, "note"),
    }


def check_day(day: date, *, today: date) -> None:
    """Raise NotReportable for a day that has not come, or was so long ago that it is a slip of the pen."""
    if day > today:
        raise NotReportable(_("This day is in the future. Enter the day on which it was seen."), "seen_on")
    if day < today - OLDEST:
        raise NotReportable(_("This day is more than ten years ago. Enter the day on which it was seen."), "seen_on")


def short(text: str, most: int, field: str) -> str:
    """Return a text, tidied. Raise NotReportable when it is longer than `most` characters."""
    words = cleaned(text[: 10 * most])
    if len(words) > most or len(text) > 10 * most:
        raise NotReportable(_("This is too long: the limit is %(most)d characters.") % {"most": most}, field)
    return words


def checked_url(url: str) -> str:
    """Return a web address, or "". Raise NotReportable for what is none, is too long, or carries a password."""
    if len(url) > MOST_URL:
        raise NotReportable(
            _("The address is longer than %(most)d characters. Remove what comes after the question mark.")
            % {"most": MOST_URL},
            "url",
        )
    address = cleaned(url)
    if not address:
        return ""
    try:
        has_web_address(address)
    except ValidationError as fault:
        raise NotReportable(_("Enter the full address, for example https://www.example.org/page."), "url") from fault
    if (parts := url_parts.parts_of(address)) is None:
        raise NotReportable(_("Enter the full address, for example https://www.example.org/page."), "url")
    if "@" in parts.netloc:
        raise NotReportable(_("Remove the name and the password from the address."), "url")
    return address


def short_name(words: str, token: str) -> str:
    """
    Return a short name for a report, without a word of the claim: addresses carry the fact, which gives its name later
    (verdict_workflow.named_by_fact). With a token it follows from the words and the token.
    """
    rest = mark("factcheck.intake.claim_reports", f"{token}\n{words}") if token else secrets.token_hex(8)
    return f"{verdict_workflow.UNNAMED}{rest[:16]}"


def drawn(screenshot: IO[bytes] | None) -> uploaded_images.Picture | None:
    """Return a screenshot drawn anew. Raise NotReportable for what is no picture."""
    if screenshot is None:
        return None
    try:
        return screenshots.read(screenshot)
    except uploaded_images.Unusable as fault:
        raise NotReportable(str(fault), "screenshot") from fault


def add(
    claim: Claim,
    seen: dict[str, Any],
    picture: uploaded_images.Picture | None,
    *,
    via: str,
    by: User | None,
    at: datetime,
) -> Sighting:
    """Store a sighting with its screenshot; when the row cannot be stored, the file does not stay."""
    name = screenshots.store(picture) if picture else ""
    try:
        return Sighting.objects.create(claim=claim, screenshot=name, via=via, reporter=by, created_at=at, **seen)
    except Exception:
        if name:
            default_storage.delete(name)
        raise
