"""Two probes for whoever watches the site. They say whether, not why in detail: anybody may ask."""

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from delivery.models import Pulse

from . import doctor


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as this process answers at all. It asks nothing of any other part."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when bulletins can be read and sent, else 503 with the reasons. One query."""
    reasons = not_ready()
    return JsonResponse({"ok": not reasons, "reasons": reasons}, status=503 if reasons else 200)


def not_ready() -> list[str]:
    """Return what keeps the site from its work, each as a sentence; nothing when all is well."""
    reasons = []
    try:
        last = Pulse.objects.filter(name="tick").values_list("at", flat=True).first()
    except DatabaseError:
        reasons.append("The database does not answer.")
    else:
        if last is None or timezone.now() - last > timedelta(seconds=3 * settings.TICK_SECONDS):
            reasons.append("The tick is late: nothing is being sent.")
    if not doctor.ask("disk", doctor.disk).ok:
        reasons.append("The disk is nearly full.")
    return reasons
