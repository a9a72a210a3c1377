"""The page on which people of municipalities ask the authorities, and read what became of it."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import rate_limit
from accounts.desk_base.desk_user import user_of
from bulletins.models import NotAllowed
from campaigns.http.middleware import campaign_or_404
from lib.text.languages.languages import page_language
from questions import intake, outcomes
from questions.answers import answer_workflow
from questions.models import Question
from stories.exchanges.members.member_access import member_required, municipalities_of

from .question_form import QuestionForm

ASKED_AN_HOUR = 20  # questions by one person
PER_PAGE = 20
LONGEST_CHANNEL = 40


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
@sensitive_post_parameters()
def questions(request: HttpRequest) -> HttpResponse:
    """Ask (POST); show the form, and what the reader's municipalities have asked with what became of it."""
    campaign, now, user = campaign_or_404(request), timezone.now(), user_of(request)
    bodies = municipalities_of(request, campaign)
    if not bodies.exists():
        raise PermissionDenied
    is_sent, status = request.method == "POST", 200
    form = QuestionForm(campaign, bodies, request.POST if is_sent else None, language=page_language())
    if is_sent:
        status = 422
        if campaign.closed_at is not None:
            form.add_error(None, _("Not sent: the campaign has ended."))
        elif form.is_valid():
            if not rate_limit.allow("question", f"user {user.pk}", most=ASKED_AN_HOUR, seconds=3600, at=now):
                form.add_error(None, _("Not sent: you have asked a lot within an hour. Try again later."))
                status = 429
            elif send(request, form):
                return redirect(reverse("municipal_questions:questions") + "?sent")
    rows = Question.objects.filter(campaign=campaign, asked_by__municipalities__municipality__in=bodies).distinct()
    rows = rows.select_related("group__answer__current_version").order_by("-asked_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [(one, is_public(one, at=now)) for one in (outcomes.mine_of(each, at=now) for each in page)],
        "is_thanked": "sent" in request.GET,
    }
    return render(request, "website/municipal_questions/questions.html", context, status=status)


def is_public(one: outcomes.Mine, *, at: datetime) -> bool:
    """Return whether anyone may read the answer to a question: those who asked read it first."""
    return one.version is not None and answer_workflow.is_public(one.version, at=at)


def send(request: HttpRequest, form: QuestionForm) -> bool:
    """Take a question in, and return whether it was; the form says why it was not."""
    told = form.cleaned_data
    try:
        intake.submit_question(
            campaign_or_404(request),
            told["text"],
            language=told["language"],
            via=Question.Via.MUNICIPALITY,
            relayed_by=None,
            asked_by=user_of(request),
            channel=str(told["municipality"])[:LONGEST_CHANNEL],
            times=told["times"] or 1,
            at=timezone.now(),
        )
    except NotAllowed as refusal:
        form.add_error("text", str(refusal))
        return False
    return True
