"""
Where providers of text messages report and hand over answers: kept and applied as any provider's reports (receipts.py). A number
that wrote STOP gets nothing more; it begins again only when its person proves it anew.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.audit import trail
from delivery.message import verp
from delivery.models import Channel, ProviderEvent, Recipient, address_hash
from delivery.models.recipients import address_form
from delivery.recipients import channel_addresses, other_holders
from delivery.transports.sms import receipts as sms
from delivery.transports.sms.providers import KINDS

from . import receipts
from .webhooks import is_too_long
from .webhooks import moment as plausible

log = logging.getLogger(__name__)

KIND = {sms.DELIVERED: ProviderEvent.Kind.DELIVERED, sms.BOUNCED: ProviderEvent.Kind.BOUNCED}
# Twilio wants its own form of an answer that says nothing.
SILENCE = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


@csrf_exempt
@require_POST
def report(request: HttpRequest, way: str) -> HttpResponse:
    """Keep what became of a message. 200 kept, now or before; 400 not believed or not understood; 413 too long."""
    return _taken(request, way, take_report)


@csrf_exempt
@require_POST
def message(request: HttpRequest, way: str) -> HttpResponse:
    """Heed a STOP, and nothing else: what people write here is not kept."""
    return _taken(request, way, take_answer)


def _taken(request: HttpRequest, way: str, take: Callable[..., None]) -> HttpResponse:
    if way not in settings.SMS:
        raise Http404
    if is_too_long(request):
        return HttpResponse(status=413)
    at = timezone.now()
    try:
        post = sms.Post(
            way, settings.PUBLIC_URL + request.get_full_path(), request.headers, request.body, request.POST.dict()
        )
        fields = sms.believed(post, at=at)
        signature = request.headers.get("X-Signature", "")
        take(way, fields, mark=request.GET.get("delivery", ""), signature=signature, at=at)
    except Exception as fault:  # what is posted can be wrong in any way
        said = str(fault) if isinstance(fault, sms.Forged | sms.Unreadable) else type(fault).__name__
        log.warning("A report in the name of the provider of %s was refused: %s", way, said)
        return HttpResponse(status=400)
    return HttpResponse(SILENCE, content_type="text/xml")


def take_report(way: str, fields: dict[str, object], *, mark: str, signature: str, at: datetime) -> None:
    """Keep a report, and apply it at once where it says that a number does not exist. One under way says nothing yet."""
    found = sms.report_of(way, fields, mark=mark)
    if found.state not in KIND:
        return
    known = receipts.Report(
        provider=KINDS[settings.SMS[way]["provider"]].key,
        event_id=f"{found.name} {found.state}"[:200],
        kind=KIND[found.state],
        happened_at=plausible(found.happened_at, at=at),
        message_id=found.name,
        delivery_id=verp.delivery_of_mark(found.mark),
        code=found.code,
    )
    receipts.take([known], at=at)


def take_answer(way: str, fields: dict[str, object], *, mark: str, signature: str, at: datetime) -> None:
    """
    Let a number go whose person wrote STOP, of which the audit log tells; nothing for any other words or number, for a STOP that has
    counted, and for one that is older than the number's proof.
    """
    found = sms.answer_of(way, fields, signature=signature)
    if not found.is_stop:
        return
    code = address_hash(address_form(Channel.SMS, found.number))
    wrote_at = min(plausible(found.wrote_at, at=at), at)
    with transaction.atomic():
        if not is_first(way, found.name, wrote_at=wrote_at, at=at):
            return
        other_holders.leave(Channel.SMS, found.number, wrote_at=wrote_at, at=at)
        known = Recipient.objects.select_for_update().filter(address_hash=code).exclude(state=Recipient.State.ERASED)
        # A provider may tell the time in whole seconds.
        for address in known.filter(created_at__lt=wrote_at.replace(microsecond=0) + timedelta(seconds=1)):
            channel_addresses.free(address, at=at)
            trail.note("channel.stopped", address, by=None, at=at, channel=Channel.SMS.value)


def is_first(way: str, name: str, *, wrote_at: datetime, at: datetime) -> bool:
    """
    Note that a STOP has counted, and return whether it had not before: a provider repeats what was not answered in time, and its
    signature goes on being right. In the transaction of the deed, so that one which fails can be repeated.
    """
    if not name:
        return True
    _event, is_new = ProviderEvent.objects.get_or_create(
        provider=KINDS[settings.SMS[way]["provider"]].key,
        event_id=f"{way} {name} stop"[:200],
        defaults={
            "kind": ProviderEvent.Kind.UNSUBSCRIBED,
            "happened_at": wrote_at,
            "received_at": at,
            "processed_at": at,
        },
    )
    return is_new
