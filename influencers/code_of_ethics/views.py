"""The code of ethics: reading it, signing it again, and taking a signature back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from influencers.access.offline import cached_offline
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from influencers.profiles import preferences
from lib.text.languages.languages import page_language

from . import handbook as handbook_text
from . import lessons, signatures
from .forms import PointsForm


@require_safe
@influencer_required
def code_of_ethics(request: HttpRequest) -> HttpResponse:
    """The code of ethics, when the reader signed it, and what has changed since."""
    return shown(request)


@influencer_required
@require_POST
def sign(request: PortalRequest) -> HttpResponse:
    """Sign the code of ethics as it is now, each point ticked."""
    text = signatures.current(request.campaign, page_language())
    form = PointsForm(text, request.POST)
    if text is None or not form.is_valid():
        return shown(request, form)
    try:
        signatures.sign(request.influencer, text, form.points, at=timezone.now())
    except signatures.NotSigned as refusal:
        form.add_error(None, str(refusal))
        return shown(request, form)
    return redirect(reverse("influencers:code_of_ethics", query={"done": "signed"}))


@influencer_required
@require_POST
def withdraw(request: PortalRequest) -> HttpResponse:
    """Take a signature back."""
    signatures.withdraw(request.influencer, at=timezone.now())
    return redirect(reverse("influencers:code_of_ethics", query={"done": "withdrawn"}))


def shown(request: PortalRequest, form: PointsForm | None = None) -> HttpResponse:
    """Return the page, with 422 for a form that was refused."""
    page = signatures.page(request.influencer, request.campaign, language=page_language())
    told = {"language": page_language(), "influencer": request.influencer}
    series = lessons.series_of(lessons.CODE, request.campaign, **told)
    context = {
        "page": page,
        "form": form or PointsForm(page.text),
        "done": request.GET.get("done", ""),
        "series": series,
    }
    if context["done"] == "withdrawn":
        now = timezone.now()
        context["is_seated"] = bool(preferences.audiences_of(request.influencer, request.campaign, at=now))
    return render(request, "influencers/code_of_ethics/code_of_ethics.html", context, status=422 if form else 200)


@require_safe
@influencer_required
@cached_offline
def handbook(request: PortalRequest) -> HttpResponse:
    """The handbook."""
    page = handbook_text.page(request.influencer, request.campaign, language=page_language())
    told = {"language": page_language(), "influencer": request.influencer}
    series = lessons.series_of(lessons.HANDBOOK, request.campaign, **told)
    return render(request, "influencers/code_of_ethics/handbook.html", {"page": page, "series": series})
