"""The public pages of bulletins and answers, and the pages of those who give message input."""

import posixpath

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limiting
from campaigns.middleware import campaign_or_404
from campaigns.models import ReadingLevel

from . import answering, asking, attaching, reading, receiving, recognising, videos, voids
from .answer_forms import AnswerWriting
from .forms import AnswerForm, CheckForm, Sending, new_name
from .models import Answer, AnswerStep, InputAttachment, NotAllowed, QuestionGroup

PER_PAGE = 20
MOST_QUOTED = 50  # of the followers' own words on a page
CHECKS_AN_HOUR = 60  # from one place
PRIVATE_FOLDERS = ("inputs/", "sightings/", "imports/", "conversations/")


def reader_language() -> str:
    """Return the code of the language that the page is in."""
    return (get_language() or "en").partition("-")[0]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the newest bulletin, what is true about claims in circulation, answers and older bulletins."""
    page = reading.front_page(request.campaign, language=reader_language(), at=timezone.now())  # type: ignore[attr-defined]
    return render(request, "bulletins/home.html", {"page": page})


@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """List every published bulletin, the newest first."""
    campaign, now = request.campaign, timezone.now()  # type: ignore[attr-defined]
    if campaign is None:
        return render(request, "bulletins/archive.html", {"page": None, "rows": []})
    page = Paginator(reading.listed(campaign, at=now), PER_PAGE).get_page(request.GET.get("page"))
    rows = reading.read_all(page.object_list, language=reader_language(), fallback=campaign.default_language, at=now)
    return render(request, "bulletins/archive.html", {"page": page, "rows": rows})


@require_safe
def bulletin(request: HttpRequest, number: int) -> HttpResponse:
    """Show what a bulletin says now."""
    return show_version(request, number, None)


@require_safe
def version(request: HttpRequest, number: int, version: int) -> HttpResponse:
    """Show what a bulletin said in an earlier version, and that it no longer does."""
    return show_version(request, number, version)


def show_version(request: HttpRequest, number: int, version_number: int | None) -> HttpResponse:
    """Show one version of a bulletin; the words of a withdrawn one are gone, in every version."""
    campaign, now = campaign_or_404(request), timezone.now()
    versions = reading.versions_of(campaign, number, at=now)
    if not versions:
        raise Http404
    current = versions[0]
    shown = current if version_number is None else next((v for v in versions if v.number == version_number), None)
    if shown is None:
        raise Http404
    if version_number == current.number:
        return redirect("bulletins:bulletin", number)
    context = {"number": number, "current": current, "versions": versions, "is_old": shown is not current}
    if current.is_retracted:
        return render(request, "bulletins/withdrawn.html", context)
    level = ReadingLevel.EASY if request.GET.get("level") == ReadingLevel.EASY else ReadingLevel.STANDARD
    what = reading.read(shown, language=reader_language(), fallback=campaign.default_language, at=now, level=level)
    if what is None:
        raise Http404
    claims = reading.claims_with(what, at=now)
    return render(request, "bulletins/bulletin.html", {**context, "reading": what, "claims": claims})


@require_safe
def answers(request: HttpRequest) -> HttpResponse:
    """List the authorities' answers with what is said in their videos."""
    campaign, now = request.campaign, timezone.now()  # type: ignore[attr-defined]
    if campaign is None:
        return render(request, "bulletins/answers.html", {"page": None, "rows": []})
    page = Paginator(reading.listed_answers(campaign, at=now), PER_PAGE).get_page(request.GET.get("page"))
    rows = [reading.read_answer(answer, at=now) for answer in page]
    return render(request, "bulletins/answers.html", {"page": page, "rows": rows})


@require_safe
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what an answer says now, who brought the question, and what changed."""
    return show_answer(request, slug, None)


@require_safe
def answer_version(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """Show what an answer said in an earlier version, and that it no longer does."""
    return show_answer(request, slug, version)


def show_answer(request: HttpRequest, slug: str, number: int | None) -> HttpResponse:
    """Show one version of an answer; the words of a withdrawn one are gone, in every version."""
    now = timezone.now()
    versions = reading.answer_versions(campaign_or_404(request), slug, at=now)
    shown = next((one for one in versions if number in {None, one.number}), None)
    if shown is None:
        raise Http404
    if number == versions[0].number or reading.is_gone(shown, versions):
        return redirect("bulletins:answer", slug)
    row = reading.read_version(shown, at=now)
    rows = [(one, reading.is_gone(one, versions)) for one in versions]
    context = {"row": row, "versions": rows, "current": versions[0], "is_old": shown is not versions[0]}
    return render(request, "bulletins/answer.html", context)


@require_safe
def answer_subtitles(request: HttpRequest, slug: str, version: int, language: str) -> HttpResponse:
    """Hand out the subtitles of a published answer's video in one language, as WebVTT."""
    versions = reading.answer_versions(campaign_or_404(request), slug, at=timezone.now())
    shown = next((one for one in versions if one.number == version), None)
    if shown is None or reading.is_gone(shown, versions):
        raise Http404
    text = (shown.content.get("subtitles") or {}).get(language)
    if not text:
        raise Http404
    return HttpResponse(text, content_type="text/vtt; charset=utf-8")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables()
