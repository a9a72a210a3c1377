"""
What becomes of what others bring to a campaign that is closed (campaigns.closing): meetings to come are cancelled by the next tick
(exchanges.meetings.meeting_series), invitations open nothing, agreed work goes on and is paid.
"""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign
from lib.text.numbers.money import money
from lib.text.numbers.whole_numbers import grouped

from .models import Commission, Exchange, MunicipalityInvitation, Story

NOT_TAKEN = (Commission.State.SUBMITTED, Commission.State.OPEN)
IN_WORK = (Commission.State.CHOSEN, Commission.State.AGREED, Commission.State.DELIVERED)


def told(campaign: Campaign) -> Iterator[str]:
    """Yield which meetings, invitations, stories and commissions of a campaign end with it or go on; four queries."""
    for series in Exchange.objects.filter(campaign=campaign, ended_at=None):
        yield _("“%(title)s” ends: its meetings to come are cancelled, and everybody who was invited is told.") % {
            "title": series
        }
    waiting = MunicipalityInvitation.objects.filter(
        municipality__campaign=campaign, accepted_at=None, withdrawn_at=None, given_up_at=None
    )
    if many := waiting.count():
        yield ngettext(
            "%(n)s invitation to send stories opens nothing any more.",
            "%(n)s invitations to send stories open nothing any more.",
            many,
        ) % {"n": grouped(many)}
    unpublished = Story.objects.filter(campaign=campaign, state__in=[Story.State.SENT, Story.State.ACCEPTED])
    if many := unpublished.count():
        yield ngettext(
            "%(n)s story of a municipality is not published any more.",
            "%(n)s stories of municipalities are not published any more.",
            many,
        ) % {"n": grouped(many)}
    yield from told_of_commissions(Commission.objects.filter(campaign=campaign).order_by("number"))


def told_of_commissions(rows: Iterable[Commission]) -> Iterator[str]:
    """Yield which commissions nobody can take any more, which go on, and what is still to be paid, each by name."""
    rows = list(rows)
    if found := [one for one in rows if one.state in NOT_TAKEN]:
        yield ngettext(
            "This commission comes to nothing; cancel it, so that creators are told: %(names)s.",
            "These commissions come to nothing; cancel them, so that creators are told: %(names)s.",
            len(found),
        ) % {"names": named(found)}
    if found := [one for one in rows if one.state in IN_WORK]:
        yield ngettext(
            "This commission goes on to its end; to stop it, cancel it: %(names)s.",
            "These commissions go on to their end; to stop one, cancel it: %(names)s.",
            len(found),
        ) % {"names": named(found)}
    if found := [one for one in rows if one.published_at and one.term == Commission.Term.CAMPAIGN]:
        yield ngettext(
            "This work goes off the site, as it may be used only while the campaign lasts: %(names)s.",
            "These works go off the site, as they may be used only while the campaign lasts: %(names)s.",
            len(found),
        ) % {"names": named(found)}
    if found := [one for one in rows if one.left]:
        sums = ", ".join(f"{one} ({money(one.left, one.currency)})" for one in found)
        yield _("Still to be paid: %(names)s.") % {"names": sums}


def named(rows: Iterable[Commission]) -> str:
    """Return the names of commissions, one after the other."""
    return ", ".join(str(one) for one in rows)
