"""The page on which influencers choose by which channels word reaches them, prove an address, and leave it."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from delivery.models import Channel, Wanted
from delivery.recipients import channel_addresses
from delivery.recipients.address_codes import NotPossible
from delivery.recipients.address_forms import READERS, NumberForm, QuietForm, as_read
from delivery.transports import channels
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from influencers.profiles import preferences
from lib.http.posted_forms import posted_from

from . import push_panel, shown_channels
from .forms import CodeForm, WantsForm

NOTHING = "nothing"  # in the address of the page: no choice was ticked in what was saved


@require_safe
@influencer_required
def choose(request: PortalRequest) -> HttpResponse:
    """Every channel, and what comes by it now."""
    return shown(request)


def shown(request: PortalRequest, **bound: Any) -> HttpResponse:
    """Return the page; with a form that was refused, by its name, 422 and everything as it was typed."""
    person, now = request.influencer.recipient, timezone.now()
    waiting = {one.channel: one for one in channel_addresses.waiting(person, at=now)}
    provable = [one for one in channels.beside_mail(request.campaign) if one in READERS]
    mailed = preferences.mailed(request.influencer)
    context: dict[str, Any] = {
        "has_mail": Wanted.BULLETINS in mailed,
        "gets_bulletins": bool(preferences.audiences_of(request.influencer, request.campaign, at=now)),
        "addresses": shown_channels.addresses(person, refused=bound.get("wants")),
        "provable": [
            {
                "channel": channel,
                "number": bound.get(f"number_{channel}") or NumberForm(channel),
                "waits": as_read(channel, waiting[channel].address) if channel in waiting else "",
                "code": bound.get(f"code_{channel}") or CodeForm(channel, initial={"wants": [Wanted.URGENT]}),
                "agreed": channel_addresses.consent_to(channel)[1],
                "sender": settings.WHATSAPP_NAME if channel == Channel.WHATSAPP else "",
            }
            for channel in provable
        ],
        "agreed": channel_addresses.CONSENT,
        "telegram": {"link": bound.pop("telegram_link", ""), "refusal": bound.get("telegram_refusal", "")}
        if shown_channels.has_telegram(request.campaign)
        else None,
        "push": push_panel.panel_of(request, form=bound.get("push_wants"), refusal=bound.get("push_refusal", "")),
        "quiet": bound.get("quiet") or QuietForm(initial=shown_channels.quiet_hours(person)),
        "is_saved": "saved" in request.GET and not bound,
        "brings_nothing": request.GET.get("saved") == NOTHING,
    }
    for form in forms_of_wants(context):
        form.say_instead_of_mail(mailed)
    return render(request, "influencers/channels/choose.html", context, status=422 if bound else 200)


def forms_of_wants(context: dict[str, Any]) -> Iterator[WantsForm]:
    """Yield the forms of a page that ask what comes by an address."""
    yield from (one.form for one in context["addresses"])
    yield from (one["code"] for one in context["provable"])
    if context["push"]:
        yield context["push"].form


def saved(*, brings_nothing: bool = False) -> HttpResponse:
    """Return to the page, saying that it is done, or that nothing is chosen for what was saved."""
    # A fragment of its own: a browser would keep that of the form, and go past the words.
    query = {"saved": NOTHING if brings_nothing else "1"}
    return redirect(reverse("influencers:channels", query=query, fragment="saved"))


def provable(request: PortalRequest, channel: str) -> None:
    """Raise Http404 for a channel that is not there, or needs no code."""
    if channel not in READERS or channel not in channels.beside_mail(request.campaign):
        raise Http404


def after(request: PortalRequest, form: Any, name: str, deed: Callable[[], object]) -> HttpResponse | None:
    """Do what a form asks for; return the page again when it was not valid or the domain refuses, else None."""
    if not form.is_valid():
        return shown(request, **{name: form})
    try:
        deed()
    except NotPossible as refusal:
        form.add_error(None, str(refusal))
        return shown(request, **{name: form})
    return None


@sensitive_post_parameters("number")
@influencer_required
@posted_from("influencers:channels")
def ask(request: PortalRequest, channel: str) -> HttpResponse:
    """Send a code to a number."""
    provable(request, channel)
    form, person, now = NumberForm(channel, request.POST), request.influencer.recipient, timezone.now()
    refused = after(
        request,
        form,
        f"number_{channel}",
        lambda: channel_addresses.ask(person, channel, form.cleaned_data["number"], campaign=request.campaign, at=now),
    )
    return refused or redirect(reverse("influencers:channels") + f"#{channel}")


@sensitive_post_parameters("code")
@influencer_required
@posted_from("influencers:channels")
def prove(request: PortalRequest, channel: str) -> HttpResponse:
    """Take a number to which the code came."""
    provable(request, channel)
    form, person, now = CodeForm(channel, request.POST), request.influencer.recipient, timezone.now()
    refused = after(
        request,
        form,
        f"code_{channel}",
        lambda: channel_addresses.prove(
            person, channel, form.cleaned_data["code"], wants=form.cleaned_data["wants"], at=now
        ),
    )
    if refused and channel_addresses.was_just_proven(person, channel, at=now):
        refused = None  # pressed twice: the code was right, and is spent
    return refused or saved(brings_nothing=not form.cleaned_data.get("wants"))


@influencer_required
@posted_from("influencers:channels")
def wants(request: PortalRequest, pk: int) -> HttpResponse:
    """Choose what comes by an address."""
    address = get_object_or_404(channel_addresses.addresses_of(request.influencer.recipient), pk=pk)
    form = WantsForm(request.POST)
    if not form.is_valid():
        return shown(request, wants=(pk, form))
    channel_addresses.choose(address, form.cleaned_data["wants"], at=timezone.now())
    return saved(brings_nothing=not form.cleaned_data["wants"])


@influencer_required
@posted_from("influencers:channels")
def leave(request: PortalRequest, pk: int) -> HttpResponse:
    """Have nothing come by an address any more; it is forgotten."""
    if not channel_addresses.leave(request.influencer.recipient, pk, at=timezone.now()):
        raise Http404
    return saved()
