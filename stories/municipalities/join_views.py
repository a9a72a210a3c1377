"""The page of an invitation. Opening it accepts nothing; its button leads to a code by mail, or, for whoever is logged in by its address, accepts."""

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import rate_limit
from accounts.login import known_address
from accounts.models import User

from . import invitations

TRIES = rate_limit.Limit("municipality join", most=30, seconds=3600)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show who is invited to what; a POST goes on."""
    now, user = timezone.now(), request.user
    try:
        invitation = invitations.read(token, at=now)
        is_theirs = isinstance(user, User) and user.email == invitation.email
        if request.method == "POST":
            if not TRIES.allow(rate_limit.client_address(request)):
                raise invitations.DeadLink("")
            if isinstance(user, User) and user.is_authenticated:
                invitations.accept(token, by=user, at=now)
                get_adapter().login(request, user)  # a new role ends the sessions from before
                return redirect("municipality:own")
            invitations.account_for(invitation)
            return to_code(request, token)
    except invitations.DeadLink as fault:
        status = 404 if str(fault) else 429
        return render(request, "stories/municipalities/dead_link.html", {"why": str(fault)}, status=status)
    context = {
        "invitation": invitation,
        "municipality": invitation.municipality,
        "is_theirs": is_theirs,
        "is_other": user.is_authenticated and not is_theirs,
        "hidden": known_address.hidden(invitation.email),
    }
    return render(request, "stories/municipalities/join.html", context)


def to_code(request: HttpRequest, token: str) -> HttpResponseRedirect:
    """Have a code sent to the address of an invitation, and come back here afterwards. The form is sent on as it is (307)."""
    back = f"{reverse('municipality:join', args=[token])}?{urlencode({known_address.NAMED: token})}"
    return HttpResponseRedirect(
        f"{reverse('account_request_login_code')}?{urlencode({'next': back})}", preserve_request=True
    )
