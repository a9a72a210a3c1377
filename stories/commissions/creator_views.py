"""The pages on which creators find paid work, apply, sign, deliver and see when they are paid. They log in by a code, as everyone does."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.desk_base.desk_user import user_of
from campaigns.http.middleware import campaign_or_404
from lib.text.languages.languages import language_heading
from stories.models import Commission, CommissionApplication, CommissionFile, Creator

from . import applications, briefs, disclosure, drafts, extensions, rights
from .commission_states import FROM_ACCEPTANCE_ON, NotDone, State
from .forms import AgreeForm, ApplyForm, DraftForm, SignForm, give_boxes

PER_PAGE = 20
Row = CommissionApplication.State
UNSEEN = (State.DRAFT, State.SUBMITTED)
creator_required = permission_required(briefs.TAKE, raise_exception=True)


@require_safe
@never_cache
@login_required
@creator_required
def own(request: HttpRequest) -> HttpResponse:
    """List the commissions for which anyone can apply, and those that the user has to do with; seven queries at most of its own."""
    campaign, user, now = campaign_or_404(request), user_of(request), timezone.now()
    mine = Commission.objects.of_creator(user).filter(campaign=campaign).exclude(state__in=UNSEEN)
    mine = mine.select_related("campaign")
    open_ones = Commission.objects.taking_applications(at=now).filter(campaign=campaign)
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    rows = CommissionApplication.objects.filter(creator__user=user, commission__in=list(page))
    how_far = {
        pk: (state, signed_at is not None)
        for pk, state, signed_at in rows.values_list("commission", "state", "agreement__creator_signed_at")
    }
    known = mine.values("pk")
    context = {
        "open_ones": list(open_ones.exclude(pk__in=known)[:PER_PAGE]),
        "page": page,
        "rows": [
            (one, status_of(one, row, has_signed), in_use(one, row, at=now))
            for one in page
            for row, has_signed in [how_far.get(one.pk, ("", False))]
        ],
    }
    return render(request, "stories/commissions/own.html", context)


def status_of(commission: Commission, row: str, has_signed: bool) -> str:
    """Return in words how far a commission is for somebody whose application is in a state, and who has signed or not."""
    if row == Row.PASSED:
        return _("Somebody else does it")
    if row == Row.DECLINED:
        return _("You declined")
    if row in {Row.ASKED, Row.APPLIED} and commission.state == State.OPEN:
        return _("You are asked") if row == Row.ASKED else _("You applied")
    says = {
        State.CHOSEN: _("You have signed, we sign next") if has_signed else _("Read and sign the agreement"),
        State.AGREED: _("You are working on it"),
        State.DELIVERED: _("Your draft is being looked at"),
        State.ACCEPTED: _("Accepted"),
        State.PUBLISHED: published_words(commission),
        State.PAID: _("Paid"),
        State.CANCELLED: _("Cancelled"),
        State.EXPIRED: _("Expired"),
    }
    return says.get(State(commission.state), commission.get_state_display())


def published_words(commission: Commission) -> str:
    """Return what became of a published work that is not paid in full, in words."""
    if commission.is_taken_down:
        return _("Taken down")
    return _("Rights ended") if commission.rights_over_at else _("Published")


def in_use(commission: Commission, row: str, *, at: datetime) -> str:
    """Return until when a work may be used, as a sentence for its creator, whose application is in the state `row`; "" before it is accepted."""
    is_theirs = row == Row.CHOSEN and commission.state in FROM_ACCEPTANCE_ON
    return rights.in_words(commission, at=at) if is_theirs else ""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@creator_required
def mine(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a commission to a creator, and take their next step."""
    commission = reached(request, pk)
    if request.method != "POST":
        return page(request, commission)
    step = next((name for name in STEPS if name in request.POST), None)
    if step is None:
        return page(request, commission, refusal=_("Nothing was chosen."), status=422)
    return STEPS[step](request, commission)


def reached(request: HttpRequest, pk: int) -> Commission:
    """Return a commission that is open to all creators, or that the user has to do with; 404 for others."""
    campaign, user = campaign_or_404(request), user_of(request)
    theirs = CommissionApplication.objects.filter(commission__campaign=campaign, creator__user=user)
    may = Q(pk__in=theirs.values("commission")) | Q(state=State.OPEN, is_open=True)
    rows: QuerySet[Commission] = Commission.objects.filter(may, campaign=campaign).exclude(state__in=UNSEEN)
    return get_object_or_404(rows.select_related("campaign"), pk=pk)


