"""The pages on which authorities answer questions."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bulletins.intake.views import contributor_required
from bulletins.models import NotAllowed
from campaigns.http.middleware import campaign_or_404
from lib.http import byte_ranges
from lib.text.languages.languages import page_language

from . import authority_requests, deadlines, intake
from .answers import answer_workflow, videos
from .forms import AnswerWriting
from .models import Answer, AnswerStep, QuestionGroup

PER_PAGE = 20
MOST_QUOTED = 50  # of the followers' own words on a page


@require_safe
@never_cache
@login_required
@contributor_required
def questions_to_answer(request: HttpRequest) -> HttpResponse:
    """List the questions that were sent to the user's authorities, those that wait first."""
    campaign, now = campaign_or_404(request), timezone.now()
    found = intake.counted(authority_requests.of_contributor(request.user, campaign))  # type: ignore[arg-type]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(group, deadlines.is_late(group, at=now)) for group in page]
    return render(request, "questions/questions_to_answer.html", {"page": page, "rows": rows})


@never_cache
@login_required
@contributor_required
def to_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a question in the followers' own words, never who asked, and take in the authority's answer."""
    group = own_group(request, pk)
    written: Answer | None = getattr(group, "answer", None)
    state = written.state if written else Answer.State.DRAFT
    writes = state in {Answer.State.DRAFT, Answer.State.IN_REVIEW} and group.state in {
        QuestionGroup.State.ASKED,
        QuestionGroup.State.ANSWERED,
    }
    if request.method == "POST" and writes:
        form = AnswerWriting(request.POST, request.FILES, group=group, answer=written, language=page_language())
        status = 422
        if form.is_valid():
            try:
                save_answer(request, group, form)
            except answer_workflow.Changed as refusal:
                written = own_group(request, pk).answer
                form.compare(AnswerWriting(group=group, answer=written, language=page_language()))
                form.add_error(None, str(refusal))
                status = 409
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
            else:
                says = _("Sent. The desk will complete it in every language and have it approved.")
                messages.success(request, says if "send" in request.POST else _("Saved. Send it when it is ready."))
                return redirect("questions:to_answer", group.pk)
    else:
        form = AnswerWriting(group=group, answer=written, language=page_language())
        status = 422 if request.method == "POST" else 200
    context = {
        "group": group,
        "written": written,
        "form": form,
        "writes": writes,
        "is_late": deadlines.is_late(group, at=timezone.now()),
        "questions": group.questions.order_by("-times", "pk").only("text", "language", "times")[:MOST_QUOTED],
        "sent_back": last_step(written),
    }
    return render(request, "questions/to_answer.html", context, status=status)


def own_group(request: HttpRequest, pk: int) -> QuestionGroup:
    """Return a group that was sent to the user's authority. Raise Http404 for any other."""
    own = intake.counted(authority_requests.of_contributor(request.user, campaign_or_404(request)))  # type: ignore[arg-type]
    return get_object_or_404(own.select_related("campaign", "authority", "answer__current_version"), pk=pk)


@transaction.atomic
def save_answer(request: HttpRequest, group: QuestionGroup, form: AnswerWriting) -> None:
    """
    Save what an authority wrote, with its video, and hand it over when it says so. Raise NotAllowed, and Changed also
    when someone has begun the answer since the page was empty.
    """
    who = {"by": request.user, "at": timezone.now()}
    answer = answer_workflow.begin(group, **who)
    content, data = form.content(), form.cleaned_data
    if data["video"]:
        content.pop("video_url")
    answer = answer_workflow.save(answer, read=data["read"] or answer_workflow.unwritten(group), **content, **who)
    if data["no_video"]:
        answer = videos.remove(answer, **who)
    elif data["video"]:
        answer = videos.store_video(answer, data["video"], **who)
    if "send" in request.POST:
        answer_workflow.hand_in(answer, **who)


def last_step(answer: Answer | None) -> AnswerStep | None:
    """Return the step by which an answer was sent back or handed over, when it was the last that matters."""
    if answer is None:
        return None
    steps = answer.steps.filter(version=answer_workflow.version_of(answer)).exclude(
        kind=AnswerStep.Kind.EDITED, words=""
    )
    return steps.order_by("-at", "-pk").first()


@require_safe
@never_cache
@login_required
@contributor_required
def to_answer_video(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out the video of an answer in the making to those of its own authority."""
    written: Answer | None = getattr(own_group(request, pk), "answer", None)
    name = written.video.name if written and written.video else ""
    if not name or not default_storage.exists(name):
        raise Http404
    return byte_ranges.hand_out(request, name)
