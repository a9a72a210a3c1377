"""
The page on which people answer, and where influencers take their link.

Who is logged in makes no difference to the questions, and nothing says who asked: what opens the page is in its address, and logs hold
the name of a route, never the address.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from impact.answer_pages import is_one_more_allowed, unseen
from impact.models import Survey
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from lib.http.form_origin import is_from_elsewhere
from lib.text.languages.languages import page_language

from . import answers, portal_card, survey_mails, tickets
from .answer_form import AnswerForm


@unseen
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show the questions to whoever was drawn, which uses nothing up since mail scanners follow links; take the answer."""
    survey = tickets.survey_of(token)
    if survey is None:
        return page(request, None, "unknown", status=404)
    if request.method != "POST" and survey.takes_answers(at=timezone.now()) and not tickets.holds(token):
        return page(request, survey, "used", status=410)
    return take(request, survey, token=token)


@unseen
@require_http_methods(["GET", "HEAD", "POST"])
def answer_public(request: HttpRequest, code: str) -> HttpResponse:
    """Show the questions to whoever has the link that influencers share; take the answer, some from one place."""
    survey = Survey.objects.select_related("campaign").filter(way=Survey.Way.PUBLIC, code=code).first()
    return take(request, survey) if survey else page(request, None, "unknown", status=404)


def take(request: HttpRequest, survey: Survey, *, token: str = "") -> HttpResponse:
    """Show the form of a survey, or take it in. What is missing keeps what is there."""
    now, language = timezone.now(), page_language()
    timezone.activate(survey.campaign.zone)
    if not survey.takes_answers(at=now):
        return page(request, survey, "closed", status=410)
    if request.method != "POST":
        return page(request, survey, "", form=AnswerForm(survey, language=language))
    if is_from_elsewhere(request):
        return page(request, survey, "elsewhere", status=403, form=AnswerForm(survey, language=language))
    form = AnswerForm(survey, request.POST, language=language)
    if not form.is_valid():
        return page(request, survey, "missing", status=422, form=form)
    if survey.is_public and not is_one_more_allowed(request, "survey", survey.pk):
        return page(request, survey, "too_many", status=429, form=form)
    try:
        answers.take(survey, form.answer(), language=language, token=token, at=now)
    except answers.AlreadyUsed:
        return page(request, survey, "used", status=410)
    except answers.Closed:
        return page(request, survey, "closed", status=410)
    return page(request, survey, "done")


def page(
    request: HttpRequest, survey: Survey | None, state: str, *, status: int = 200, form: AnswerForm | None = None
) -> HttpResponse:
    """Return the page in one of its states; "" is the form as it is first shown."""
    count = len(survey.questions) if survey else 0
    title = survey_mails.title_of(count) if survey else _("No such survey")
    context: dict[str, Any] = {"survey": survey, "state": state, "form": form, "count": count, "title": title}
    if survey:
        context |= {"closes_on": survey.closes_at and survey.campaign.local(survey.closes_at).date()}
    return render(request, "impact/surveys/answer.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@influencer_required
def mine(request: PortalRequest, pk: int) -> HttpResponse:
    """Tell an influencer of a survey that they were drawn for, and give them their link when they press for it."""
    survey = get_object_or_404(Survey.objects.select_related("campaign"), pk=pk, campaign=request.campaign)
    now = timezone.now()
    card = portal_card.card_of(survey, request.influencer.recipient_id, at=now)
    if card is None:
        raise Http404
    if request.method == "POST":
        token = portal_card.take_link(survey, request.influencer.recipient_id, at=now)
        if token:
            return redirect(reverse("surveys:answer", args=[token]))
        card = portal_card.card_of(survey, request.influencer.recipient_id, at=now)
    return render(request, "impact/surveys/mine.html", {"card": card})
