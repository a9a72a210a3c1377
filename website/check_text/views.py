"""The page on which anyone can check a text or a picture."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import rate_limit
from campaigns.http.requests import CampaignRequest
from lib.images import uploaded_images

from . import matcher, pictures
from .forms import CheckForm, PictureForm

CHECKS_AN_HOUR = 60  # from one place
PICTURE = "check_picture"  # the name of the button under the picture
TOO_MANY = gettext_lazy("Not checked: there were too many attempts from your network. Try again in an hour.")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables()
@sensitive_post_parameters()
def check(request: CampaignRequest) -> HttpResponse:
    """Tell what a text or a picture is of what we published. The text is written nowhere but into the answer, the picture nowhere."""
    if request.method != "POST":
        return shown(request)
    if not may_check(request):
        form = CheckForm(request.POST)
        form.add_error("text", TOO_MANY)
        return shown(request, form=form, status=429)
    return check_picture(request) if "picture" in request.FILES or PICTURE in request.POST else check_words(request)


def check_words(request: CampaignRequest) -> HttpResponse:
    """Tell which bulletins and fact-checks a text is like."""
    form = CheckForm(request.POST)
    if not form.is_valid():
        return shown(request, form=form, status=422)
    campaign, text = request.campaign, form.cleaned_data["text"]
    found = matcher.recognise(campaign, text, at=timezone.now()) if campaign else matcher.Recognition()
    return shown(request, form=form, found=found, is_checked=True)


def check_picture(request: CampaignRequest, **context: Any) -> HttpResponse:
    """Tell whether a picture is ours, whether it was changed, and whether what it says still holds."""
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        return shown(request, picture_form=form, status=422, **context)
    try:
        seen = pictures.examine(form.cleaned_data["picture"], at=timezone.now())
    except uploaded_images.Unusable as fault:
        form.add_error("picture", str(fault))
        return shown(request, picture_form=form, status=422, **context)
    return shown(request, picture_form=form, seen=seen, **context)


def check_shared(request: CampaignRequest, words: str) -> HttpResponse:
    """Tell the same of a picture that another app has shared; the words beside it wait to be checked."""
    text = CheckForm(initial={"text": words})
    if not may_check(request):
        form = PictureForm(request.POST, request.FILES)
        form.add_error("picture", TOO_MANY)
        return shown(request, form=text, picture_form=form, status=429)
    return check_picture(request, form=text)


def may_check(request: CampaignRequest) -> bool:
    """Return whether something may be checked from where a request comes."""
    return rate_limit.allow("check", rate_limit.client_address(request), most=CHECKS_AN_HOUR, seconds=3600)


def shown(request: CampaignRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    """Return the page, with what was found."""
    forms = {"form": CheckForm(), "picture_form": PictureForm()}
    return render(request, "website/check_text/check.html", forms | context, status=status)
