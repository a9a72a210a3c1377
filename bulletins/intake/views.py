"""The pages of people who give message input."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bulletins.models import InputAttachment, NotAllowed
from campaigns.http.middleware import campaign_or_404
from lib.text.numbers.whole_numbers import whole_number

from . import input_attachments, queries, submissions
from .forms import AnswerForm, Sending, new_name

PER_PAGE = 20

contributor_required = permission_required("bulletins.submit_messageinput", raise_exception=True)


@require_safe
@never_cache
@login_required
@contributor_required
def inputs(request: HttpRequest) -> HttpResponse:
    """List what the user's authorities have sent in, and what became of each."""
    campaign = campaign_or_404(request)
    found = queries.inputs_of(request.user, campaign, at=timezone.now())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "bulletins/intake/inputs.html", {"page": page})


@never_cache
@login_required
@contributor_required
def submit_input(request: HttpRequest) -> HttpResponse:
    """Take in a message input. A button that asks for one more row gets the form again, with all that was typed."""
    campaign = campaign_or_404(request)
    if request.method != "POST":
        earlier = None
        if pk := whole_number(request.GET.get("update", "")):
            earlier = get_object_or_404(queries.inputs_of(request.user, campaign, at=timezone.now()), pk=pk)
        sending = Sending(campaign, request.user, update_of=earlier)
        return render(request, "bulletins/intake/submit_input.html", {"sending": sending, "update_of": earlier})
    if more := request.POST.get("more", ""):
        again = Sending(campaign, request.user, request.POST, more=more)
        return render(request, "bulletins/intake/submit_input.html", {"sending": again, "more": more})
    sending = Sending(campaign, request.user, request.POST, request.FILES)
    if sending.is_valid():
        try:
            created = submissions.submit(campaign=campaign, by=request.user, at=timezone.now(), **sending.content())
        except submissions.ContentConflict as refusal:
            sending.form.data = request.POST.copy()
            sending.form.data["external_id"] = new_name()
            says = _(
                "This form has already been sent, as %(reference)s. To send its current contents as a "
                "new one, press again."
            )
            sending.form.add_error(None, says % {"reference": refusal.first.reference})
        except NotAllowed as refusal:
            sending.form.add_error(None, str(refusal))
        else:
            return redirect("intake:input_sent", created.pk)
    return render(request, "bulletins/intake/submit_input.html", {"sending": sending}, status=422)


@require_safe
@never_cache
@login_required
@contributor_required
def input_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a message input has arrived, and what happens next."""
    own = queries.inputs_of(request.user, campaign_or_404(request), at=timezone.now())
    return render(request, "bulletins/intake/input_sent.html", {"input": get_object_or_404(own, pk=pk)})


@never_cache
@login_required
@contributor_required
def message_input(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one message input, what became of it step by step, and the editor's question with room for the answer."""
    now = timezone.now()
    own = queries.inputs_of(request.user, campaign_or_404(request), at=now)
    found = get_object_or_404(
        own.prefetch_related("sources", "regions", "topics", "facts__source", "attachments"), pk=pk
    )
    form = AnswerForm(request.POST if request.method == "POST" else None)
    context = {"input": found, "form": form, "now": now}
    if request.method == "POST" and form.is_valid():
        try:
            submissions.answer_question(found, by=request.user, at=now, answer=form.cleaned_data["answer"])
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Your answer has been received. The editor will continue with it."))
            return redirect("intake:input", found.pk)
    context["steps"] = queries.steps_of(found, at=now)
    return render(request, "bulletins/intake/input.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@never_cache
@login_required
@contributor_required
def input_attachment(request: HttpRequest, pk: int, attachment: int) -> FileResponse:
    """Hand out a file that came with a message input of the user's own authorities."""
    own = queries.inputs_of(request.user, campaign_or_404(request), at=timezone.now())
    found = get_object_or_404(InputAttachment, pk=attachment, input=get_object_or_404(own, pk=pk))
    return input_attachments.hand_out(found)
