"""The desk's page of a bulletin's pretests, and what other pages of the bulletin show of them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.desk_base.desk_user import user_of
from bulletins.desk_additions import Addition
from bulletins.models import Bulletin
from impact.models import Pretest
from influencers.models import Influencer
from lib.text import markup
from lib.text.languages.languages import language_heading

from . import pretest_links, pretest_results, pretest_steps
from .desk_form import PretestForm

SHOWS = "impact.add_pretest"


def page_view(request: HttpRequest, pk: int, *, frame: dict[str, Any]) -> HttpResponse:
    """Show what came of a bulletin's pretests, beside the text; show the draft to a panel, or stop that."""
    bulletin = seen(request, pk)
    if request.method != "POST":
        return page(request, bulletin, frame)
    if not request.user.has_perm(SHOWS):
        raise PermissionDenied
    here = HttpResponseRedirect(reverse("admin:bulletins_bulletin_pretest", args=[bulletin.pk]))
    if "stop" in request.POST:
        for one in bulletin.pretests.running(at=timezone.now()):
            pretest_steps.end(one, by=user_of(request), at=timezone.now())
        messages.success(request, _("Stopped: the links show nothing any more."))
        return here
    form = PretestForm(bulletin.campaign, request.POST)
    if not form.is_valid():
        return page(request, bulletin, frame, form=form, status=422)
    given = {name: form.cleaned_data[name] for name in ("way", "size", "hours")}
    try:
        pretest_steps.show(
            bulletin,
            **given,
            people=form.people,
            digest=request.POST.get("digest", ""),
            by=user_of(request),
            at=timezone.now(),
        )
    except pretest_steps.NotShown as refusal:
        return page(request, bulletin, frame, form=form, refusal=str(refusal), status=409)
    messages.success(request, _("Shown. Answers appear here as they come."))
    return here


def summary_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Return what the page on which a bulletin is written shows of its pretests."""
    bulletin = seen(request, pk)
    context = {"bulletin": bulletin, "is_live": True, "addition": summary_of(bulletin)}
    return TemplateResponse(request, ADDITION.template, context)


def seen(request: HttpRequest, pk: int) -> Bulletin:
    """Return a bulletin for somebody who may see bulletins. Raise PermissionDenied or Http404."""
    if not request.user.has_perm("bulletins.view_bulletin"):
        raise PermissionDenied
    return get_object_or_404(Bulletin.objects.select_related("campaign").prefetch_related("campaign__languages"), pk=pk)


def summary_of(bulletin: Bulletin) -> dict[str, Any]:
    """Return what the pages of a bulletin say of its pretests."""
    found = pretest_results.of_bulletin(bulletin, at=timezone.now())
    result = found["result"]
    return {**found, "panel": pretest_results.panel_words(result.pretest) if result else ""}


def page(
    request: HttpRequest,
    bulletin: Bulletin,
    frame: dict[str, Any],
    *,
    form: PretestForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return the page, in the `frame` of the desk."""
    now, may_show = timezone.now(), request.user.has_perm(SHOWS)
    summary = summary_of(bulletin)
    result = summary["result"]
    context = {
        **frame,
        "addition": summary,
        "title": _("Pretest of bulletin %(bulletin)s") % {"bulletin": bulletin},
        "bulletin": bulletin,
        "form": form or PretestForm(bulletin.campaign),
        "refusal": refusal,
        "may_show": may_show,
        "why_not": pretest_steps.why_not(bulletin, user_of(request), at=now) if may_show else "",
        "digest": bulletin.content_digest() if may_show else "",
        "drafts": drafts_of(bulletin) if may_show else [],
        "links": links_of(result.pretest) if may_show and result and result.is_open else [],
        "people": people_of(request, result.pretest) if result and result.is_numbered else [],
    }
    return TemplateResponse(request, "impact/pretests/desk/pretest.html", context, status=status)


def drafts_of(bulletin: Bulletin) -> list[dict[str, Any]]:
    """Return what would be shown: each language with its title and text."""
    return [
        {"language": code, "name": language_heading(code), "title": text["title"], "html": markup.to_html(text["body"])}
        for code, text in pretest_results.texts_now(bulletin).items()
    ]


def links_of(pretest: Pretest) -> list[tuple[str, str]]:
    """Return the link for all in each language that is shown, with the name of the language."""
    if not pretest.is_by_link:
        return []
    return [(language_heading(code), pretest_links.address_of(pretest, language=code)) for code in pretest.texts]


def people_of(request: HttpRequest, pretest: Pretest) -> list[tuple[int, Influencer]]:
    """Return which number is whose, for whoever may see influencers: the number stands on a picture that got out."""
    if not request.user.has_perm("influencers.view_influencer"):
        return []
    numbers = dict(pretest.seats.values_list("recipient", "number"))
    people = Influencer.objects.filter(campaign=pretest.bulletin.campaign_id, recipient__in=numbers)
    return sorted(((numbers[one.recipient_id], one) for one in people), key=lambda row: row[0])


ADDITION = Addition("pretest_summary", gettext_lazy("Pretest"), "impact/pretests/desk/_summary.html", summary_of)
