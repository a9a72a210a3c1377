"""
Signing the code of ethics, point by point, and taking the signature back. Whoever has no standing signature stays in the
open network, and is not in close contact.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from delivery.models import Audience, Membership
from influencers.editions.language_choice import in_best_language
from influencers.editions.version_changes import Change
from influencers.models import CodeOfEthics, Influencer, Signature
from influencers.profiles import tiers
from influencers.profiles.contact_person import Contact, contact_of
from lib.text.markup import to_html, to_text
from lib.text.revisions.word_diff import word_changes

POINT = re.compile(r"^ {0,3}\d{1,3}[.)][ \t]+(.+(?:\n(?!\s*\n| {0,3}\d{1,3}[.)][ \t]|#).+)*)", re.MULTILINE)
WITHDREW = "signature withdrawn"


class NotSigned(Exception):
    """A signature that does not count. The message says why; nothing was stored."""


@dataclass(frozen=True, slots=True)
class CodePage:
    """
    The code of ethics as it is now, and the reader's standing signature. `changes` is what changed since they signed;
    `text` is None when there is no code yet.
    """

    contact: Contact
    text: CodeOfEthics | None
    html: SafeString
    signature: Signature | None = None
    points: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def is_signed(self) -> bool:
        """Return whether the reader's signature is under the text as it is now."""
        return bool(self.signature and self.text and self.signature.text.version >= self.text.version)

    @property
    def is_outdated(self) -> bool:
        """Return whether the text has changed since the reader signed."""
        return self.signature is not None and self.text is not None and not self.is_signed


def page(influencer: Influencer, campaign: Campaign, *, language: str) -> CodePage:
    """Return the newest code of ethics in `language` and what the reader signed; three queries at most."""
    text = current(campaign, language)
    signature = current_signature(influencer)
    contact = contact_of(influencer, campaign)
    if text is None:
        return CodePage(contact, None, SafeString(), signature)
    found = CodePage(contact, text, to_html(text.body), signature, points_of(text))
    if signature and found.is_outdated:
        found.changes.extend(changes(signed_points(signature, text), found.points))
    return found


def current_signature(influencer: Influencer) -> Signature | None:
    """Return the newest signature that has not been withdrawn, with its text's version."""
    signatures = Signature.objects.filter(influencer=influencer, withdrawn_at=None).select_related("text")
    return signatures.defer("text__body").order_by("-signed_at").first()


def current(campaign: Campaign, language: str) -> CodeOfEthics | None:
    """Return the newest code of ethics in the language that suits a reader best, or None; one query."""
    text: CodeOfEthics | None = in_best_language(CodeOfEthics.objects.filter(campaign=campaign), language, campaign)
    return text


def points_of(text: CodeOfEthics) -> list[str]:
    """Return the points to tick, in plain words: the items of the numbered list in the text."""
    return [" ".join(to_text(found, width=10_000).split()) for found in POINT.findall(text.body.replace("\r\n", "\n"))]


def fingerprint(text: CodeOfEthics) -> str:
    """Return the SHA-256 (hex) of the whole text as it is read: title, how to sign, and body."""
    return hashlib.sha256("\n\n".join([text.title, text.signing, text.body]).encode()).hexdigest()


def sign(influencer: Influencer, text: CodeOfEthics, points: Sequence[str], *, at: datetime) -> Signature:
    """
    Store a signature under a text whose every point was ticked, and return it; one that stands already is returned as it
    is. Raise NotSigned.
    """
    if text.campaign_id != influencer.campaign_id:
        raise NotSigned(_("This is another campaign's code. Nothing was signed."))
    if not points or list(points) != points_of(text):
        raise NotSigned(_("Nothing was signed: every point has to be ticked."))
    signature, _made = Signature.objects.get_or_create(
        influencer=influencer,
        text=text,
        withdrawn_at=None,
        defaults={"points": list(points), "sha256": fingerprint(text), "signed_at": at},
    )
    return signature


@transaction.atomic
def withdraw(influencer: Influencer, *, at: datetime) -> bool:
    """
    Take back all that an influencer signed and return whether anything stood. They stay in the open network; whoever
    was in close contact moves there, also when it is full.
    """
    if not Signature.objects.filter(influencer=influencer, withdrawn_at=None).update(withdrawn_at=at):
        return False
    held = Membership.objects.open(at=at).filter(
        recipient=influencer.recipient_id,
        audience__campaign=influencer.campaign_id,
        audience__kind=Audience.Kind.INFLUENCERS,
        audience__tier=1,
    )
    close = held.select_related("audience").first()
    if close:
        try:
            places = tiers.tiers_after([influencer], close.audience, at=at)
            tiers.rearrange(places, by=influencer.user, at=at, reason=WITHDREW)
        except tiers.NotMoved:
            held.update(left_at=at)
            tiers.seat(influencer, influencer.recipient.language, at=at, reason=WITHDREW)
    return True


# --- Parts -----------------------------------------------------------------------------------------


def signed_points(signature: Signature, text: CodeOfEthics) -> list[str]:
    """Return the points that were signed, in the language of a text when that version was written in it; one query."""
    if signature.text.language == text.language and signature.points:
        return list(signature.points)
    version = signature.text.version
    then = CodeOfEthics.objects.filter(campaign=text.campaign_id, language=text.language, version=version).first()
    return points_of(then) if then else list(signature.points)


def changes(before: Sequence[str], now: Sequence[str]) -> list[Change]:
    """Return what changed, point by point, as the words before and now."""
    left = [point for point in before if point not in now]
    found = []
    for number, point in enumerate(now, start=1):
        if point in before:
            continue
        earlier = before[number - 1] if number <= len(before) and before[number - 1] in left else ""
        if earlier:
            left.remove(earlier)
        found.append(Change(_("Point %(number)d") % {"number": number}, word_changes(earlier, point)))
    return found + [Change(_("No longer a point"), [("before", point)]) for point in left]


def next_version(campaign: Campaign) -> int:
    """Return the number of the version to write next."""
    newest = CodeOfEthics.objects.filter(campaign=campaign).aggregate(newest=Max("version"))["newest"]
    return (newest or 0) + 1
