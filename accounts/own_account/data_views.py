"""One's own data: what is held, as a file, and the way to have it erased."""

from typing import Any

from django import forms
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.login import reauthentication
from accounts.privacy import account_closure, data_subjects, erasure

from .views import user_of

# What a browser keeps of pages for people who log in goes too.
FORGET = '"cache", "storage"'


class EraseForm(forms.Form):
    """Being erased, for good."""

    sure = forms.BooleanField(
        label=gettext_lazy("I am sure. This cannot be undone."),
        error_messages={"required": gettext_lazy("Tick this too, so that nobody is erased by accident.")},
    )


def as_file(data: dict[str, Any], name: str) -> HttpResponse:
    """Return plain data as a file that machines read, and people too."""
    response = JsonResponse(data, encoder=DjangoJSONEncoder, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: HttpRequest) -> HttpResponse:
    """Show what is held of whoever is logged in; on POST, forget them and log them out."""
    user = user_of(request)
    person = data_subjects.Person.of(user.email)
    form, refusal = EraseForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST" and form.is_valid():
        if again := reauthentication.require_recent_login(request):
            return again
        try:
            erasure.erase(person, reason="asked", by=None, at=timezone.now())
        except data_subjects.NotErased as refused:
            refusal = str(refused)
        else:
            logout(request)
            response = render(request, "accounts/own_account/erased.html")
            response["Clear-Site-Data"] = FORGET
            return response
    context = {
        "held": data_subjects.collect(person),
        "form": form,
        "refusal": refusal,
        "is_colleague": account_closure.is_colleague(user),
    }
    return render(request, "accounts/own_account/data.html", context, status=422 if request.method == "POST" else 200)


@never_cache
@login_required
@require_safe
def file(request: HttpRequest) -> HttpResponse:
    """Hand out all that is held of whoever is logged in."""
    known = data_subjects.export(data_subjects.Person.of(user_of(request).email), at=timezone.now())
    return as_file(known, "my-data.json")
