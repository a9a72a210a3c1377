"""The results of a campaign: gathered, put into words in each language, and approved by a second person to exactly these words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from agreement import steps as agreement_steps
from agreement.digests import old_digest_of
from agreement.kinds import Columns, Kind, register
from agreement.refusals import Refused
from campaigns.models import Campaign
from impact.models import CampaignResults
from lib.text.languages.languages import language_heading

from . import figures

LONGEST = 2_000  # characters in one language: it stands in a mail


class ResultsAgreement(Kind[CampaignResults]):
    """The text that everybody is thanked with at the end of a campaign. It can be changed until the mails are planned."""

    name = "results"
    covers = ("thanks at the end of a campaign",)
    model = CampaignResults
    agree_permission = "impact.approve_campaignresults"
    columns = Columns(
        state="", agreed_by="approved_by", agreed_at="approved_at", agreed_digest="approved_digest", remark=""
    )
    verbs: ClassVar = {"agreed": "results.approved"}

    def content_of(self, row: CampaignResults) -> dict[str, Any]:
        """Return the text in each language."""
        return {"campaign": row.campaign_id, "words": row.words}

    def old_digest(self, row: CampaignResults) -> str:
        """Return the digest of 1.6.1."""
        return old_digest_of([row.campaign_id, row.words])

    def is_open(self, row: CampaignResults) -> bool:
        """Return whether nobody has been thanked yet."""
        return row.thanked_at is None

    def is_waiting(self, row: CampaignResults) -> bool:
        """Return whether a second person is wanted."""
        return row.thanked_at is None and row.approved_at is None

    def why_not_writable(self, row: CampaignResults) -> str:
        """What everybody was thanked with stays."""
        return "" if self.is_open(row) else _("Everybody has been thanked with this text.")


RESULTS = register(ResultsAgreement())


def of(campaign: Campaign) -> CampaignResults | None:
    """Return the results of a campaign, None while they are not gathered."""
    return CampaignResults.objects.filter(campaign=campaign).first()


def held(campaign: Campaign) -> CampaignResults:
    """Return the results as they stand, for this transaction alone. Raise Refused where there are none, or everybody was thanked."""
    results = CampaignResults.objects.select_for_update().filter(campaign=campaign).first()
    if results is None:
        raise Refused(_("Nothing changed: gather the results first."))
    if why := RESULTS.why_not_writable(results):
        raise Refused(_("Nothing changed."), why)
    return results


@transaction.atomic
def gather(campaign: Campaign, *, by: User, at: datetime) -> CampaignResults:
    """
    Count what came of a closed campaign and draft its text. Gathered again, only the figures are new: the text and its approval
    stay. Raise Refused for an open campaign, and once everybody was thanked.
    """
    held_campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)  # two at once: the second counts again
    if held_campaign.closed_at is None:
        raise Refused(_("Not gathered: close the campaign first, so that the figures no longer change."))
    counted = figures.gather(held_campaign, at=at)
    if CampaignResults.objects.filter(campaign=campaign).exists():
        results = held(campaign)
        results.figures, results.gathered_at = counted, at
        results.save(update_fields=["figures", "gathered_at"])
    else:
        drafted = figures.drafted(counted, held_campaign.language_codes())
        results = CampaignResults(campaign=campaign, figures=counted, gathered_at=at, words=drafted)
        agreement_steps.begin(RESULTS, results, by=by, at=at)
    trail.note("results.gathered", results, by=by, at=at, digest=RESULTS.digest_of(results))
    return results


def write(campaign: Campaign, words: Mapping[str, str], *, seen: str, by: User, at: datetime) -> CampaignResults:
    """
    Keep the text in each language; another text cancels an approval. Raise Refused where a language has no text or too much, and
    Stale by `seen`, the digest that `by` started from.
    """
    text = {code: words.get(code, "").replace("\r\n", "\n").strip() for code in campaign.language_codes()}
    for code, part in text.items():
        if not part:
            raise Refused(
                _("Not saved: everybody is thanked in their own language. Write it in %(language)s too.")
                % {"language": language_heading(code)}
            )
        if len(part) > LONGEST:
            raise Refused(
                _("Not saved: %(language)s has %(n)d characters, and %(most)d fit.")
                % {"language": language_heading(code), "n": len(part), "most": LONGEST}
            )
    results = of(campaign)
    if results is None:
        raise Refused(_("Nothing changed: gather the results first."))

    def edit(row: CampaignResults) -> None:
        row.words = text

    return agreement_steps.write(RESULTS, results, edit, seen=seen, by=by, at=at)[0]


def approve(campaign: Campaign, *, digest: str, by: User, at: datetime) -> CampaignResults:
    """Approve, as a second person, exactly the text whose digest `by` has read. Raise Refused."""
    results = of(campaign)
    if results is None:
        raise Refused(_("Nothing changed: gather the results first."))
    return agreement_steps.agree(RESULTS, results, seen=digest, by=by, at=at)
