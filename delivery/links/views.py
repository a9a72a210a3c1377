"""One click, and out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from . import preference_links
from . import unsubscribe as links_unsubscribe


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """
    Ask on GET, which changes nothing since mail scanners follow links; take the reader off on POST.

    Mail programs post here by themselves (RFC 8058), without cookie or login, so the signed link is the only key. The page offers
    less before nothing: whoever posts a "what" that is one of links_unsubscribe.LESS stays and gets less.
    """
    less, now = request.POST.get("what", ""), timezone.now()
    if less not in links_unsubscribe.LESS:
        less = ""
    try:
        recipient_id, mailing = links_unsubscribe.read(token)
        if request.method == "POST" and less:
            links_unsubscribe.get_less(recipient_id, mailing, less, at=now)
        elif request.method == "POST":
            links_unsubscribe.unsubscribe_recipient(recipient_id, mailing, at=now)
    except links_unsubscribe.BadLink as refusal:
        return render(request, "delivery/links/bad_link.html", {"refusal": refusal}, status=404)
    context = {
        "has_left": request.method == "POST" and not less,
        "less": less,
        "less_days": links_unsubscribe.LESS_DAYS,
        "is_digest": mailing.is_digest,
        "offers_urgent": mailing.is_digest and preference_links.can_be_narrowed(recipient_id, mailing, at=now),
        "preferences": preference_links.preferences_of(recipient_id, mailing) if mailing.is_digest else "",
        "reply_to": mailing.campaign.reply_to,
        "names": {row.code: row.name for row in mailing.campaign.languages.all()},
    }
    response = render(request, "delivery/links/unsubscribe.html", context)
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response
