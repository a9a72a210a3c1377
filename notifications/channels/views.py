"""The page of the desk on which a colleague says how they are told, and the steps there. The desk asks for the second factor before all of them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts.login import reauthentication
from accounts.models import User
from campaigns.models import Campaign
from delivery.models import Channel
from delivery.recipients import channel_addresses
from delivery.recipients.address_codes import NotPossible
from delivery.recipients.address_forms import READERS, CodeForm, NumberForm, as_read
from delivery.transports.push import subscriptions, vapid
from delivery.transports.push.shown_device import device_of
from delivery.transports.push.subscriptions import BadSubscription
from lib.http.posted_forms import posted_from
from lib.text.numbers.whole_numbers import whole_number
from notifications.models import StaffAddress

from . import addresses, wishes
from .forms import ClockForm, WishesForm


def user_of(request: HttpRequest) -> User:
    """Return who is logged in."""
    assert isinstance(request.user, User)
    return request.user


def campaign_of(request: HttpRequest) -> Campaign:
    """Return the campaign that somebody works in, whose name stands beside a code. Raise Http404 while there is none."""
    found = getattr(request, "campaign", None) or Campaign.objects.order_by("-pk").first()
    if found is None:
        raise Http404
    assert isinstance(found, Campaign)
    return found


@require_safe
def told(request: HttpRequest) -> HttpResponse:
    """Show how somebody is told of what."""
    return shown(request)


def shown(request: HttpRequest, **bound: Any) -> HttpResponse:
    """Return the page; with a form that was refused, by its name, 422 and everything as it was typed."""
    user = user_of(request)
    mine, chosen, offered = list(addresses.addresses_of(user)), wishes.of(user), addresses.offered()
    channels = {one.channel for one in mine}
    quiet = {"begins": chosen.quiet_begins, "ends": chosen.quiet_ends, "time_zone": chosen.time_zone}
    context = {
        **admin.site.each_context(request),
        "title": _("How you are told"),
        "wishes": bound.get("wishes") or WishesForm(chosen, channels),
        "addresses": [
            {"row": one, "text": as_read(one.channel, one.address)} for one in mine if one.channel != Channel.PUSH
        ],
        "provable": [proof_of(one, user, bound) for one in offered if one in READERS],
        "has_telegram": Channel.TELEGRAM in offered,
        "telegram": {"link": bound.pop("telegram_link", ""), "refusal": bound.get("telegram_refusal", "")},
        "push": push_of(mine, refusal=bound.get("push_refusal", "")) if Channel.PUSH in offered else None,
        "quiet": bound.get("quiet") or ClockForm(initial=quiet),
    }
    on_desk(context["quiet"])
    for form in bound.values():
        if isinstance(form, forms.Form) and form.errors:
            focus(form)
    return TemplateResponse(request, "notifications/told.html", context, status=422 if bound else 200)


def proof_of(channel: Channel, user: User, bound: dict[str, Any]) -> dict[str, Any]:
    """Return what the page shows of proving an address of a channel; one query."""
    waiting = addresses.waiting(user, at=timezone.now()).filter(channel=channel).first()
    return {
        "channel": channel,
        "number": on_desk(bound.get(f"number_{channel}") or NumberForm(channel)),
        "waits": as_read(channel, waiting.address) if waiting else "",
        "code": on_desk(bound.get(f"code_{channel}") or CodeForm(channel)),
        "is_practice": addresses.is_practised(channel),
        "agreed": channel_addresses.OTHER_CONSENTS[channel][1] if channel in channel_addresses.OTHER_CONSENTS else "",
        "sender": settings.WHATSAPP_NAME if channel == Channel.WHATSAPP else "",
    }


def on_desk[SomeForm: forms.Form](form: SomeForm) -> SomeForm:
    """Return a form that the portal has too, with its boxes as the desk draws them."""
    for field in form.fields.values():
        field.widget.attrs["class"] = "box"
    return form


def focus(form: forms.Form) -> None:
    """Give the focus to the first field of a form that is in error, or to its first one where what is wrong is not about one."""
    name = next((name for name in form.fields if name in form.errors), next(iter(form.fields)))
    if not form[name].use_fieldset:
        form.fields[name].widget.attrs["autofocus"] = True


def push_of(mine: list[StaffAddress], *, refusal: str) -> dict[str, Any]:
    """Return what the page shows of notifications on devices."""
    devices = [
        device_of(one.pk, one.address, since=one.since, works=one.broken_at is None)
        for one in mine
        if one.channel == Channel.PUSH
    ]
    return {"key": vapid.identity().public, "devices": devices, "refusal": refusal}


def saved(request: HttpRequest) -> HttpResponse:
    """Return to the page, saying that it is done."""
    messages.success(request, _("Saved."))
    return redirect("admin:told")


@posted_from("admin:told")
def choose(request: HttpRequest) -> HttpResponse:
    """Keep by which channels somebody wants what."""
    user = user_of(request)
    channels = set(addresses.addresses_of(user).values_list("channel", flat=True))
    form = WishesForm(wishes.of(user), channels, request.POST)
    if "chosen" not in request.POST or not form.is_valid():
        return shown(request, wishes=form)
    wishes.save(user, form.chosen())
    return saved(request)


@posted_from("admin:told")
def quiet(request: HttpRequest) -> HttpResponse:
    """Keep somebody's quiet hours and clock."""
    form = ClockForm(request.POST, initial={"time_zone": wishes.of(user_of(request)).time_zone})
    if not {"begins", "ends"} <= request.POST.keys() or not form.is_valid():
        return shown(request, quiet=form)
    found = form.cleaned_data
    wishes.keep_quiet(user_of(request), found["begins"], found["ends"], time_zone=found["time_zone"])
    return saved(request)


