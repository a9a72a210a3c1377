"""The page on which anyone can check a text."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import rate_limit
from campaigns.http.requests import CampaignRequest

from . import matcher
from .forms import CheckForm

CHECKS_AN_HOUR = 60  # from one place


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables()
@sensitive_post_parameters()
def check(request: CampaignRequest) -> HttpResponse:
    """Tell which bulletins and fact-checks a text is like. The text is written nowhere but into the answer."""
    campaign = request.campaign
    if request.method != "POST":
        return render(request, "website/check_text/check.html", {"form": CheckForm()})
    form = CheckForm(request.POST)
    if not rate_limit.allow("check", rate_limit.client_address(request), most=CHECKS_AN_HOUR, seconds=3600):
        form.add_error("text", _("Not checked: there were too many attempts from your network. Try again in an hour."))
        return render(request, "website/check_text/check.html", {"form": form}, status=429)
    if not form.is_valid():
        return render(request, "website/check_text/check.html", {"form": form}, status=422)
    text = form.cleaned_data["text"]
    found = matcher.recognise(campaign, text, at=timezone.now()) if campaign else matcher.Recognition()
    return render(request, "website/check_text/check.html", {"form": form, "found": found, "is_checked": True})
