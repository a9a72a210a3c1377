"""The checklist: CERC's six, a campaign's own points, and those of easy language; a reminder for whoever lets a bulletin go, and no gate."""

from collections.abc import Iterator

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulletins.editing import drafts
from bulletins.models import Bulletin, ChecklistPoint
from campaigns.models import ReadingLevel
from campaigns.translated_fields import in_language

from .findings import ADVICE, Finding, Workspace
from .language import easy_language

# Crisis and Emergency Risk Communication (CDC), its six principles: {name: (what to be, what that means here)}.
CERC = {
    "first": (gettext_lazy("Be first"), gettext_lazy("Out before the rumour fills the gap.")),
    "right": (gettext_lazy("Be right"), gettext_lazy("Two sources, read by someone else.")),
    "credible": (gettext_lazy("Be credible"), gettext_lazy("Says what is not known yet.")),
    "empathy": (gettext_lazy("Show empathy"), gettext_lazy("Acknowledges what is hard about it.")),
    "action": (gettext_lazy("Promote action"), gettext_lazy("One thing to do today.")),
    "respect": (gettext_lazy("Show respect"), gettext_lazy("Nobody is shamed or left out.")),
}
OWN = "own:"  # before the key of a campaign's own point, so that it is never one of the six


def points_of(campaign: int, *, easy: bool) -> dict[str, tuple[str, str]]:
    """
    Return {name: (point, what it means)} of a campaign by its key, CERC's six first, last those of an edition in easy language where
    there is one; one query.
    """
    own = ChecklistPoint.objects.filter(campaign=campaign)
    ours = CERC | (easy_language.POINTS if easy else {})
    said = {name: (str(label), str(means)) for name, (label, means) in ours.items()}
    owned = {f"{OWN}{one.key}": (in_language(one.text), in_language(one.why)) for one in own}
    return {name: said[name] for name in CERC} | owned | said


def unticked(desk: Workspace) -> Iterator[Finding]:
    """Name the points of the checklist that nobody has ticked, those of easy language apart."""
    left = {name: label for name, (label, _means) in desk.points.items() if name not in desk.bulletin.checklist}
    easy = {name: left.pop(name) for name in easy_language.POINTS if name in left}
    for where, points in ((_("Before you submit"), left), (_("Easy language"), easy)):
        if not points:
            continue
        yield Finding(
            ADVICE,
            "checklist",
            where,
            _("Not ticked yet: %(points)s.") % {"points": "; ".join(str(one).rstrip(".") for one in points.values())},
            _("Read it once more with these in mind, then tick them."),
            place="checklist",
            found=",".join(points),
        )


@transaction.atomic
def tick(bulletin: Bulletin, point: str, *, ticked: bool) -> list[str]:
    """
    Tick a point, or take its tick off; the others stay as they are, whoever ticks them meanwhile. Return those that are
    ticked. It is a reminder and no content: no review ends by it. A point that is not on the list changes nothing.
    Raise NotAllowed for a version that is already published.
    """
    held = drafts.lock(bulletin)
    chosen = {*held.checklist, point} if ticked else {*held.checklist} - {point}
    easy = held.editions.filter(reading_level=ReadingLevel.EASY).exists()
    held.checklist = [name for name in points_of(held.campaign_id, easy=easy) if name in chosen]
    held.save(update_fields=["checklist"])
    return held.checklist
