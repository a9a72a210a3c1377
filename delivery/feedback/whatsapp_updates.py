"""
What Meta posts to us of WhatsApp: statuses, kept and applied as any provider's reports (receipts.py); what people wrote, which opens
their 24 hours and may be STOP or a press of a button; and templates that were approved, refused or paused. Other words are
answered with where to write to us, and not kept.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.audit import trail
from delivery.message import verp
from delivery.models import Channel, ProviderEvent, Recipient, address_hash
from delivery.models.recipients import address_form
from delivery.recipients import channel_addresses, other_holders, whatsapp_users
from delivery.throttle import token_bucket
from delivery.transports.sms.receipts import BOUNCED, DELIVERED, is_stop
from delivery.transports.whatsapp import cloud, templates, windows
from delivery.transports.whatsapp import receipts as whatsapp
from lib.http.safe_fetch import FetchFault

from . import presses, receipts, unread_words
from .ended_windows import PROVIDER
from .webhooks import is_too_long
from .webhooks import moment as plausible

log = logging.getLogger(__name__)

KIND = {DELIVERED: ProviderEvent.Kind.DELIVERED, BOUNCED: ProviderEvent.Kind.BOUNCED}
LONGEST_CHALLENGE = 200


@csrf_exempt
@require_http_methods(["GET", "POST"])
def updates(request: HttpRequest) -> HttpResponse:
    """Prove to Meta that this address is ours, or take a post. 200 taken, now or before; 403 not believed; 413 too long."""
    if not settings.WHATSAPP_TOKEN:
        raise Http404
    if request.method == "GET":
        return challenged(request)
    if is_too_long(request):
        return HttpResponse(status=413)
    if not whatsapp.is_signed(request.body, request.headers.get("X-Hub-Signature-256", "")):
        log.warning("A post in the name of Meta was refused: its signature is wrong.")
        return HttpResponse(status=403)
    take(list(whatsapp.read(cloud.object_of(request.body))), at=timezone.now())
    return HttpResponse()


def challenged(request: HttpRequest) -> HttpResponse:
    """Return the challenge to whoever knows our word."""
    said = request.GET.get("hub.verify_token", "")
    known = settings.WHATSAPP_VERIFY
    if request.GET.get("hub.mode") != "subscribe" or not known or not constant_time_compare(said, known):
        return HttpResponse(status=403)
    return HttpResponse(request.GET.get("hub.challenge", "")[:LONGEST_CHALLENGE], content_type="text/plain")


def take(said: Sequence[whatsapp.Status | whatsapp.Written | whatsapp.TemplateStatus], *, at: datetime) -> None:
    """Do what a post asks for: its statuses at once, then one after the other what people wrote, also who hide their number."""
    take_statuses([one for one in said if isinstance(one, whatsapp.Status)], at=at)
    of_people = [one for one in said if not isinstance(one, whatsapp.TemplateStatus)]
    if users := {one.number: one.user for one in of_people if one.number and one.user}:
        whatsapp_users.learn(users)
    for one in said:
        if isinstance(one, whatsapp.TemplateStatus):
            templates.note_status(one.name, one.code, one.status, at=at)
        elif isinstance(one, whatsapp.Written):
            (take_words if one.number else take_hidden)(one, at=at)


def take_statuses(said: Sequence[whatsapp.Status], *, at: datetime) -> None:
    """Keep what became of messages."""
    known = [
        receipts.Report(
            provider=PROVIDER,
            event_id=f"{one.name} {one.state}"[:200],
            kind=KIND[one.state],
            happened_at=plausible(one.happened_at, at=at),
            message_id=one.name,
            delivery_id=verp.delivery_of_mark(one.mark),
            code=one.code,
        )
        for one in said
    ]
    if known:
        receipts.take(known, at=at)


def take_hidden(said: whatsapp.Written, *, at: datetime) -> None:
    """Do what somebody asks for who hides their number, where it is known whose it is."""
    numbers = whatsapp_users.numbers_of(said.user)
    for number in numbers:
        take_words(replace(said, number=number), at=at)
    if not numbers and is_stop(said.words):
        log.warning("STOP on WhatsApp from somebody who hides their number, and to whom nothing of ours has come.")


def take_words(said: whatsapp.Written, *, at: datetime) -> None:
    """Do what somebody wrote or pressed asks for; nothing for a number that nobody has proven, or what is older than its proof."""
    stops = is_stop(said.words) and not said.press
    wrote_at = min(plausible(said.wrote_at, at=at), at)
    if stops:
        other_holders.leave(Channel.WHATSAPP, said.number, wrote_at=wrote_at, at=at)
    address = address_of(said.number)
    if address is None or address.person is None or wrote_at < address.created_at.replace(microsecond=0):
        return
    if not token_bucket.claim_once(f"whatsapp:{address.pk}:{said.name}"[:200], at=at):
        return
    if stops:
        stop(address, at=at)
        with override(address.person.language):
            answer(said.number, _("You get no messages here any more. You can add WhatsApp again in your settings."))
        return
    windows.opened(address, at=wrote_at)
    if words := presses.take(address, said.press, at=at) or unread_words.answer_to(address, at=at):
        answer(said.number, words)


def stop(address: Recipient, *, at: datetime) -> None:
    """Let a number go, of which the audit log tells."""
    with transaction.atomic():
        for row in Recipient.objects.select_for_update().filter(pk=address.pk, state=Recipient.State.ACTIVE):
            channel_addresses.free(row, at=at)
            trail.note("channel.stopped", row, by=None, at=at, channel=Channel.WHATSAPP.value)


def address_of(number: str) -> Recipient | None:
    """Return the address that a number is, with its person; one query."""
    code = address_hash(address_form(Channel.WHATSAPP, number))
    return Recipient.objects.filter(address_hash=code, state=Recipient.State.ACTIVE).select_related("person").first()


def answer(number: str, words: str) -> None:
    """Write to somebody who has just written to us; what does not arrive is not tried again."""
    talk = cloud.Cloud()
    try:
        talk.send({"to": number, "type": "text", "text": {"body": words, "preview_url": False}})
    except FetchFault as fault:
        log.warning("An answer on WhatsApp was not sent: %s", fault.code)
    finally:
        talk.close()
