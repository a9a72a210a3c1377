"""A campaign's prompts and what people sent, the form to send something, and the sender's link to take it back."""

from typing import Any
from uuid import uuid4

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import rate_limit
from accounts.access import campaign_roles
from accounts.login import second_factor
from accounts.models import User
from accounts.rate_limit import Limit
from campaigns.http.middleware import campaign_or_404
from campaigns.http.page_changes import cached_page
from campaigns.http.requests import CampaignRequest
from lib.text.languages.languages import language_heading
from stories.models import Contribution, Prompt

from . import contribution_steps, sender_links
from .contribution_form import ContributionForm
from .contribution_steps import MODERATE, NotDone

PER_PAGE = 24
# A class or a family behind one address; a whole network may send eight times as much.
FROM_ONE_PLACE = Limit("contribution", 10, 3600)
SUFFIX_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


@require_safe
@cached_page()
def prompts(request: CampaignRequest) -> HttpResponse:
    """List the campaign's prompts, the newest first."""
    now = timezone.now()
    rows = list(Prompt.objects.begun(request.campaign, at=now).select_related("campaign")) if request.campaign else []
    return render(request, "stories/contributions/prompts.html", {"rows": [(one, one.is_open(now)) for one in rows]})


@require_safe
@cached_page("page", "language")
def prompt(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what people sent to a prompt, the newest first, perhaps in one language only."""
    found = prompt_or_404(request, slug)
    shown = Contribution.objects.shown(found)
    codes = sorted(set(shown.order_by().values_list("language", flat=True)))
    language = request.GET.get("language", "")
    page = Paginator(shown.filter(language=language) if language in codes else shown, PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "prompt": found,
        "is_open": found.is_open(timezone.now()),
        "page": page,
        "language": language if language in codes else "",
        "sent_in": [(code, language_heading(code)) for code in codes] if len(codes) > 1 else [],
    }
    return render(request, "stories/contributions/prompt.html", context)


def prompt_or_404(request: HttpRequest, slug: str) -> Prompt:
    """Return a prompt that has begun, or answer 404."""
    campaign = campaign_or_404(request)
    found = get_object_or_404(Prompt.objects.begun(campaign, at=timezone.now()), slug=slug)
    found.campaign = campaign
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest, slug: str) -> HttpResponse:
    """Take in words or a picture from whoever wants to answer."""
    found, now = prompt_or_404(request, slug), timezone.now()
    if not found.is_open(now):
        return render(request, "stories/contributions/closed.html", {"prompt": found}, status=410)
    if request.method != "POST":
        return answer(request, found, ContributionForm(found))
    form = ContributionForm(found, request.POST, request.FILES)
    if form.is_trap_sprung:
        return redirect("contributions:prompt", slug)
    if not form.is_valid():
        return answer(request, found, form, status=422)
    if not rate_limit.allow_all([(FROM_ONE_PLACE, rate_limit.client_address(request))], at=now):
        return answer(request, found, form, status=429, too_many=True)
    if not form.draw():
        return answer(request, found, form, status=422)
    token = form.cleaned_data["token"] or uuid4().hex
    try:
        sent = contribution_steps.send(found, form.content(), form.drawn, token=token, at=now)
    except NotDone:
        return render(request, "stories/contributions/closed.html", {"prompt": found}, status=410)
    return redirect("contributions:sent", sender_links.token_of(sent))


def answer(
    request: HttpRequest, prompt: Prompt, form: ContributionForm, *, status: int = 200, too_many: bool = False
) -> HttpResponse:
    """Return the page of the form."""
    context = {"prompt": prompt, "form": form, "too_many": too_many}
    return render(request, "stories/contributions/send.html", context, status=status)


# --- The sender's link ----------------------------------------------------------------------------------


def of_token_or_404(request: HttpRequest, token: str) -> Contribution:
    """Return the contribution of the campaign that a link names, or answer 404."""
    found = sender_links.of_token(token)
    if found is None or found.prompt.campaign_id != campaign_or_404(request).pk:
        raise Http404
    return found


@never_cache
@require_safe
def sent(request: HttpRequest, token: str) -> HttpResponse:
    """Say thanks and what happens next, with the link to take it back."""
    found = of_token_or_404(request, token)
    return render(request, "stories/contributions/sent.html", {"contribution": found, "token": token})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Take a contribution back for its sender, once they have confirmed it."""
    found = of_token_or_404(request, token)
    if request.method == "POST":
        try:
            contribution_steps.withdraw(found, at=timezone.now())
        except NotDone:
            pass  # it is gone already, which is what they want
        return redirect("contributions:withdraw", token)
    is_gone = found.state in {Contribution.State.WITHDRAWN, Contribution.State.REMOVED}
    context = {"contribution": found, "is_gone": is_gone, "is_shown": found.state == Contribution.State.SHOWN}
    return render(request, "stories/contributions/withdraw.html", context)


# --- Pictures -------------------------------------------------------------------------------------------


@require_safe
def picture(request: HttpRequest, key: str) -> HttpResponseBase:
    """Hand out a picture: to everyone while it is shown, before that to whoever decides."""
    rows = Contribution.objects.filter(prompt__campaign=campaign_or_404(request), key=key).exclude(picture="")
    found = get_object_or_404(rows.select_related("prompt"))
    if found.state != Contribution.State.SHOWN and not may_decide(request, found):
        raise Http404
    name = found.picture.name or ""
    kind = SUFFIX_TYPES.get(name[name.rfind(".") :], "application/octet-stream")
    response = FileResponse(found.picture.open(), content_type=kind)
    patch_cache_control(response, private=True, max_age=0, must_revalidate=True)
    return response


def may_decide(request: HttpRequest, contribution: Contribution) -> bool:
    """Return whether whoever asks decides what is shown."""
    user: Any = request.user
    if not isinstance(user, User) or not second_factor.may_enter_desk(request):
        return False
    holders = campaign_roles.holders(MODERATE, contribution.prompt.campaign_id)
    return user.has_perm(MODERATE) or holders.filter(user=user).exists()
