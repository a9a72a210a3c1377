"""
What whoever watches the site asks. The probes say whether, not why in detail, for anyone may ask; the metrics want a
token.

While the database is away they answer at once: a thread of this process looks four times a second, and they ask it
first.
"""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from delivery.models import Mailing, Pulse
from delivery.models.processes import LANE
from lib.http.cache_state import AWAY, LATE, LOOKED
from operations import doctor
from operations.backups import restore

from . import metrics as operations_metrics

LANE_LATE = timedelta(seconds=10 * settings.LANE_SECONDS)  # a sign of life waits behind the mail of its queue
DRAINING = "draining"  # a file in DATA_DIR


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as this process answers at all. It asks nothing of any other part."""
    return plain("ok\n")


@never_cache
@require_safe
def serving(request: HttpRequest) -> HttpResponse:
    """
    Answer 200 when a load balancer may send readers to this machine. 503: this process has just started and does not know
    yet what is public, or an administrator takes the machine out of service (the file `draining` in DATA_DIR).
    Neither the database nor the workers matter: pages are readable without them.
    """
    if (Path(settings.DATA_DIR) / DRAINING).exists():
        return plain("draining\n", status=503)
    if LOOKED in request.META and request.META[LOOKED] is None and not request.META.get(AWAY):
        return plain("starting\n", status=503)
    return plain("ok\n")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when bulletins can be read and sent, else 503 with the reasons. One query."""
    reasons = not_ready(is_away=is_away(request))
    return JsonResponse({"ok": not reasons, "reasons": reasons}, status=503 if reasons else 200)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the metrics to whoever shows METRICS_TOKEN. Without that setting there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        refusal = plain("Not shown: this wants the token in METRICS_TOKEN as Authorization: Bearer.\n", status=401)
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    text = operations_metrics.text(at=timezone.now(), is_away=is_away(request))
    return HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8")


def plain(words: str, status: int = 200) -> HttpResponse:
    """Return a short answer in plain text."""
    return HttpResponse(words, content_type="text/plain; charset=utf-8", status=status)


def is_away(request: HttpRequest) -> bool:
    """Return whether this process knows that the database does not answer; it does not know when nobody looks."""
    age = request.META.get(LOOKED)
    return bool(request.META.get(AWAY)) or (age is not None and age > LATE)


def not_ready(*, is_away: bool = False) -> list[str]:
    """
    Return what keeps the site from its work, each as a sentence; nothing when all is well.

    Redis is not asked: without it no tick comes, which shows soon, and whoever reads does not need it.
    """
    reasons = []
    try:
        if is_away:
            raise DatabaseError
        lanes = {f"{LANE}{queue}": queue for queue in Mailing.Queue.values}
        names = ["tick", restore.SIGN, *lanes]
        signs = dict(Pulse.objects.filter(name__in=names).values_list("name", "at"))
    except DatabaseError:
        reasons.append("The database does not answer.")
    else:
        now, last = timezone.now(), signs.get("tick")
        late = [queue for name, queue in lanes.items() if name in signs and now - signs[name] > LANE_LATE]
        if restore.SIGN in signs:
            reasons.append("It was restored from a back-up and waits for a person: nothing is being sent.")
        elif last is None or now - last > timedelta(seconds=3 * settings.TICK_SECONDS):
            reasons.append("The tick is late: nothing is being sent.")
        elif late:
            reasons.append(f"No worker takes mail of these queues: {', '.join(late)}.")
    if not doctor.run_probe("disk", doctor.disk).ok:
        reasons.append("The disk is nearly full.")
    return reasons
