"""Notifications on an influencer's devices, and the hours in which only what is urgent comes by other channels than mail."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from delivery.recipients import devices
from delivery.recipients.address_codes import NotPossible
from delivery.recipients.address_forms import QuietForm
from delivery.transports.push import subscriptions, vapid
from delivery.transports.push.subscriptions import BadSubscription
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from lib.http.posted_forms import posted_from

from . import views
from .push_panel import is_offered, wants_form


@sensitive_post_parameters("subscription")
@influencer_required
@posted_from("influencers:channels")
def allow(request: PortalRequest) -> HttpResponse:
    """Take the device that asks."""
    if not is_offered(request):
        raise Http404
    try:
        to = subscriptions.accepted(request.POST.get("subscription", ""), ours=vapid.identity().public)
        devices.allow(request.influencer.recipient, to, at=timezone.now())
    except BadSubscription:
        says = _("This browser's notifications cannot be used here. Try another browser.")
        return views.shown(request, push_refusal=says)
    except NotPossible as refusal:
        return views.shown(request, push_refusal=str(refusal))
    return views.saved()


@influencer_required
@posted_from("influencers:channels")
def wants(request: PortalRequest) -> HttpResponse:
    """Choose what comes by all devices."""
    form = wants_form(request.POST)
    if not is_offered(request):
        raise Http404
    if "chosen" not in request.POST or not form.is_valid():
        return views.shown(request, push_wants=form)
    devices.choose(request.influencer.recipient, form.cleaned_data["wants"], at=timezone.now())
    return views.saved(brings_nothing=not form.cleaned_data["wants"])


@influencer_required
@posted_from("influencers:channels")
def quiet(request: PortalRequest) -> HttpResponse:
    """Choose the hours of quiet, or none."""
    form = QuietForm(request.POST)
    if not {"begins", "ends"} <= request.POST.keys() or not form.is_valid():
        return views.shown(request, quiet=form)
    devices.keep_quiet(request.influencer.recipient, form.cleaned_data["begins"], form.cleaned_data["ends"])
    return views.saved()
