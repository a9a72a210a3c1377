"""Harassment: one tap tells a person; words may follow."""

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from bulletins.models import Version
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from lib.text.numbers.whole_numbers import whole_number

from . import harassment
from .harassment import harassed as panel_of


class HarassmentForm(forms.Form):
    """What someone can tell; all of it may be left out."""

    in_danger = forms.BooleanField(label=_("I have been threatened, or I am afraid for my safety"), required=False)
    words = forms.CharField(
        label=_("What happened"),
        required=False,
        max_length=harassment.LONGEST,
        widget=forms.Textarea(attrs={"class": "input", "rows": 4}),
    )
    url = forms.URLField(
        label=_("Address of the post or message"),
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "input", "inputmode": "url"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@influencer_required
def harassed(request: PortalRequest) -> HttpResponse:
    """Tell that one is harassed (a POST, with words or without), or see who has it, what to do, and tell more."""
    if request.method != "POST":
        return page(request, HarassmentForm())
    influencer = request.influencer
    version = version_of(request)
    form = HarassmentForm(request.POST)
    is_valid = form.is_valid()
    # It is told even when a field is wrong: nobody has to get a form right to be helped.
    harassment.report(
        influencer,
        at=timezone.now(),
        words=request.POST.get("words", ""),
        url=form.cleaned_data.get("url", ""),
        in_danger=bool(request.POST.get("in_danger")),
        version=version,
    )
    return redirect("influencers:harassed") if is_valid else page(request, form, status=422)


def version_of(request: PortalRequest) -> Version | None:
    """Return the published version that the report is about, None when it names none of this campaign."""
    key = request.POST.get("version", "")
    if not key:
        return None
    if not whole_number(key):
        raise Http404
    published = Version.objects.published(at=timezone.now()).filter(bulletin__campaign=request.campaign)
    return published.filter(pk=whole_number(key)).first()


def page(request: PortalRequest, form: HarassmentForm, *, status: int = 200) -> HttpResponse:
    """Return the page."""
    panel = panel_of(request.influencer, request.campaign)
    context = {"form": form, "harassed": panel, "is_taken_back": "taken-back" in request.GET and not panel.report}
    return render(request, "influencers/inbox/harassed.html", context, status=status)


@influencer_required
@require_POST
def report_withdrawn(request: PortalRequest) -> HttpResponse:
    """Take one's report back: it was an accident, or is over."""
    harassment.withdraw_report(request.influencer, at=timezone.now())
    return redirect(reverse("influencers:harassed", query={"taken-back": "1"}))
