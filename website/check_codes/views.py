"""Where a QR code leads: the page that tells what a code stands for, and the form to type one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import rate_limit
from bulletins.media import message_cards
from bulletins.models import Bulletin
from bulletins.reader_view import published_versions, statements
from bulletins.reader_view.statements import Fate
from campaigns import check_codes
from campaigns.http.page_changes import cached_page
from campaigns.http.requests import CampaignRequest
from campaigns.models import CheckCode
from lib.text.languages import page_language

# Whoever tries codes from one place is told nothing any more for a while. What is kept of a page is shown all the same.
MISSES = {"most": 60, "seconds": 3600}
BUCKET = "check code"
VERDICTS = {
    Fate.HOLDS: (_("Genuine and current"), "true"),
    Fate.EXPIRED: (_("Genuine, but no longer valid"), "clock"),
    Fate.REPLACED: (_("Genuine, but replaced"), "pencil"),
    Fate.DROPPED: (_("Genuine, but no longer said"), "pencil"),
    Fate.WITHDRAWN: (_("Withdrawn"), "false"),
}
OF_AN_EXERCISE = {Fate.WITHDRAWN: _("Withdrawn, from an exercise")}
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
    found = context_of(request, given)
    if found is None:
        rate_limit.allow(BUCKET, place, **MISSES)
        return not_known(request, typed)
    return render(request, "website/check_codes/code.html", found)


def not_known(request: HttpRequest, typed: str, *, status: int = 404, **more: Any) -> HttpResponse:
    """Return the page of a code that stands for nothing that anyone may see. It says of nothing that it is forged."""
    typed = typed[:TYPED]
    known = check_codes.read(typed)
    shown = check_codes.written(known) if known else typed
    context = {"typed": shown, "is_unknown": status == 404, **more}
    return render(request, "website/check_codes/unknown.html", context, status=status)


def context_of(request: CampaignRequest, given: str) -> dict[str, Any] | None:
    """Return what the page of a code shows; None for one that stands for nothing published."""
    now = timezone.now()
    row = CheckCode.objects.filter(code=given).first()
    if row is None or request.campaign is None or row.campaign_id != request.campaign.pk:
        return None
    bulletin = Bulletin.objects.filter(pk=row.subject, campaign=request.campaign).first()
    if bulletin is None:
        return None
    versions = published_versions.versions_of(request.campaign, bulletin.number, at=now)
    found = statements.statement_of(versions, row.statement, at=now)
    if found is None:
        return None
    words = found.newest.words
    verdict, icon = VERDICTS[found.fate]
    if words.is_exercise:
        verdict, icon = OF_AN_EXERCISE.get(found.fate, _("Genuine, from an exercise")), "clock"
    context = {
        "code": check_codes.written(given),
        "found": found,
        "verdict": verdict,
        "icon": icon,
        "look": "exercise" if words.is_exercise else found.fate,
        "number": bulletin.number,
        "issuer": words.in_language(page_language()).issuer,
        "regions": words.regions,
        "at": now,
        "canonical": reverse("website:code", args=[given]),
    }
    if found.spec:
        codes = check_codes.codes_of(row.kind, row.subject)
        context |= {
            "card": message_cards.card_of(found.newest.bulletin, found.spec),
            "alt_text": message_cards.alt_text(found.spec),
            "new_code": codes.get(found.spec.statement, ""),
            "elsewhere": [(one.language, codes[one.statement]) for one in found.elsewhere if one.statement in codes],
        }
    return context