@sensitive_post_parameters()
def check(request: HttpRequest) -> HttpResponse:
    """Tell which bulletins and fact-checks a text is like. The text is written nowhere but into the answer."""
    campaign = request.campaign  # type: ignore[attr-defined]
    if request.method != "POST":
        return render(request, "bulletins/check.html", {"form": CheckForm()})
    form = CheckForm(request.POST)
    if not form.is_valid():
        return render(request, "bulletins/check.html", {"form": form}, status=422)
    if not limiting.allow("check", limiting.place_of(request), most=CHECKS_AN_HOUR, seconds=3600):
        form.add_error("text", _("Not checked: there were too many tries from your network. Try again in an hour."))
        return render(request, "bulletins/check.html", {"form": form}, status=429)
    text = form.cleaned_data["text"]
    found = recognising.recognise(campaign, text, at=timezone.now()) if campaign else recognising.Recognition()
    return render(request, "bulletins/check.html", {"form": form, "found": found, "is_checked": True})


@require_safe
def asset_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Hand out a picture, video or subtitle file: to everyone once it is published, to editors before."""
    if posixpath.normpath(name).startswith(PRIVATE_FOLDERS):
        raise Http404  # what came with a message input or a report has a view of its own
    allowed = reading.asset_is_public(name, at=timezone.now()) or request.user.has_perm("bulletins.view_asset")
    if not allowed or not default_storage.exists(name):
        raise Http404
    if videos.OF_ANSWER.match(name):
        return videos.hand_out(request, name)
    try:
        file = default_storage.open(name)
    except OSError as fault:  # a folder
        raise Http404 from fault
    response = FileResponse(file)
    response["Content-Disposition"] = "attachment"  # without a name: a page that offers the file says what it is called
    return response


# --- Message input ---------------------------------------------------------------------------------

contributor_required = permission_required("bulletins.submit_messageinput", raise_exception=True)


@require_safe
@never_cache
@login_required(login_url="account_login")
@contributor_required
def inputs(request: HttpRequest) -> HttpResponse:
    """List what the user's authorities have sent in, and what became of each."""
    campaign = campaign_or_404(request)
    found = reading.inputs_of(request.user, campaign, at=timezone.now())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "bulletins/inputs.html", {"page": page})


@never_cache
@login_required(login_url="account_login")
@contributor_required
def submit_input(request: HttpRequest) -> HttpResponse:
    """Take in a message input. A button that asks for one more row gets the form again, with all that was typed."""
    campaign = campaign_or_404(request)
    if request.method != "POST":
        return render(request, "bulletins/submit_input.html", {"sending": Sending(campaign, request.user)})
    if more := request.POST.get("more", ""):
        again = Sending(campaign, request.user, request.POST, more=more)
        return render(request, "bulletins/submit_input.html", {"sending": again, "more": more})
    sending = Sending(campaign, request.user, request.POST, request.FILES)
    if sending.is_valid():
        try:
            created = receiving.submit(campaign=campaign, by=request.user, at=timezone.now(), **sending.content())
        except receiving.SaysOtherwise as refusal:
            sending.form.data = request.POST.copy()
            sending.form.data["external_id"] = new_name()
            says = _(
                "This form was sent before, as %(reference)s. To send what it says now as another one, press again."
            )
            sending.form.add_error(None, says % {"reference": refusal.first.reference})
        except NotAllowed as refusal:
            sending.form.add_error(None, str(refusal))
        else:
            return redirect("bulletins:input_sent", created.pk)
    return render(request, "bulletins/submit_input.html", {"sending": sending}, status=422)


