"""Joining: the open form, the code, and invitations."""

import secrets
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import rate_limit
from accounts.login import second_factor
from accounts.models import User
from campaigns.http.ended import unless_ended
from campaigns.http.middleware import campaign_or_404
from influencers.access.portal_access import active_profile
from influencers.code_of_ethics import signatures
from influencers.models import Application, CodeOfEthics, Influencer
from influencers.profiles import preferences
from lib.text.languages.languages import page_language, site_language

from . import applications, confirmation, enrolment, invitations, join_codes, join_preview
from .forms import CodeForm, JoinForm, KnownJoinForm

BROWSER = "joining"  # where the session keeps the browser's secret
INVITED = "invitation"


@unless_ended
@require_safe
def look(request: HttpRequest) -> HttpResponse:
    """Show what one gets, before anything is asked: the first of three steps."""
    campaign, now = campaign_or_404(request), timezone.now()
    newest = join_preview.newest_that_holds(campaign, language=page_language(), at=now)
    text = signatures.current(campaign, page_language())
    return render(request, "influencers/onboarding/join_look.html", {"newest": newest, "text": text})


@never_cache
@unless_ended
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """The open form, filled in with what waits for its code in this browser, but for what is agreed to. Whoever is in already finds it when no bulletins come by mail any more: it is the way back."""
    campaign = campaign_or_404(request)
    mine = active_profile(request) if request.user.is_authenticated else None
    if mine and preferences.has_mail(mine):
        return redirect("influencers:home")
    text = signatures.current(campaign, page_language())
    data = request.POST if request.method == "POST" else None
    form: JoinForm
    if request.user.is_authenticated:
        form = KnownJoinForm(campaign, text, data, initial={"email": request.user.email})
    else:
        form = JoinForm(campaign, data)
    if data is not None:
        return taken_in(request, form, text)
    waiting = applications.application_of(campaign, request.session.get(BROWSER, ""))
    if waiting is not None and not form.is_known:
        form.initial = {**form.initial, **applications.typed_in(waiting)}
    return render(request, "influencers/onboarding/join.html", {"form": form, "text": text})


