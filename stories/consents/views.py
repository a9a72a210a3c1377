"""The page of one consent, which whoever has its link opens without a login: sign it, or take it back. A scanner's GET does neither."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import rate_limit
from lib.text.languages.languages import site_language

from . import consent_steps

TRIES = rate_limit.Limit("story consent", most=60, seconds=3600)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def consent(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is agreed to, sign it or take it back."""
    try:
        row = consent_steps.named_by(token)
    except consent_steps.DeadLink as fault:
        return render(request, "stories/consents/gone.html", {"why": str(fault)}, status=404)
    language, keeper = site_language(get_language() or ""), consent_steps.keeper_of(row, request.user)
    error, status, guardian = "", 200, ""
    if request.method == "POST":
        if not TRIES.allow(rate_limit.client_address(request)):
            return render(request, "stories/consents/gone.html", {"is_busy": True}, status=429)
        now, guardian = timezone.now(), request.POST.get("guardian", "")[:500]
        try:
            if request.POST.get("do") == "take-back":
                consent_steps.take_back(row, by=keeper, at=now)
            else:
                consent_steps.sign(row, language=language, guardian=guardian, by=keeper, at=now)
        except consent_steps.NotDone as refusal:
            error, status = str(refusal), 422
        else:
            return redirect("consents:consent", token)
    words = row.agreed_to if row.holds else consent_steps.text_of(row, language)
    context = {
        "consent": row,
        "words": words.split("\n"),
        "said_in": row.language if row.holds else language,
        "error": error,
        "guardian": guardian,
        "may_sign": keeper is None or row.withdrawn_at is None,
    }
    return render(request, "stories/consents/consent.html", context, status=status)
