"""The page on which somebody says that they want test mails."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from . import seed_list


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def seed(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET whether an address wants test mails, and note on POST that it does. The signed link is the only key."""
    now = timezone.now()
    try:
        address = seed_list.confirm(token, at=now) if request.method == "POST" else seed_list.read(token, at=now)
    except seed_list.BadLink as refusal:
        response = render(request, "delivery/links/bad_link.html", {"refusal": refusal}, status=404)
    else:
        names = {row.code: row.name for row in address.campaign.languages.all()}
        context = {"has_confirmed": address.confirmed_at is not None or request.method == "POST", "names": names}
        response = render(request, "delivery/seeds/seed_address.html", context)
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response