@never_cache
@unless_ended
@require_http_methods(["GET", "HEAD", "POST"])
def invited(request: HttpRequest, token: str) -> HttpResponse:
    """The form for someone who was invited, filled in with what is known. Their link proves the address it went to."""
    campaign, now = campaign_or_404(request), timezone.now()
    try:
        invitation = invitations.read(token, at=now)
    except invitations.DeadLink as refusal:
        return render(request, "influencers/onboarding/join_dead_link.html", {"refusal": refusal}, status=404)
    if invitation.influencer.campaign_id != campaign.pk:
        return render(request, "influencers/onboarding/join_dead_link.html", status=404)
    text = signatures.current(campaign, page_language())
    known = invitations.known_details(invitation)
    if request.method != "POST":
        form = KnownJoinForm(campaign, text, initial=known)
        return render(request, "influencers/onboarding/join.html", {"form": form, "text": text, "token": token})
    form = KnownJoinForm(campaign, text, request.POST, initial=known)
    email = form.cleaned_data["email"] if form.is_valid() else ""
    if email == known.get("email") and not enrolment.has_account(email):
        return enrolled(request, form, text, account=None, invitation=invitation.pk, token=token)
    return taken_in(request, form, text, invitation=invitation.pk, token=token)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def declined(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether someone shall never be written to again (GET), and see to it (POST)."""
    campaign_or_404(request)
    try:
        invitation = invitations.named_by(token)
        if request.method == "POST":
            invitations.decline(token, at=timezone.now())
    except invitations.DeadLink as refusal:
        return render(request, "influencers/onboarding/join_dead_link.html", {"refusal": refusal}, status=404)
    is_done = request.method == "POST" or invitation.declined_at is not None
    return render(request, "influencers/onboarding/join_declined.html", {"is_done": is_done})


@never_cache
@unless_ended
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Enter the code from the mail, and sign."""
    campaign = campaign_or_404(request)
    browser = request.session.get(BROWSER, "")
    application = applications.application_of(campaign, browser)
    if application is None:
        return unknown_browser(request)
    form = code_form(request, application, request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return shown_code(request, form, application)
    if form.is_valid():
        try:
            code, owner = form.cleaned_data["code"], owner_of(request, application.email)
            now = timezone.now()
            influencer = confirmation.confirm(
                campaign,
                browser=browser,
                code=code,
                place=rate_limit.client_address(request),
                at=now,
                account=owner,
                signed=form.signed(at=now),
            )
        except (join_codes.NotConfirmed, enrolment.NotEnrolled) as refusal:
            form.add_error("code", str(refusal))
        except confirmation.NothingToConfirm:
            return unknown_browser(request)
        else:
            return log_in(request, influencer)
    return shown_code(request, form, application, status=422)


@never_cache
@unless_ended
@require_http_methods(["GET", "HEAD"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """
    Show the button of the link from the mail, in the browser in which the form was filled in; it sends what the code does. Elsewhere,
    and when the link works no more, say where it goes on.
    """
    campaign = campaign_or_404(request)
    application = applications.application_of(campaign, request.session.get(BROWSER, ""))
    if application is None:
        return render(request, "influencers/onboarding/join_link_elsewhere.html")
    if not join_codes.is_link_of(application, token):
        return redirect("joining:confirm")
    return shown_code(request, code_form(request, application), application, link=request.build_absolute_uri())


@never_cache
@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    """Send a new code to the same address."""
    campaign = campaign_or_404(request)
    application = applications.application_of(campaign, request.session.get(BROWSER, ""))
    if application is None:
        return unknown_browser(request)
    try:
        applications.resend(application, place=rate_limit.client_address(request), at=timezone.now())
    except join_codes.TooManyCodes as refusal:
        return shown_code(request, code_form(request, application), application, too_many=refusal, status=429)
    return redirect(reverse("joining:confirm", query={"again": "1"}))


# --- Parts -----------------------------------------------------------------------------------------


def owner_of(request: HttpRequest, email: str) -> User | None:
    """Return who is logged in if the address is theirs: they have proven it."""
    user = request.user
    return user if isinstance(user, User) and user.email == email else None


def code_form(request: HttpRequest, application: Application, data: Any = None) -> CodeForm:
    """Return the form of the last step: without a code for who is logged in, without the signature for who has signed."""
    text = signatures.current(application.campaign, page_language())
    is_proven = owner_of(request, application.email) is not None
    return CodeForm(text, data, is_signed="signature" in application.answers, is_proven=is_proven)


def unknown_browser(request: HttpRequest) -> HttpResponse:
    """Say that this browser kept nothing of a form: its cookies are blocked or gone, or it was another browser."""
    return render(request, "influencers/onboarding/join_lost.html", status=404)


def taken_in(
    request: HttpRequest, form: JoinForm, text: CodeOfEthics | None, *, invitation: int | None = None, token: str = ""
) -> HttpResponse:
    """Keep a form that is right and lead to the page for its code; show one that is not, with all that was typed."""
    context: dict[str, Any] = {"form": form, "text": text, "token": token}
    if text is None or not form.is_valid():
        return render(request, "influencers/onboarding/join.html", context, status=422)
    now = timezone.now()
    if owner := owner_of(request, form.cleaned_data["email"]):
        return enrolled(request, form, text, account=owner, invitation=invitation, token=token)
    browser = secrets.token_urlsafe(24)
    try:
        applications.apply(
            form.campaign,
            email=form.cleaned_data["email"],
            language=form.cleaned_data["language"],
            answers=form.answers(at=now, invitation=invitation),
            browser=browser,
            place=rate_limit.client_address(request),
            at=now,
        )
    except join_codes.TooManyCodes as refusal:
        return render(request, "influencers/onboarding/join.html", context | {"too_many": refusal}, status=429)
    request.session[BROWSER] = browser
    return redirect("joining:confirm")


def enrolled(
    request: HttpRequest,
    form: JoinForm,
    text: CodeOfEthics | None,
    *,
    account: User | None,
    invitation: int | None,
    token: str,
) -> HttpResponse:
    """Enrol someone whose form is right and whose address is proven, and let them in; or show why not."""
    now = timezone.now()
    try:
        influencer = enrolment.enrol(
            form.campaign,
            email=form.cleaned_data["email"],
            language=form.cleaned_data["language"],
            answers=form.answers(at=now, invitation=invitation),
            source=INVITED if invitation else confirmation.SOURCE,
            at=now,
            account=account,
        )
    except enrolment.NotEnrolled as refusal:
        form.add_error("email", str(refusal))
        context = {"form": form, "text": text, "token": token}
        return render(request, "influencers/onboarding/join.html", context, status=422)
    return log_in(request, influencer)


def shown_code(
    request: HttpRequest, form: CodeForm, application: Any, *, status: int = 200, **more: Any
) -> HttpResponse:
    """Return the page for the code."""
    context = {"form": form, "email": application.email, "is_again": "again" in request.GET} | more
    context["is_proven"] = owner_of(request, application.email) is not None
    return render(request, "influencers/onboarding/join_code.html", context, status=status)


def log_in(request: HttpRequest, influencer: Influencer) -> HttpResponse:
    """
    Log someone in who has just joined, also who was and has another role now, and lead to the portal in their language.
    """
    request.session.pop(BROWSER, None)
    user = influencer.user
    assert user is not None
    if user != request.user:
        second_factor.note(request, user, "code")
    get_adapter().login(request, user)
    with override(site_language(user.language, page_language())):
        messages.success(
            request, _("Welcome, %(name)s. You have joined, and your signature is saved.") % {"name": influencer.name}
        )
        return HttpResponseRedirect(reverse("influencers:home"))
