"""Where mail that came in is posted: by the providers that take it in for us, or by one's own mail server."""

import logging

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from delivery.feedback import return_path_mails
from delivery.feedback.provider_mail import PROVIDERS, read_body, verify_sender
from delivery.feedback.webhooks import Refused, knows_the_secret
from delivery.links import unsubscribe

from . import arrived_mail

log = logging.getLogger(__name__)


@csrf_exempt
def inbound(request: HttpRequest, provider: str) -> HttpResponse:
    """
    Keep the mails that a provider posts, for a worker to read: 200 kept; 400 not believed; 413 too long; 503 come again.
    Nothing is written unless it is 200.
    """
    known = PROVIDERS.get(provider)
    if known is None:
        raise Http404
    if request.method == known.probe:
        return HttpResponse()
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not known.key and not known.asked and not knows_the_secret(request):
        log.warning("Mail in the name of %s was refused: it came without the secret", provider)
        return HttpResponse(status=400)
    if known.asked and "Authorization" not in request.headers:
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Basic"})
    if not read_body(request):
        return HttpResponse(status=413)
    at = timezone.now()
    try:
        verify_sender(request, provider, at=at)
    except RequestDataTooBig:  # a field of a form that should have been a file
        return HttpResponse(status=413)
    except ConnectionError:  # whoever must vouch for it does not answer
        return HttpResponse(status=503)
    except Exception as fault:  # what providers post, or someone in their name, can be wrong in any way
        said = str(fault) if isinstance(fault, Refused) else type(fault).__name__
        log.warning("Mail in the name of %s was refused: %s", provider, said)
        return HttpResponse(status=400)
    arrived_mail.store(request.body, provider=provider, content_type=request.headers.get("Content-Type", ""), at=at)
    return HttpResponse()


@csrf_exempt
@require_POST
def mail(request: HttpRequest) -> HttpResponse:
    """
    Keep one mail (message/rfc822) as one's own mail server passes it on, for a worker to read: a bounce, a complaint,
    or a reply. Someone who leaves by the address that it came to (`?to=`) has left at once. Needs one of
    WEBHOOK_SECRETS. Statuses as `inbound`, and 400 for what is no mail; the answer is "left" or "kept".
    """
    if not knows_the_secret(request):
        log.warning("A mail that was posted without the secret was refused.")
        return HttpResponse(status=400)
    if not read_body(request):
        return HttpResponse(status=413)
    to, at = request.GET.getlist("to"), timezone.now()
    if not arrived_mail.has_header(request.body):
        return HttpResponse(status=400)
    fate = "kept"
    if any(
        unsubscribe.unsubscribe_by_address(address, at=at) for address in to[: return_path_mails.ADDRESSES]
    ):  # it waits for nobody
        fate = str(return_path_mails.Taken.LEFT)
    else:
        arrived_mail.store(request.body, to=to, at=at)
    return HttpResponse(fate, content_type="text/plain")
