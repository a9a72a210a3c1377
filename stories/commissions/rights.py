"""
For how long a work may be used: when that begins, until when it lasts, who is told before it is over, and that it is over. Public pages ask
the clock (CommissionQuerySet.done), so they show a work no longer than that whatever the tick does.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from campaigns.http import page_changes
from campaigns.models import Campaign
from lib.text.dates.validity_phrases import describe_end, end_of
from stories.models import Commission

from . import notices
from .briefs import people_with, tell
from .commission_states import FROM_ACCEPTANCE_ON, NotDone, Part, note, taken, who_can

Term, TermFrom = Commission.Term, Commission.TermFrom
YEARS = {Term.YEAR: 1, Term.FIVE_YEARS: 5}
MOST_AT_ONCE = 50
LONGER = {
    Term.YEAR: gettext_lazy("one year longer"),
    Term.FIVE_YEARS: gettext_lazy("five years longer"),
    Term.ALWAYS: gettext_lazy("without a limit in time"),
}


def years_after(campaign: Campaign, moment: datetime, years: int) -> datetime:
    """Return the end of the same day some years later, in the campaign's zone; of 28 February for a 29 February."""
    day = campaign.local(moment).date()
    is_leap_day = (day.month, day.day) == (2, 29)
    last = day.replace(year=day.year + years, day=28 if is_leap_day else day.day)
    return end_of(last, campaign.zone)


def begin(commission: Commission, counted_from: str, *, at: datetime) -> None:
    """Let the time begin that is counted from this step, once: a work that is published again gets no more of it. The caller stores it."""
    years = YEARS.get(Term(commission.term))
    if years and commission.term_from == counted_from and commission.rights_end_at is None:
        commission.rights_end_at = years_after(commission.campaign, at, years)


def has_begun_to_end(commission: Commission) -> bool:
    """Return whether an accepted work may be used for a time that is limited and has begun, so that more of it can be asked for."""
    is_counted = commission.term == Term.CAMPAIGN or commission.rights_end_at is not None
    return commission.term != Term.ALWAYS and is_counted


def day_of(commission: Commission, moment: datetime) -> str:
    """Return the day of an end, in the active language and the campaign's zone."""
    return describe_end(commission.campaign.local(moment))


def in_words(commission: Commission, *, at: datetime) -> str:
    """Return until when a work may be used, as a sentence of the active language; needs the campaign at hand."""
    if commission.rights_end_at is not None:
        day = {"day": day_of(commission, commission.rights_end_at)}
        if commission.may_be_used(at=at):
            return _("It may be used until %(day)s. Then it leaves the site by itself.") % day
        return _("It could be used until %(day)s, and is off the site.") % day
    if not commission.may_be_used(at=at):
        return _("It could be used as long as the campaign lasted, and is off the site.")
    says = {
        Term.CAMPAIGN: _("It may be used as long as the campaign lasts. Then it leaves the site by itself."),
        Term.ALWAYS: _("It may be used without a limit in time."),
    }
    return says.get(Term(commission.term)) or _("The time in which it may be used begins when it is published.")


# --- With the tick ------------------------------------------------------------------------------------


def follow(*, at: datetime) -> int:
    """Note ends that are not written down, tell staff of those that are near, and note those that have come. Return how many steps that were."""
    begun = works(Q(rights_end_at=None, term__in=YEARS))
    near = Q(rights_end_at__lte=at + timedelta(days=settings.COMMISSION_END_DAYS), rights_end_at__gt=at)
    told = works(near, end_told_at=None, published_at__isnull=False)
    over = works(Q(rights_end_at__lte=at), rights_over_at=None)
    return taken_for(begun, write_end, at=at) + taken_for(told, tell_of_end, at=at) + taken_for(over, end, at=at)


def works(which: Q, **more: Any) -> QuerySet[Commission]:
    """Return the commissions with an accepted work of which something is so, those whose time ends first at the front."""
    return Commission.objects.filter(which, state__in=FROM_ACCEPTANCE_ON, **more).order_by("rights_end_at", "pk")


def taken_for(rows: QuerySet[Commission], step: Callable[..., bool], *, at: datetime) -> int:
    """Take a step for commissions, and return for how many it was there."""
    return sum(step(one, at=at) for one in rows.select_related("campaign")[:MOST_AT_ONCE])


def write_end(commission: Commission, *, at: datetime) -> bool:
    """Write down the end of a time that began under a release which knew no ends."""
    is_accepted = commission.term_from == TermFrom.ACCEPTED
    since = commission.accepted_at if is_accepted else commission.published_at
    if since is None:
        return False
    until = years_after(commission.campaign, since, YEARS[Term(commission.term)])
    return bool(Commission.objects.filter(pk=commission.pk, rights_end_at=None).update(rights_end_at=until))


@transaction.atomic
def tell_of_end(commission: Commission, *, at: datetime) -> bool:
    """Tell whoever asked for a work, once, that its time ends soon; where none of them is left, whoever could."""
    rows = Commission.objects.filter(pk=commission.pk, end_told_at=None, rights_end_at=commission.rights_end_at)
    if not rows.update(end_told_at=at):  # somebody was quicker
        return False
    people = people_with(commission, Part.ASKS) or who_can(Part.ASKS, commission)
    for person in people:
        with override(commission.campaign.language_for(person)):
            words = in_words(commission, at=at)
        tell(notices.RIGHTS_END, commission, [person], at=at, text=words, says_fee=False)
    return True


@transaction.atomic
def end(commission: Commission, *, at: datetime) -> bool:
    """Note that the time is over, and that no process shows the work any more, also while the database is away."""
    try:
        one = taken("rights_over", commission, by=None, at=at)
    except NotDone:
        return False
    if one.rights_over_at is not None or one.may_be_used(
        at=at
    ):  # somebody was quicker, or the creator has agreed to more
        return False
    one.rights_over_at = at
    note("rights_over", one, by=None, at=at)
    page_changes.note_retraction()
    return True