def page(
    request: HttpRequest, commission: Commission, *, refusal: str = "", form: Any = None, status: int = 200
) -> HttpResponse:
    """Return the page of a commission as its reader has to do with it."""
    user, now = user_of(request), timezone.now()
    row = commission.applications.filter(creator__user=user).select_related("creator").first()
    is_theirs = row is not None and row.state == Row.CHOSEN
    agreement = applications.agreement_of(commission) if is_theirs else None
    has_signed = agreement is not None and agreement.creator_signed_at is not None
    context: dict[str, Any] = {
        "commission": commission,
        "row": row,
        "refusal": refusal,
        "status_words": status_of(commission, row.state, has_signed) if row else open_words(commission, at=now),
        "lines": agreement.content["lines"] if agreement else applications.lines_of(commission),
        "agreement": agreement,
        "may_decline": may_decline(commission, row, agreement),
        "drafts": [],
        "payments": [],
    }
    if may_apply(commission, row, at=now):
        said = {"sentence": row.sentence, "link": row.link} if row else None
        context["apply_form"] = form or ApplyForm(initial=said)
    if is_theirs:
        context |= own_work(request, commission, agreement, form)
        context["in_use"] = in_use(commission, Row.CHOSEN, at=now)
    for name in ("apply_form", "sign_form", "draft_form", "agree_form"):
        if name in context:
            give_boxes(context[name])
    return render(request, "stories/commissions/mine.html", context, status=status)


def open_words(commission: Commission, *, at: datetime) -> str:
    """Return in words how far a commission is for somebody who has not applied."""
    return _("You can apply") if may_apply(commission, None, at=at) else commission.get_state_display().capitalize()


def may_apply(commission: Commission, row: CommissionApplication | None, *, at: datetime) -> bool:
    """Return whether somebody whose application is `row` can apply, or change what they wrote."""
    is_taking = commission.state == State.OPEN and commission.deadline > at
    is_taking = is_taking and (commission.apply_until is None or commission.apply_until > at)
    return is_taking and (row is None or row.state in {Row.ASKED, Row.APPLIED, Row.DECLINED})


def may_decline(commission: Commission, row: CommissionApplication | None, agreement: Any) -> bool:
    """Return whether somebody whose application is `row` can say no: until they have signed."""
    if row is None:
        return False
    if commission.state == State.OPEN:
        return row.state in {Row.ASKED, Row.APPLIED}
    return commission.state == State.CHOSEN and agreement is not None and agreement.creator_signed_at is None


def own_work(request: HttpRequest, commission: Commission, agreement: Any, form: Any) -> dict[str, Any]:
    """Return what the page shows to who does the work: what to sign or send, drafts with their feedback, payments and labels."""
    state = State(commission.state)
    shown: dict[str, Any] = {
        "drafts": list(commission.drafts.prefetch_related("files").order_by("-number")),
        "payments": list(commission.payments.filter(taken_back_at=None)),
    }
    if state == State.CHOSEN and agreement is not None and agreement.creator_signed_at is None:
        shown["sign_form"] = form or SignForm(initial={"credit": agreement.application.creator.name})
    if state == State.AGREED:
        shown["draft_form"] = form or DraftForm()
        shown["rounds_left"] = max(0, commission.rounds - sum(1 for one in shown["drafts"] if one.feedback))
    if state in FROM_ACCEPTANCE_ON:
        codes = commission.campaign.language_codes()
        shown |= longer_use(commission, form)
        shown |= {"labels": disclosure.table(codes), "label_heads": [language_heading(code) for code in codes]}
    return shown


def longer_use(commission: Commission, form: Any) -> dict[str, Any]:
    """Return what the creator agreed to about longer use of a work, and what they are asked; one query."""
    found = [one for one in extensions.extensions_of(commission) if one.waits or one.agreed_at]
    asked = {"agree_form": form or AgreeForm()} if any(one.waits for one in found) else {}
    return {"extensions": found, **asked}


