"""The results of a campaign: gathered, put into words in each language, and approved by a second person to exactly these words."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns.models import Campaign
from impact.models import CampaignResults
from lib.text.languages.languages import language_heading

from . import figures

LONGEST = 2_000  # characters in one language: it stands in a mail
NOTHING = {"approved_by": None, "approved_at": None, "approved_digest": ""}


class NotDone(Exception):
    """A step that was not taken. The text says why; nothing changed."""


def of(campaign: Campaign) -> CampaignResults | None:
    """Return the results of a campaign, None while they are not gathered."""
    return CampaignResults.objects.filter(campaign=campaign).first()


def fingerprint(results: CampaignResults) -> str:
    """Return the SHA-256 (hex) of all that an approval covers."""
    said = json.dumps([results.campaign_id, results.words], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def held(campaign: Campaign) -> CampaignResults:
    """Return the results as they stand, for this transaction alone. Raise NotDone where there are none, or everybody was thanked."""
    found = CampaignResults.objects.select_for_update().filter(campaign=campaign).first()
    if found is None:
        raise NotDone(_("Nothing changed: gather the results first."))
    if found.thanked_at is not None:
        raise NotDone(_("Nothing changed: everybody has been thanked with these words."))
    return found


@transaction.atomic
def gather(campaign: Campaign, *, by: User, at: datetime) -> CampaignResults:
    """
    Count what came of a closed campaign and draft the text of it; gathered again, the text is drafted anew. Raise NotDone for an
    open campaign, and once everybody was thanked.
    """
    held_campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)  # two at once: the second counts again
    if held_campaign.closed_at is None:
        raise NotDone(_("Not gathered: close the campaign first, so that the figures no longer change."))
    if CampaignResults.objects.filter(campaign=campaign).exists():
        held(campaign)
    counted = figures.gather(held_campaign, at=at)
    given: dict[str, Any] = {
        "figures": counted,
        "gathered_at": at,
        "words": figures.drafted(counted, held_campaign.language_codes()),
        "edited_by": by,
        "edited_at": at,
        **NOTHING,
    }
    results, _is_new = CampaignResults.objects.update_or_create(campaign=campaign, defaults=given)
    trail.note("results.gathered", results, by=by, at=at, digest=fingerprint(results))
    return results


@transaction.atomic
def write(campaign: Campaign, words: Mapping[str, str], *, knows: str, by: User, at: datetime) -> CampaignResults:
    """
    Keep the text in each language for whoever `knows` the fingerprint of what stood there; that cancels an approval. Raise NotDone
    where somebody else changed it meanwhile, a language has no words, or there are too many.
    """
    results = held(campaign)
    if knows != fingerprint(results):
        raise NotDone(_("Not saved: somebody has changed the text meanwhile. Copy your words, and reload the page."))
    said = {code: words.get(code, "").replace("\r\n", "\n").strip() for code in campaign.language_codes()}
    for code, text in said.items():
        if not text:
            raise NotDone(
                _("Not saved: everybody is thanked in their own language. Write it in %(language)s too.")
                % {"language": language_heading(code)}
            )
        if len(text) > LONGEST:
            raise NotDone(
                _("Not saved: %(language)s has %(n)d characters, and %(most)d fit.")
                % {"language": language_heading(code), "n": len(text), "most": LONGEST}
            )
    if said == results.words:
        return results
    results.words, results.edited_by, results.edited_at = said, by, at
    for name, value in NOTHING.items():
        setattr(results, name, value)
    results.save()
    trail.note("results.written", results, by=by, at=at, digest=fingerprint(results))
    return results


@transaction.atomic
def approve(campaign: Campaign, *, digest: str, by: User, at: datetime) -> CampaignResults:
    """Approve, as a second person, exactly the text whose fingerprint `by` has read. Raise NotDone."""
    results = held(campaign)
    if results.edited_by_id == by.pk:
        raise NotDone(_("Not approved: whoever changed the text last cannot approve it. Ask a colleague."))
    if digest != fingerprint(results):
        raise NotDone(_("Not approved: the text has changed since you read it. Read it again."))
    if results.approved_at is not None:
        raise NotDone(_("Not approved: a colleague has just approved it."))
    results.approved_by, results.approved_at, results.approved_digest = by, at, digest
    results.save(update_fields=["approved_by", "approved_at", "approved_digest"])
    trail.note("results.approved", results, by=by, at=at, digest=digest)
    return results
