"""Where a QR code leads: the page that tells what a code stands for, and the form to type one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import rate_limit
from campaigns.cards import check_codes
from campaigns.http.page_changes import cached_page
from campaigns.http.requests import CampaignRequest
from lib.text.characters import spoken_codes

from . import lookup

# Whoever tries codes from one place is told nothing any more for a while. What is kept of a page is shown all the same.
MISSES = {"most": 60, "seconds": 3600}
BUCKET = "check code"
TYPED = 40  # characters of what somebody typed that are shown again


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a picture, and lead to its page."""
    typed = request.GET.get("code", "")
    code = check_codes.read(typed)
    if code:
        return redirect("website:code", code)
    return not_known(request, typed, status=422 if typed.strip() else 200, is_wrong=bool(typed.strip()))


@require_safe
@cached_page()
def code(request: CampaignRequest, typed: str) -> HttpResponse:
    """Say who said what carries a code, when, whether it still holds and what replaced it. Nothing is kept of who asks."""
    given = check_codes.read(typed)
    if given != typed:
        return redirect("website:code", given) if given else not_known(request, typed)
    place = rate_limit.client_address(request)
    if rate_limit.is_used_up(BUCKET, place, most=MISSES["most"]):
        return not_known(request, typed, status=429, is_slowed=True)
    found = lookup.look_up(given, request.campaign, at=timezone.now())
    if found is None:
        rate_limit.allow(BUCKET, place, **MISSES)
        return not_known(request, typed)
    return render(request, "website/check_codes/code.html", found)


def not_known(request: HttpRequest, typed: str, *, status: int = 404, **more: Any) -> HttpResponse:
    """Return the page of a code that stands for nothing that anyone may see. It says of nothing that it is forged."""
    typed = typed[:TYPED]
    known = check_codes.read(typed)
    shown = spoken_codes.in_groups(known) if known else typed
    context = {"typed": shown, "is_unknown": status == 404, **more}
    return render(request, "website/check_codes/unknown.html", context, status=status)
