"""The public pages of bulletins and answers, and the pages of those who give message input."""

import posixpath

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
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

from . import attaching, reading, receiving, recognising
from .forms import AnswerForm, CheckForm, Sending, new_name
from .models import InputAttachment, NotAllowed

PER_PAGE = 20
CHECKS_AN_HOUR = 60  # from one place
PRIVATE_FOLDERS = ("inputs/", "sightings/", "imports/")


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
    page = Paginator(reading.answers_of(campaign, at=now), PER_PAGE).get_page(request.GET.get("page"))
    rows = [reading.read_answer(answer, at=now) for answer in page]
    return render(request, "bulletins/answers.html", {"page": page, "rows": rows})


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
def asset_file(request: HttpRequest, name: str) -> FileResponse:
    """Hand out a picture, video or subtitle file: to everyone once it is published, to editors before."""
    if posixpath.normpath(name).startswith(PRIVATE_FOLDERS):
        raise Http404  # what came with a message input or a report has a view of its own
    allowed = reading.asset_is_public(name, at=timezone.now()) or request.user.has_perm("bulletins.view_asset")
    if not allowed or not default_storage.exists(name):
        raise Http404
    try:
        file = default_storage.open(name)
    except OSError as fault:  # a folder
        raise Http404 from fault
    return FileResponse(file, as_attachment=True, filename=name.rsplit("/", 1)[-1])


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
