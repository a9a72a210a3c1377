"""
Asking people once more who they are before something that cannot be taken back, and going on with it afterwards.

allauth notes in the session how and when someone proved who they are; this reads those notes and adds none.
"""

import time
from urllib.parse import urlencode, urlsplit

from allauth.account.authentication import get_authentication_records
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User

# Minutes for which a proof of who someone is counts as fresh (ASVS 7.5.3).
FRESH_MINUTES = 5
# Where the session keeps a form that waits for the proof.
KEPT = "accounts.login.reauthentication.kept"


def require_recent_login(request: HttpRequest) -> HttpResponse | None:
    """
    Return None when the person proved within the last `FRESH_MINUTES` who they are, else the way to do so now.

    What was posted is kept meanwhile, but for passwords and files, and comes back as a form that sends itself
    (`resume_request`). A part of a page that was asked for by htmx leads the whole page there.
    """
    if is_fresh(request):
        return None
    request.session.pop(KEPT, None)  # what was given up earlier must not go on now
    going_to = page_of(request) or request.get_full_path()
    if request.method == "POST":
        request.session[KEPT] = {
            "path": request.get_full_path(),
            "fields": [[name, value] for name, values in request.POST.lists() if is_kept(name) for value in values],
            "page": page_of(request),
        }
        going_to = reverse("account_go_on")
    query = urlencode({REDIRECT_FIELD_NAME: going_to})
    return redirect_whole_page(request, HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{query}"))


def is_fresh(request: HttpRequest) -> bool:
    """Return whether the person proved within the last `FRESH_MINUTES` who they are. By allauth's clock."""
    user = request.user
    if not isinstance(user, User):
        return False
    oldest = time.time() - FRESH_MINUTES * 60
    return any(record["at"] > oldest for record in get_authentication_records(request, user))


def is_kept(name: str) -> bool:
    """Return whether a field may wait in the session. A password is written again, and the token is the page's."""
    return "password" not in name and name != "csrfmiddlewaretoken"


def page_of(request: HttpRequest) -> str:
    """Return the page of ours that a form or a part was on, as a path, or "" when it is not known."""
    address = request.headers.get("HX-Current-URL") or (
        request.headers.get("Referer", "") if request.method == "POST" else ""
    )
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}):
        return ""
    parts = urlsplit(address)
    path = f"/{parts.path.lstrip('/')}"  # two slashes would name another host
    return f"{path}?{parts.query}" if parts.query else path


def redirect_whole_page(request: HttpRequest, response: HttpResponseRedirect) -> HttpResponse:
    """Return a redirect for the whole page, also to htmx."""
    return HttpResponseClientRedirect(response.url) if request.headers.get("HX-Request") else response


@never_cache
@login_required
@require_GET
def resume_request(request: HttpRequest) -> HttpResponse:
    """Show the form that sends what was kept to where it was going, once: after a reload nothing is sent again."""
    kept = request.session.pop(KEPT, None)
    return render(request, "accounts/login/go_on.html", {"kept": kept}) if kept else redirect("account")