@require_safe
@never_cache
@login_required(login_url="account_login")
@contributor_required
def input_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a message input has arrived, and what happens next."""
    own = reading.inputs_of(request.user, campaign_or_404(request), at=timezone.now())
    return render(request, "bulletins/input_sent.html", {"input": get_object_or_404(own, pk=pk)})


@never_cache
@login_required(login_url="account_login")
@contributor_required
def message_input(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one message input, what became of it step by step, and the editor's question with room for the answer."""
    now = timezone.now()
    own = reading.inputs_of(request.user, campaign_or_404(request), at=now)
    found = get_object_or_404(
        own.prefetch_related("sources", "regions", "topics", "facts__source", "attachments"), pk=pk
    )
    form = AnswerForm(request.POST if request.method == "POST" else None)
    context = {"input": found, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            receiving.answer_question(found, by=request.user, at=now, answer=form.cleaned_data["answer"])
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Your answer has arrived. The editor goes on with it."))
            return redirect("bulletins:input", found.pk)
    context["steps"] = reading.steps_of(found, at=now)
    return render(request, "bulletins/input.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@never_cache
@login_required(login_url="account_login")
@contributor_required
def input_attachment(request: HttpRequest, pk: int, attachment: int) -> FileResponse:
    """Hand out a file that came with a message input of the user's own authorities."""
    own = reading.inputs_of(request.user, campaign_or_404(request), at=timezone.now())
    found = get_object_or_404(InputAttachment, pk=attachment, input=get_object_or_404(own, pk=pk))
    return attaching.hand_out(found)


# --- Questions that authorities answer ---------------------------------------------------------------


@require_safe
@never_cache
@login_required(login_url="account_login")
@contributor_required
def questions_to_answer(request: HttpRequest) -> HttpResponse:
    """List the questions that were sent to the user's authorities, those that wait first."""
    campaign, now = campaign_or_404(request), timezone.now()
    found = asking.counted(voids.of_contributor(request.user, campaign))  # type: ignore[arg-type]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(group, voids.is_late(group, at=now)) for group in page]
    return render(request, "bulletins/questions_to_answer.html", {"page": page, "rows": rows})


@never_cache
@login_required(login_url="account_login")
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
        form = AnswerWriting(request.POST, request.FILES, group=group, answer=written, language=reader_language())
        status = 422
        if form.is_valid():
            try:
                save_answer(request, group, form)
            except answering.Changed as refusal:
                written = own_group(request, pk).answer
                form.compare(AnswerWriting(group=group, answer=written, language=reader_language()))
                form.add_error(None, str(refusal))
                status = 409
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
            else:
                says = _("Sent. The desk completes it in every language and has it approved.")
                messages.success(request, says if "send" in request.POST else _("Saved. Send it when it is ready."))
                return redirect("bulletins:to_answer", group.pk)
    else:
        form = AnswerWriting(group=group, answer=written, language=reader_language())
        status = 422 if request.method == "POST" else 200
    context = {
        "group": group,
        "written": written,
        "form": form,
        "writes": writes,
        "is_late": voids.is_late(group, at=timezone.now()),
        "questions": group.questions.order_by("-times", "pk").only("text", "language", "times")[:MOST_QUOTED],
        "sent_back": last_step(written),
    }
    return render(request, "bulletins/to_answer.html", context, status=status)


def own_group(request: HttpRequest, pk: int) -> QuestionGroup:
    """Return a group that was sent to the user's authority. Raise Http404 for any other."""
    own = asking.counted(voids.of_contributor(request.user, campaign_or_404(request)))  # type: ignore[arg-type]
    return get_object_or_404(own.select_related("campaign", "authority", "answer__standing"), pk=pk)


@transaction.atomic
def save_answer(request: HttpRequest, group: QuestionGroup, form: AnswerWriting) -> None:
    """
    Save what an authority wrote, with its video, and hand it over when it says so. Raise NotAllowed, and Changed also when
    somebody has begun the answer since the page was empty.
    """
    who = {"by": request.user, "at": timezone.now()}
    answer = answering.begin(group, **who)
    content, data = form.content(), form.cleaned_data
    if data["video"]:
        content.pop("video_url")
    answer = answering.save(answer, read=data["read"] or answering.unwritten(group), **content, **who)
    if data["no_video"]:
        answer = videos.remove(answer, **who)
    elif data["video"]:
        answer = videos.put(answer, data["video"], **who)
    if "send" in request.POST:
        answering.hand_over(answer, **who)


def last_step(answer: Answer | None) -> AnswerStep | None:
    """Return the step by which an answer was sent back or handed over, when it was the last that matters."""
    if answer is None:
        return None
    steps = answer.steps.filter(version=answering.version_of(answer)).exclude(kind=AnswerStep.Kind.EDITED, words="")
    return steps.order_by("-at", "-pk").first()


@require_safe
@never_cache
@login_required(login_url="account_login")
@contributor_required
def to_answer_video(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out the video of an answer in the making to those of its own authority."""
    written: Answer | None = getattr(own_group(request, pk), "answer", None)
    name = written.video.name if written and written.video else ""
    if not name or not default_storage.exists(name):
        raise Http404
    return videos.hand_out(request, name)
