"""The way of a pretest: a draft is shown by somebody who did not write it, and stops being shown by its time or before it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.access import independence
from accounts.audit import trail
from accounts.models import User
from bulletins.approval import eligibility
from bulletins.models import Bulletin
from impact.models import Pretest, PretestSeat

from . import frozen_texts, panels

SHOWABLE = (Bulletin.State.DRAFT, Bulletin.State.IN_REVIEW)
LONGEST_HOURS = 48


class NotShown(Exception):
    """A draft that was not shown. The text says why and what to do; nothing changed."""


def embargo_of(bulletin: Bulletin, *, at: datetime) -> datetime | None:
    """Return when the last embargo of a bulletin or of what it is made of ends, None where none runs at `at`."""
    of_inputs = bulletin.inputs.aggregate(last=Max("embargo_until"))["last"]
    last = max((one for one in (bulletin.embargo_until, of_inputs) if one), default=None)
    return last if last and last > at else None


def is_open(pretest: Pretest, *, at: datetime) -> bool:
    """Return whether its draft may be seen and answered now: by its time, while the draft is one, and under no embargo."""
    bulletin = pretest.bulletin
    return (
        pretest.ended_at is None
        and at < pretest.expires_at
        and bulletin.state in Bulletin.EDITABLE
        and bulletin.version == pretest.version
        and bulletin.campaign.closed_at is None
        and embargo_of(bulletin, at=at) is None
    )


def why_not(bulletin: Bulletin, by: User, *, at: datetime) -> str:
    """Return why somebody cannot show a bulletin to a panel now, "" when nothing stands in the way."""
    if bulletin.state not in SHOWABLE:
        return _("Only a bulletin that is not approved yet can be tried.")
    if bulletin.campaign.closed_at is not None:
        return _("The campaign has ended.")
    if ends := embargo_of(bulletin, at=at):
        when = date_format(bulletin.campaign.local(ends), "SHORT_DATETIME_FORMAT")
        return _("It is under embargo until %(time)s: until then nobody outside the desk sees it.") % {"time": when}
    if by.pk in eligibility.of_one(bulletin).editor_ids:
        return _("You edited or submitted this version, so someone else must show it to people outside the team.")
    if any(is_open(one, at=at) for one in bulletin.pretests.running(at=at).select_related("bulletin__campaign")):
        return _("It is being tried just now. Wait for the answers, or stop that pretest first.")
    return ""


@transaction.atomic
def show(
    bulletin: Bulletin,
    *,
    way: str,
    size: int = 0,
    people: Sequence[int] = (),
    hours: int,
    digest: str,
    by: User,
    at: datetime,
) -> Pretest:
    """
    Show exactly the draft whose fingerprint `by` has read, for some hours: to `size` influencers drawn by lot, to `people` (keys of
    recipients), or to `size` people by one link. Raise NotShown for whoever wrote it, under an embargo, and where nobody can be asked.
    """
    held = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    if reason := why_not(held, by, at=at):
        raise NotShown(_("Not shown: %(why)s") % {"why": reason})
    if why := independence.why_not(by, eligibility.of_one(held).editor_ids, at=at):
        raise NotShown(_("Not shown: %(why)s") % {"why": why})
    if held.content_digest() != digest:
        raise NotShown(_("Not shown: the draft has changed since you opened this page. Read it again."))
    try:
        texts = frozen_texts.texts_of(held)
    except ValueError as fault:
        raise NotShown(_("Not shown: %(why)s") % {"why": fault}) from fault
    if not texts:
        raise NotShown(_("Not shown: no language has a title and a text yet."))
    if way == Pretest.Way.DRAWN:
        people = panels.draw(held.campaign, min(size, panels.MOST_INFLUENCERS), at=at)
    keys = [] if way == Pretest.Way.LINK else people[: panels.MOST_INFLUENCERS]
    if way != Pretest.Way.LINK and not keys:
        raise NotShown(
            _(
                "Not shown: there is no influencer to ask. Those who were asked in the last seven days are not drawn again."
            )
        )
    pretest = Pretest.objects.create(
        bulletin=held,
        version=held.version,
        way=way,
        size=len(keys) or min(size, panels.MOST_BY_LINK),
        texts=texts,
        digest=digest,
        shown_by=by,
        shown_at=at,
        expires_at=at + timedelta(hours=min(hours, LONGEST_HOURS)),
    )
    PretestSeat.objects.bulk_create(
        PretestSeat(pretest=pretest, number=number, recipient_id=key) for number, key in enumerate(keys, 1)
    )
    trail.note("bulletin.pretested", held, by=by, at=at, digest=digest, way=way, people=pretest.size, hours=hours)
    return pretest


@transaction.atomic
def end(pretest: Pretest, *, by: User, at: datetime) -> None:
    """Stop showing a draft: all its links end now. What was answered stays."""
    if Pretest.objects.running(at=at).filter(pk=pretest.pk).update(ended_at=at):
        trail.note("bulletin.pretest_ended", pretest.bulletin, by=by, at=at, answers=pretest.answered)
