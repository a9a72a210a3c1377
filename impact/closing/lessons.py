"""What the team learned from a campaign: answers to a few questions after its end. They stay inside: no archive and no page has them."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import trail
from accounts.models import User
from agreement.refusals import Refused
from campaigns.models import Campaign
from impact.models import CampaignResults

LONGEST = 4_000  # characters of one answer
QUESTIONS = {
    "well": gettext_lazy("What went well, and should be done again?"),
    "late": gettext_lazy("What came too late, and what held it up?"),
    "better": gettext_lazy("What will you do differently next time?"),
    "missing": gettext_lazy("Whom did you not reach, and in which language or channel?"),
    "ready": gettext_lazy("What should be ready before the next crisis?"),
}


def mark_of(found: CampaignResults) -> str:
    """Return what tells one state of the answers from another."""
    return found.lessons_at.isoformat() if found.lessons_at else ""


@transaction.atomic
def write(campaign: Campaign, answers: Mapping[str, str], *, seen: str, by: User, at: datetime) -> CampaignResults:
    """
    Keep the team's answers for whoever `seen` how they stood. Raise Refused where the results are not gathered, somebody else
    changed an answer meanwhile, or one is too long.
    """
    found = CampaignResults.objects.select_for_update().filter(campaign=campaign).first()
    if found is None:
        raise Refused(_("Not saved: gather the results first."))
    if seen != mark_of(found):
        raise Refused(_("Not saved: somebody has changed the answers meanwhile. Copy your words, and reload the page."))
    said = {key: answers.get(key, "").replace("\r\n", "\n").strip() for key in QUESTIONS}
    if any(len(text) > LONGEST for text in said.values()):
        raise Refused(_("Not saved: an answer has at most %(most)d characters.") % {"most": LONGEST})
    found.lessons, found.lessons_by, found.lessons_at = {key: text for key, text in said.items() if text}, by, at
    found.save(update_fields=["lessons", "lessons_by", "lessons_at"])
    trail.note("lessons.written", found, by=by, at=at, answers=len(found.lessons))
    return found
