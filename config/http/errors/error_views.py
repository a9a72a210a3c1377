"""Error pages."""

import sys
from typing import cast

from allauth.account.utils import get_login_redirect_url
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from config.backends.database_limits import was_stopped
from config.desk import refusal
from operations.logs.client_errors import is_left

from . import refused_forms
from .database_outage import database_away, retry_later
from .error_pages import STOPPED, plain_page

LOGS_IN = {"account_confirm_login_code", "account_login_link"}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say in the reader's language why a form was refused, and offer what was typed to be sent again."""
    if refusal.is_at_desk(request):
        return refusal.too_old(request)
    if is_sent_twice(request, reason):
        return HttpResponseRedirect(get_login_redirect_url(request))
    response = render(request, "errors/403_csrf.html", refused_forms.context(request, reason), status=403)
    response["Cache-Control"] = "no-store"
    return response


def is_sent_twice(request: HttpRequest, reason: str) -> bool:
    """Return whether a form that logs in came again from a browser that it has logged in, whose token it changed."""
    match = request.resolver_match
    is_of_login = match is not None and match.view_name in LOGS_IN
    return is_of_login and refused_forms.why(request, reason) == refused_forms.OLD and request.user.is_authenticated


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the request made no sense, without asking the database."""
    if isinstance(exception, RequestDataTooBig):
        return too_long(request)
    return plain_page(request, 400)


def too_long(request: HttpRequest) -> HttpResponse:
    """Say that more was sent than the page takes. Nothing of it was read."""
    return plain_page(request, 413)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that this account may not open the page; at the desk in the desk's own frame, and why."""
    if refusal.is_at_desk(request):
        return refusal.not_allowed(request)
    return render(request, "errors/403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing here, and where to look; at the desk in the desk's own frame."""
    if refusal.is_at_desk(request):
        return refusal.not_here(request)
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """
    Say that the fault is ours. Asks neither the database nor the session: they may be what is broken. Who went away before
    everything was sent gets a 400, if they still hear it.
    """
    fault = sys.exception()
    if is_left(fault):
        return bad_request(request, cast(Exception, fault))
    if was_stopped(fault):
        return retry_later(request, why=STOPPED)
    if isinstance(fault, (OperationalError, InterfaceError)):
        return database_away(request)
    return plain_page(request, 500)
