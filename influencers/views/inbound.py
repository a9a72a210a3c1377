"""Where mail that came in is posted: by the providers that take it in for us, or by one's own mail server."""

import logging

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from delivery.receipts import bounces
from delivery.receipts.inbound import PROVIDERS, mails_in, read_body, take_own
from delivery.receipts.webhooks import Refused, knows_the_secret

from ..conversing import receiving

log = logging.getLogger(__name__)


@csrf_exempt
def inbound(request: HttpRequest, provider: str) -> HttpResponse:
    """
    Take the mails that a provider posts: 200 kept, now or before; 400 not believed, or none of them understood; 413 too long;
    503 come again. Nothing is written unless it is 200.
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
        arrivals = mails_in(request, provider, at=at)
    except RequestDataTooBig:  # a field of a form that should have been a file
        return HttpResponse(status=413)
    except ConnectionError:  # whoever must vouch for it does not answer
        return HttpResponse(status=503)
    except Exception as fault:  # what providers post, or somebody in their name, can be wrong in any way
        said = str(fault) if isinstance(fault, Refused) else type(fault).__name__
        log.warning("Mail in the name of %s was refused: %s", provider, said)
        return HttpResponse(status=400)
    unread = 0
    for one in arrivals:
        try:
            if not take_own(one.mail, one.to, at=at):
                receiving.take(one.mail, to=one.to, at=at, is_spam=one.is_spam)
        except (receiving.Unreadable, bounces.Unreadable):
            unread += 1
    return HttpResponse(status=400 if unread and unread == len(arrivals) else 200)


@csrf_exempt
@require_POST
def mail(request: HttpRequest) -> HttpResponse:
    """
    Take one mail (message/rfc822) as one's own mail server passes it on: a bounce, a complaint, somebody who leaves, or a
    reply. `?to=` is the address that it came to. Needs one of WEBHOOK_SECRETS. Statuses as `inbound`; the answer names what
    it was.
    """
    if not knows_the_secret(request):
        log.warning("A mail that was posted without the secret was refused.")
        return HttpResponse(status=400)
    if not read_body(request):
        return HttpResponse(status=413)
    to, at = request.GET.getlist("to"), timezone.now()
    fate = str(bounces.Taken.NOTHING)
    try:
        if len(request.body) <= bounces.LARGEST:
            fate = str(bounces.take(request.body, to=to, at=at))
        if fate == bounces.Taken.NOTHING:
            fate = str(receiving.take_bytes(request.body, to=to, at=at))
    except (bounces.Unreadable, receiving.Unreadable):
        return HttpResponse(status=400)
    return HttpResponse(fate, content_type="text/plain")