def creator_here(request: HttpRequest) -> Creator:
    """Return the user as a creator of the campaign, or answer 404."""
    return get_object_or_404(
        Creator.objects.select_related("user"), campaign=campaign_or_404(request), user=user_of(request)
    )


def done(request: HttpRequest, commission: Commission, says: str) -> HttpResponse:
    """Say what was done, on the page of the commission."""
    messages.success(request, says)
    return redirect("commissions:mine", commission.pk)


def refused(request: HttpRequest, commission: Commission, why: object, form: Any = None) -> HttpResponse:
    """Say why a step was not taken; what was typed is kept where its form is still there."""
    return page(request, reached(request, commission.pk), refusal=str(why), form=form, status=409)


def apply_step(request: HttpRequest, commission: Commission) -> HttpResponse:
    """Apply."""
    form = ApplyForm(request.POST)
    if not form.is_valid():
        return page(request, commission, form=form, status=422)
    now = timezone.now()
    creator = briefs.creator_of(user_of(request), commission.campaign, at=now)
    try:
        applications.apply(commission, creator, **form.cleaned_data, at=now)
    except NotDone as refusal:
        return refused(request, commission, refusal)
    return done(request, commission, _("Sent. You hear from us either way."))


def decline_step(request: HttpRequest, commission: Commission) -> HttpResponse:
    """Say no."""
    try:
        applications.decline(commission, creator_here(request), at=timezone.now())
    except NotDone as refusal:
        return refused(request, commission, refusal)
    messages.success(request, _("Declined. Thank you for saying so."))
    return redirect("commissions:own")


def sign_step(request: HttpRequest, commission: Commission) -> HttpResponse:
    """Sign the agreement that was read."""
    form = SignForm(request.POST)
    if not form.is_valid():
        return page(request, commission, form=form, status=422)
    told = form.cleaned_data
    try:
        applications.sign_as_creator(
            commission,
            creator_here(request),
            digest=request.POST.get("digest", "")[:64],
            credit=told["credit"],
            in_ledger=told["in_ledger"],
            at=timezone.now(),
        )
    except NotDone as refusal:
        return refused(request, commission, refusal)
    return done(request, commission, _("Signed. We sign next, and you are told when you can begin."))


def deliver_step(request: HttpRequest, commission: Commission) -> HttpResponse:
    """Deliver a draft."""
    form = DraftForm(request.POST, request.FILES)
    if not form.is_valid():
        return page(request, commission, form=form, status=422)
    told, now = form.cleaned_data, timezone.now()
    try:
        drafts.deliver(
            commission, creator_here(request), note_text=told["note"], link=told["link"], files=form.drawn, at=now
        )
    except NotDone as refusal:
        return refused(request, commission, refusal)
    return done(request, commission, _("Sent. Whoever accepts it has been told."))


def agree_step(request: HttpRequest, commission: Commission) -> HttpResponse:
    """Agree to longer use."""
    form = AgreeForm(request.POST)
    if not form.is_valid():
        return page(request, commission, form=form, status=422)
    try:
        extensions.agree(
            commission, creator_here(request), digest=request.POST.get("digest", "")[:64], at=timezone.now()
        )
    except NotDone as refusal:
        return refused(request, commission, refusal)
    return done(request, commission, _("Agreed. Thank you."))


def decline_longer_step(request: HttpRequest, commission: Commission) -> HttpResponse:
    """Say no to longer use."""
    try:
        extensions.decline(commission, creator_here(request), at=timezone.now())
    except NotDone as refusal:
        return refused(request, commission, refusal)
    return done(request, commission, _("Declined. All stays as it was agreed."))


STEPS: dict[str, Callable[[HttpRequest, Commission], HttpResponse]] = {
    "apply": apply_step,
    "decline": decline_step,
    "sign": sign_step,
    "deliver": deliver_step,
    "agree_longer": agree_step,
    "decline_longer": decline_longer_step,
}


@require_safe
@never_cache
@login_required
@creator_required
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a picture of a draft to whoever sent it."""
    rows = CommissionApplication.objects.filter(creator__user=user_of(request), state=Row.CHOSEN)
    found = CommissionFile.objects.filter(
        pk=pk, draft__commission__in=rows.values("commission"), draft__commission__campaign=campaign_or_404(request)
    ).first()
    if found is None:
        raise Http404
    return drafts.picture(found)
