"""When a published bulletin was wrong, or the fact has changed: a new version, or none at all any more."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User

from . import drafting
from .models import Bulletin, NotAllowed, Target

State = Bulletin.State


def start_correction(
    bulletin: Bulletin,
    *,
    by: User,
    at: datetime,
    what_changed: Mapping[str, str],
    share_text: Mapping[str, str] | None = None,
) -> None:
    """
    Open the next version of a published bulletin for editing. Readers see the published one until this is approved.

    `what_changed` and `share_text` (words for those who already posted) are {language: text}. Raise NotAllowed
    when the bulletin isn't published.
    """
    open_version(bulletin, Bulletin.Kind.CORRECTION, by=by, at=at, what_changed=what_changed, share_text=share_text)


def retract(
    bulletin: Bulletin,
    *,
    by: User,
    at: datetime,
    what_changed: Mapping[str, str],
    share_text: Mapping[str, str] | None = None,
) -> None:
    """
    Open a retraction of a published bulletin: once approved, its words are gone and everyone reached is told why.

    `what_changed` is the reason, {language: text}. Raise NotAllowed when the bulletin isn't published.
    """
    open_version(bulletin, Bulletin.Kind.RETRACTION, by=by, at=at, what_changed=what_changed, share_text=share_text)


@transaction.atomic
def open_version(
    bulletin: Bulletin,
    kind: str,
    *,
    by: User,
    at: datetime,
    what_changed: Mapping[str, str],
    share_text: Mapping[str, str] | None,
) -> None:
    """Open the next version for editing. It goes out as soon as it is approved."""
    won = Bulletin.objects.filter(pk=bulletin.pk, state=State.PUBLISHED).update(
        state=State.DRAFT,
        version=bulletin.version + 1,
        kind=kind,
        what_changed=dict(what_changed),
        share_text=dict(share_text or {}),
        digest="",
        submitted_by=None,
        submitted_at=None,
        approved_by=None,
        approved_at=None,
    )
    if not won:
        raise NotAllowed(_("Not started: only a published bulletin can be corrected or withdrawn. Nothing changed."))
    bulletin.targets.update(timing=Target.Timing.AT_ONCE, at=None, slot_at=None)
    bulletin.refresh_from_db()
    drafting.touched(bulletin, by=by, at=at)