def provable(request: HttpRequest) -> str:
    """Return the channel that a form is about. Raise Http404 for one that is not there, or needs no code."""
    channel = request.POST.get("channel", "")
    if channel not in READERS or channel not in addresses.offered():
        raise Http404
    return channel


def after(request: HttpRequest, form: Any, name: str, deed: Callable[[], object]) -> HttpResponse | None:
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
@posted_from("admin:told")
def ask(request: HttpRequest) -> HttpResponse:
    """Send a code to a number, once somebody has just proved who they are: whoever finds an open desk adds no phone of theirs."""
    channel = provable(request)
    form, campaign = NumberForm(channel, request.POST), campaign_of(request)
    if form.is_valid() and (again := reauthentication.require_recent_login(request)):
        return again
    user, now = user_of(request), timezone.now()
    deed = lambda: addresses.ask(user, channel, form.cleaned_data["number"], campaign=campaign, at=now)  # noqa: E731
    return after(request, form, f"number_{channel}", deed) or redirect(reverse("admin:told") + f"#{channel}")


@sensitive_post_parameters("code")
@posted_from("admin:told")
def prove(request: HttpRequest) -> HttpResponse:
    """Take a number to which the code came."""
    channel = provable(request)
    form, campaign = CodeForm(channel, request.POST), campaign_of(request)
    user, now = user_of(request), timezone.now()
    deed = lambda: addresses.prove(user, channel, form.cleaned_data["code"], campaign=campaign, at=now)  # noqa: E731
    refused = after(request, form, f"code_{channel}", deed)
    return saved(request) if refused is None or addresses.was_just_proven(user, channel, at=now) else refused


@posted_from("admin:told")
def telegram(request: HttpRequest) -> HttpResponse:
    """Show the link that links Telegram: it leads out, and a browser follows no form there."""
    if Channel.TELEGRAM not in addresses.offered() or "link" not in request.POST:
        raise Http404
    if again := reauthentication.require_recent_login(request):
        return again
    try:
        token = addresses.ask_for_link(user_of(request), at=timezone.now())
    except NotPossible as refusal:
        return shown(request, telegram_refusal=str(refusal))
    return shown(request, telegram_link=f"https://t.me/{settings.TELEGRAM_BOT}?start={token}")


@sensitive_post_parameters("subscription")
@posted_from("admin:told")
def allow(request: HttpRequest) -> HttpResponse:
    """Take the device that asks."""
    if Channel.PUSH not in addresses.offered():
        raise Http404
    says = _("This browser's notifications cannot be used here. Try another browser.")
    try:
        to = subscriptions.accepted(request.POST.get("subscription", ""), ours=vapid.identity().public)
    except BadSubscription:
        return shown(request, push_refusal=says)
    if again := reauthentication.require_recent_login(request):
        return again
    try:
        addresses.allow_device(user_of(request), to, campaign=campaign_of(request), at=timezone.now())
    except NotPossible as refusal:
        return shown(request, push_refusal=str(refusal))
    return saved(request)


@posted_from("admin:told")
def leave(request: HttpRequest) -> HttpResponse:
    """Have nothing come to an address any more; it is forgotten."""
    key = whole_number(request.POST.get("address", ""))
    if not key or not addresses.leave(user_of(request), key, at=timezone.now()):
        raise Http404
    return saved(request)


@cache
def script() -> bytes:
    """Return the service worker that shows notifications. It is served from the page's own path, which is all that it rules over."""
    return (Path(settings.BASE_DIR) / "static" / "delivery" / "push_worker.js").read_bytes()


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the desk's notifications."""
    return HttpResponse(script(), content_type="text/javascript; charset=utf-8")
