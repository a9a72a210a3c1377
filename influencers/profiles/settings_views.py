"""What influencers choose for themselves, their own data, and the way out."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from delivery.models import Consent
from delivery.transports import channels
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from lib.http.posted_forms import posted_from
from lib.text.languages.languages import page_language

from . import call_numbers, data_export, offboarding, preferences, profile
from .form_options import ANOTHER_CONSENT, OPENS_CONSENT
from .forms import ELSEWHERE, ProfileForm
from .settings_forms import BreakForm, CallForm, LanguageForm, LeaveForm, PaceForm, SnoozeForm

# What a browser keeps of the portal goes too.
FORGET = '"cache", "storage"'


@require_safe
@influencer_required
def settings(request: HttpRequest) -> HttpResponse:
    """Everything that can be chosen, and what holds now."""
    return shown(request)


def shown(request: PortalRequest, bound: Any = None) -> HttpResponse:
    """Return the page: with a form that was refused, 422 and everything as it was typed."""
    influencer, campaign, now = request.influencer, request.campaign, timezone.now()
    chosen = preferences.choices(influencer, campaign, at=now)
    forms = {
        "language": LanguageForm(campaign, initial={"language": chosen.language, "easy": chosen.prefers_easy}),
        "pace": PaceForm(initial={"pace": chosen.pace}),
        "break": BreakForm(initial={"days": 0}),
        "snooze": SnoozeForm(chosen),
        "calls": CallForm(initial=call_numbers.known(influencer)),
    }
    if bound is not None:
        forms[next(name for name, form in forms.items() if type(form) is type(bound))] = bound
    resting = [topic for topic in chosen.topics if topic.pk in chosen.snoozed]
    context = {
        "chosen": chosen,
        "forms": forms,
        "resting": [(topic, chosen.snoozed[topic.pk]) for topic in resting],
        "is_saved": "saved" in request.GET and bound is None,
        "tracking_words": OPENS_CONSENT,
        "another_words": ANOTHER_CONSENT,
        "has_channels": bool(channels.beside_mail(campaign)),
    }
    return render(request, "influencers/profiles/settings.html", context, status=200 if bound is None else 422)


def saved(code: str | None = None) -> HttpResponse:
    """Return to the page, in another language if one was chosen, saying that it is done."""
    with override(code or page_language()):
        return redirect(reverse("influencers:settings", query={"saved": "1"}))


def save_settings(
    request: HttpRequest, form: Any, deed: Callable[[], None], language: str | None = None
) -> HttpResponse:
    """Do what a valid form asks for; show the page again when the domain refuses."""
    try:
        deed()
    except preferences.NotPossible as refusal:
        form.add_error(None, str(refusal))
        return shown(request, form)
    return saved(language)


@influencer_required
@posted_from("influencers:settings")
def language(request: PortalRequest) -> HttpResponse:
    """Choose the language of mail and pages, and whether in easy language."""
    form = LanguageForm(request.campaign, request.POST)
    if not form.is_valid():
        return shown(request, form)
    code, easy = form.cleaned_data["language"], form.cleaned_data["easy"]
    return save_settings(
        request,
        form,
        lambda: preferences.set_language(request.influencer, code, prefers_easy=easy, at=timezone.now()),
        code,
    )


@influencer_required
@posted_from("influencers:settings")
def pace(request: PortalRequest) -> HttpResponse:
    """Choose how often mail comes."""
    form = PaceForm(request.POST)
    if not form.is_valid():
        return shown(request, form)
    influencer, campaign = request.influencer, request.campaign
    wanted = form.cleaned_data["pace"]
    return save_settings(request, form, lambda: preferences.set_pace(influencer, campaign, wanted, at=timezone.now()))


@influencer_required
@posted_from("influencers:settings")
def rest(request: PortalRequest) -> HttpResponse:
    """Begin or end a break."""
    form = BreakForm(request.POST)
    if not form.is_valid():
        return shown(request, form)
    influencer, campaign = request.influencer, request.campaign
    number = form.cleaned_data["days"]
    return save_settings(request, form, lambda: preferences.take_break(influencer, campaign, number, at=timezone.now()))


@influencer_required
@posted_from("influencers:settings")
@sensitive_post_parameters()
def calls(request: PortalRequest) -> HttpResponse:
    """Give the number for calls about what is urgent, or take it back."""
    form = CallForm(request.POST)
    if not form.is_valid():
        return shown(request, form)
    number, at_night = form.cleaned_data["number"], form.cleaned_data["at_night"]
    return save_settings(
        request,
        form,
        lambda: call_numbers.give(request.influencer, number, at_night=at_night, at=timezone.now()),
    )


@influencer_required
@posted_from("influencers:settings")
def snooze(request: PortalRequest) -> HttpResponse:
    """Let a topic rest."""
    influencer, campaign, now = request.influencer, request.campaign, timezone.now()
    form = SnoozeForm(preferences.choices(influencer, campaign, at=now), request.POST)
    if not form.is_valid():
        return shown(request, form)
    topic, number = form.cleaned_data["topic"], form.cleaned_data["days"]
    return save_settings(request, form, lambda: preferences.snooze(influencer, campaign, topic, number, at=now))


@influencer_required
@posted_from("influencers:settings")
def wake(request: PortalRequest, topic: int) -> HttpResponse:
    """Have mail about a topic again."""
    influencer, campaign = request.influencer, request.campaign
    form = SnoozeForm(preferences.choices(influencer, campaign, at=timezone.now()), {"topic": topic})
    return save_settings(request, form, lambda: preferences.snooze(influencer, campaign, topic, 0, at=timezone.now()))


@influencer_required
@posted_from("influencers:settings")
def tracking(request: PortalRequest) -> HttpResponse:
    """Give or take back consent to open tracking."""
    return save_consent(request, Consent.Purpose.OPEN_TRACKING)


@influencer_required
@posted_from("influencers:settings")
def another_crisis(request: PortalRequest) -> HttpResponse:
    """Give or take back consent to be asked in another crisis."""
    return save_consent(request, Consent.Purpose.ANOTHER_CRISIS)


def save_consent(request: PortalRequest, purpose: str) -> HttpResponse:
    """Keep the yes or no to a purpose that a form sends."""
    allowed = request.POST.get("allowed") == "yes"
    preferences.set_consent(request.influencer, purpose, allowed, language=page_language(), at=timezone.now())
    return saved()


@require_http_methods(["GET", "HEAD", "POST"])
@influencer_required
@sensitive_post_parameters()
def details(request: PortalRequest) -> HttpResponse:
    """What the reader has said of themselves, to be corrected."""
    influencer, campaign = request.influencer, request.campaign
    known = {"region": ELSEWHERE} | profile.known_details(influencer)
    form = ProfileForm(campaign, request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        told = form.profile_values(language=influencer.recipient.language)
        try:
            profile.change(influencer, told, at=timezone.now())
        except profile.NotChanged as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect(reverse("influencers:settings_details", query={"saved": "1"}))
    context = {"form": form, "is_saved": "saved" in request.GET and not form.is_bound}
    return render(request, "influencers/profiles/details.html", context, status=422 if form.is_bound else 200)


@require_safe
@influencer_required
def data(request: PortalRequest) -> HttpResponse:
    """Everything that is known about the reader, as a file."""
    known = data_export.own_data(request.influencer, at=timezone.now())
    response = JsonResponse(known, encoder=DjangoJSONEncoder, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@influencer_required
def leave(request: PortalRequest) -> HttpResponse:
    """Ask on GET; leave, or be erased, on POST."""
    form = LeaveForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "influencers/profiles/leave.html", {"form": form}, status=status)
    deed = offboarding.erase if form.cleaned_data["how"] == "erase" else offboarding.leave
    influencer = request.influencer
    told = {"how": form.cleaned_data["how"]} | ({"stays": "1"} if offboarding.elsewhere(influencer) else {})
    deed(influencer, by=influencer.user, at=timezone.now())
    logout(request)
    response = redirect(reverse("influencers:gone", query=told))
    response["Clear-Site-Data"] = FORGET
    return response


@require_safe
def gone(request: HttpRequest) -> HttpResponse:
    """Say goodbye. Anyone may read it."""
    context = {"is_erased": request.GET.get("how") == "erase", "stays": "stays" in request.GET}
    return render(request, "influencers/profiles/gone.html", context)
