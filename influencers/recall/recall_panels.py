"""What waits for an influencer's word: on the front page, and on the page of the bulletin that changed."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from bulletins.models import Version
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from influencers.models import Influencer, Recall, RecallNotice

from . import bulletin_texts, fact_check_texts

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Open:
    """A recall that waits for someone's answer."""

    notice: RecallNotice

    @property
    def recall(self) -> Recall:
        """What changed."""
        return self.notice.recall

    @property
    def heading(self) -> str:
        """What happened, in the active language."""
        return heading_of(self.recall)

    @property
    def is_bad(self) -> bool:
        """Return whether it must not be used any more."""
        return is_bad(self.recall)

    @property
    def what_changed(self) -> str:
        """What changed, in the active language."""
        return in_language(self.recall.what_changed)

    @property
    def has_posted(self) -> bool:
        """Return whether they posted it."""
        return self.notice.rank == RecallNotice.Rank.POSTED


@dataclass(frozen=True, slots=True)
class Panel:
    """The recalls that wait for an influencer's answer, those that they posted first, then the latest."""

    rows: list[Open]
    more: int = 0


def heading_of(recall: Recall) -> str:
    """Return what happened, in the active language; needs version and bulletin, or the step, at hand."""
    subject = subject_of(recall)
    if subject is None:
        return _("What this was about has been deleted")
    if recall.version:
        return bulletin_texts.happened(recall.version)
    assert recall.step is not None
    return fact_check_texts.happened(recall.step)


def is_bad(recall: Recall) -> bool:
    """Return whether what changed must not be used any more, or not for now."""
    return recall.kind == Recall.Kind.RETRACTION or (
        recall.step is not None and recall.step.kind in {fact_check_texts.Kind.WITHDRAWN, fact_check_texts.Kind.PAUSED}
    )


def of_influencer(influencer: Influencer, campaign: Campaign) -> list[RecallNotice]:
    """
    Return an influencer's notices, the newest of each bulletin and fact-check, the latest first; one query. Those whose bulletin or
    fact-check was deleted by hand are left out: there is nothing to say of it any more.
    """
    rows = RecallNotice.objects.filter(influencer=influencer, recall__campaign=campaign)
    rows = rows.select_related("recall__version__bulletin", "recall__step__claim", "recall__step__version")
    newest: dict[tuple[str, int], RecallNotice] = {}
    for row in rows.order_by("-recall__planned_at", "-recall__pk"):
        if subject := subject_of(row.recall):
            newest.setdefault(subject, row)
    return list(newest.values())


def subject_of(recall: Recall) -> tuple[str, int] | None:
    """Return which bulletin or fact-check a recall is about; None when its rows were deleted by hand."""
    if recall.version and hasattr(recall.version, "bulletin"):
        return "bulletin", recall.version.bulletin_id
    if recall.step and hasattr(recall.step, "claim"):
        return "claim", recall.step.claim_id
    return None


def panel(influencer: Influencer, campaign: Campaign, *, language: str, at: datetime) -> Panel | None:
    """Return what waits for an influencer's answer, or None when nothing does; one query."""
    waiting = [Open(row) for row in of_influencer(influencer, campaign) if row.acknowledged_at is None]
    waiting.sort(key=lambda one: not one.has_posted)
    if not waiting:
        return None
    return Panel(waiting[:MOST_SHOWN], max(len(waiting) - MOST_SHOWN, 0))


def for_bulletin(influencer: Influencer, version: Version, *, language: str, at: datetime) -> Open | None:
    """Return the recall that a bulletin's standing version brought an influencer, if it waits for an answer; one query."""
    rows = RecallNotice.objects.filter(influencer=influencer, recall__version=version, acknowledged_at=None)
    row = rows.select_related("recall__version__bulletin", "recall__step").first()
    return Open(row) if row else None
