"""
The bell in the desk's header: how much of what somebody was told they have not looked at, and the page that lists it. It is
counted once in some seconds for each person, and Today brings it along when it refreshes itself.
"""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from campaigns.http import desk_campaigns
from notifications import notice_list
from notifications.models import Notice

from .shared_parts import shared_part


def bell_of(request: HttpRequest, *, anew: bool = False) -> notice_list.Bell:
    """Return the bell of whoever is logged in, as it was within the last seconds; `anew` as it is."""
    user = request.user
    assert isinstance(user, User)
    campaigns = desk_campaigns.known_to(request)
    key = user.pk if campaigns is None else f"{user.pk}-{'-'.join(map(str, campaigns))}"
    return shared_part(
        "bell", key, lambda: notice_list.bell_of(user, at=timezone.now(), campaigns=campaigns), anew=anew
    )


@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """List what somebody was told. A POST marks one notice (`notice`) as seen and leads to its page, or marks all of them."""
    user = request.user
    assert isinstance(user, User)
    if request.method == "POST":
        notice = notice_of(request, user, request.POST["notice"]) if request.POST.get("notice") else None
        notice_list.mark_seen(user, at=timezone.now(), only=notice.pk if notice else None)
        bell_of(request, anew=True)
        path = notice_list.path_of(notice) if notice else ""
        if notice and not path:
            messages.info(request, _("What this was about no longer exists."))
        return redirect(path or "admin:notifications")
    context = {
        **admin.site.each_context(request),
        "title": _("Notifications"),
        "told": notice_list.latest_of(user, desk_campaigns.known_to(request)),
        "bell": bell_of(request, anew=True),
        "rings_since": timezone.now() - notice_list.RINGS_FOR,
    }
    return TemplateResponse(request, "config/desk/notifications.html", context)


def notice_of(request: HttpRequest, user: User, key: str) -> Notice:
    """Return one of somebody's notices by what a form says is its key. Raise Http404."""
    is_key = key.isascii() and key.isdigit() and len(key) < 19
    told = notice_list.told_to(user, desk_campaigns.known_to(request))
    return get_object_or_404(told, pk=key if is_key else 0)
