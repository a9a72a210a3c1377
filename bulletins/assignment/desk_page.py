"""The desk's ways to assign a thing, to hand a shift over, and to take one over. They work without JavaScript."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import row_scopes
from accounts.models import User
from bulletins.models import Handover, NotAllowed
from campaigns.http import desk_campaigns
from campaigns.models import Campaign
from lib.text.numbers.whole_numbers import whole_number

from . import assignable, assignments, shifts

desk_campaigns.names_rows_of("shift_take", Handover)
desk_campaigns.names_rows_of(
    "assign", lambda named: kind.rows().model if (kind := assignable.get(named["kind"])) else None
)
NEXT = "next"  # in place of a colleague: whoever is next


@require_POST
def assign_view(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """
    Assign a row and go to its page: to the one that `to` names by key, to nobody when it is empty, to whoever asks without
    it. `had` is the key of whoever had it on the page, empty for nobody.
    """
    found = assignable.get(kind)
    if found is None:
        raise Http404
    user = request.user
    if not isinstance(user, User) or not found.is_done_by(user):
        raise PermissionDenied
    row = get_object_or_404(row_scopes.in_campaign_of(found.rows(), user), pk=pk)
    to: User | None = user
    if "to" in request.POST:
        to = (
            found.colleagues(found.campaign_of(row)).filter(pk=whole_number(request.POST["to"])).first()
            if request.POST["to"]
            else None
        )
        if to is None and request.POST["to"]:
            messages.error(request, _("Not assigned: choose a colleague."))
            return redirect(found.page(row))
    had = whole_number(request.POST.get("had")) or None
    try:
        assignments.assign(row, to, had=had, by=user, at=timezone.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(found.page(row))
    if to is None:
        messages.success(request, _("Nobody has it now. It stands on Today as unassigned."))
    elif to == user:
        messages.success(request, _("It is now assigned to you."))
    else:
        messages.success(request, _("Assigned to %(who)s, who has been notified.") % {"who": to})
    return redirect(found.page(row))


def campaign_of(request: HttpRequest) -> Campaign:
    """Return the campaign that somebody works on. Raise PermissionDenied for who has nothing to hand over, Http404 without one."""
    user = request.user
    if not isinstance(user, User) or not any(kind.is_done_by(user) for kind in assignable.registered()):
        raise PermissionDenied
    campaign: Campaign | None = getattr(request, "campaign", None)
    if campaign is None:
        raise Http404
    return campaign


@require_http_methods(["GET", "HEAD", "POST"])
def shift_view(request: HttpRequest, *, frame: dict[str, Any]) -> HttpResponse:
    """Show, in the `frame` of the desk, what would be handed over and to whom; a POST hands it over and goes to Today."""
    campaign, user = campaign_of(request), request.user
    assert isinstance(user, User)
    held = list(assignments.held_by(user, campaign))
    colleagues = colleagues_for(user, campaign, {one.kind.key for one in held})
    to, note, status = request.POST.get("to", ""), request.POST.get("note", ""), 200
    if request.method == "POST":
        chosen = next((one for one in colleagues if str(one.pk) == to), None)
        try:
            if chosen is None and to != NEXT:
                raise NotAllowed(_("Not handed over: choose a colleague, or whoever is next."))
            given = shifts.hand_over(campaign, chosen, note=note, by=user, at=timezone.now())
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            status = 422
        else:
            messages.success(request, handed_over(given))
            return redirect("admin:index")
    context = {
        **frame,
        "title": _("Hand over my shift"),
        "held": held,
        "colleagues": colleagues,
        "to": to,
        "note": note,
        "longest": shifts.LONGEST,
        "kept_as": f"{user.pk} shift {campaign.pk} {shifts.last_of(user, campaign)}",
    }
    return TemplateResponse(request, "bulletins/assignment/shift.html", context, status=status)


def colleagues_for(user: User, campaign: Campaign, kinds: set[str]) -> list[User]:
    """Return who may work on all of some kinds, of any kind where there is none, but for `user`; a query for each kind."""
    found: dict[int, User] = {}
    lists = [
        {one.pk: one for one in kind.colleagues(campaign)}
        for kind in assignable.registered()
        if not kinds or kind.key in kinds
    ]
    for each in lists:
        found |= each
    able = [one for one in found.values() if one != user and (not kinds or all(one.pk in each for each in lists))]
    return sorted(able, key=lambda one: str(one).casefold())


def handed_over(given: Handover) -> str:
    """Return what came of handing over, in words."""
    count = len(given.things)
    if given.given_to is None:
        says = ngettext(
            "Handed over: %(n)d thing waits on Today for whoever is next.",
            "Handed over: %(n)d things wait on Today for whoever is next.",
            count,
        )
        return says % {"n": count}
    says = ngettext(
        "Handed over: %(who)s has %(n)d thing and has been notified.",
        "Handed over: %(who)s has %(n)d things and has been notified.",
        count,
    )
    return says % {"n": count, "who": given.given_to}


@require_POST
def take_over_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a shift over and go to Today."""
    campaign, user = campaign_of(request), request.user
    assert isinstance(user, User)
    handover = get_object_or_404(Handover, pk=pk, campaign=campaign)
    try:
        got = shifts.take_over(handover, by=user, at=timezone.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:index")
    says = _("Taken over.")
    if got:
        says += " " + ngettext("%(n)d thing is now yours.", "%(n)d things are now yours.", got) % {"n": got}
    messages.success(request, says)
    return redirect("admin:index")
