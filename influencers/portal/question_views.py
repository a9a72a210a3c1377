"""Questions that influencers bring, and what became of them."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bulletins.models import Bulletin, NotAllowed
from bulletins.reader_view import published_versions
from campaigns.models import Campaign
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from influencers.profiles import contact_person
from lib.text.languages.languages import page_language
from lib.text.numbers.whole_numbers import whole_number
from questions import intake
from questions.answers import published_answers
from questions.models import Question

from . import follower_questions
from .question_forms import AskForm


@require_safe
@influencer_required
def questions(request: PortalRequest) -> HttpResponse:
    """What the reader asked, what became of it, and what others wait for."""
    influencer, campaign, now = request.influencer, request.campaign, timezone.now()
    page = follower_questions.page(influencer, campaign, number=request.GET.get("page"), at=now)
    context = {
        "page": page,
        "contact": contact_person.contact_of(influencer, campaign),
        "ask": follower_questions.form_for(influencer, None, language=page_language(), at=now),
        "is_sent": "sent" in request.GET,
    }
    return render(request, "influencers/portal/questions/questions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@influencer_required
@sensitive_post_parameters()
def ask(request: PortalRequest) -> HttpResponse:
    """Bring a question."""
    influencer, campaign, now = request.influencer, request.campaign, timezone.now()
    if request.method != "POST":
        empty = follower_questions.form_for(influencer, None, language=page_language(), at=now)
        return render(request, "influencers/portal/questions/question_ask.html", {"ask": empty})
    form = AskForm(request.POST, campaign=campaign)
    status = 422
    if form.is_valid():
        data = dict(form.cleaned_data)
        number = data.pop("bulletin")
        if not follower_questions.may_ask(request.user, at=now):
            form.add_error(None, _("Not sent: you have sent many questions within an hour. Try again in an hour."))
            status = 429
        else:
            try:
                intake.submit_question(
                    campaign,
                    **data,
                    via=Question.Via.PORTAL,
                    relayed_by=influencer.recipient,
                    bulletin=published(campaign, number, at=now) if number else None,
                    at=now,
                )
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect(reverse("influencers:questions", query={"sent": "1"}))
    shown = follower_questions.Asking(form, whole_number(request.POST.get("bulletin")) or None)
    return render(request, "influencers/portal/questions/question_ask.html", {"ask": shown}, status=status)


def published(campaign: Campaign, number: int, *, at: datetime) -> Bulletin | None:
    """Return the bulletin of this number that readers know, or None."""
    versions = published_versions.versions_of(campaign, number, at=at)
    return versions[0].bulletin if versions else None


@require_safe
@influencer_required
def answer(request: PortalRequest, slug: str) -> HttpResponse:
    """A question with its answer: for people who asked before everyone may read it."""
    influencer, campaign, now = request.influencer, request.campaign, timezone.now()
    page = follower_questions.answer(influencer, campaign, slug, at=now)
    if page is None:
        raise Http404
    if page.is_public:
        return redirect("website:answer", slug)
    shown = published_answers.read_version(page.version, at=now) if page.version else None
    return render(request, "influencers/portal/questions/question.html", {"page": page, "shown": shown})


@influencer_required
@require_POST
def same(request: PortalRequest, pk: int) -> HttpResponse:
    """Say that the reader's followers want to know the same, or that they don't after all."""
    influencer, campaign, now = request.influencer, request.campaign, timezone.now()
    group = follower_questions.waiting_group(campaign, pk)
    if group is None:
        raise Http404
    if request.POST.get("undo"):
        intake.remove_asker(group, influencer.recipient)
    else:
        try:
            intake.add_asker(group, influencer.recipient, at=now)
        except NotAllowed as gone:
            raise Http404 from gone
    return redirect(reverse("influencers:questions") + f"#q{group.pk}")
