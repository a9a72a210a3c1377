"""
A person's data: the desk's page on which an administrator answers someone who asks what is held about them. It is found
by the whole address, which is posted and so in no address bar and no log. What is held and how it is forgotten, each
app says itself (accounts/privacy/data_subjects.py).
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget

from accounts.login import reauthentication
from accounts.models import User
from accounts.own_account.data_views import as_file

from . import data_subjects, erasure

MAY = "accounts.erase_person"
# Fixed codes: the audit log keeps them for ever, so there is no room for words about a person.
REASONS = {
    "asked": gettext_lazy("The person asked for it"),
    "asked_for": gettext_lazy("Someone entitled to speak for the person asked for it"),
    "mistake": gettext_lazy("It should never have been kept"),
    "ordered": gettext_lazy("A court or the data protection authority ordered it"),
}


class AddressForm(forms.Form):
    """Whose data it is."""

    email = forms.CharField(
        label=gettext_lazy("Full email address"),
        max_length=254,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Enter the full address.")},
    )

    def clean_email(self) -> str:
        """Refuse what is no address; one that nobody has is none the worse."""
        typed: str = self.cleaned_data["email"]
        local, _at, domain = typed.strip().rpartition("@")
        if not local or not domain or any(character.isspace() for character in typed.strip()):
            raise forms.ValidationError(_("This is not an email address. Enter it in full, with the @."))
        return typed


class EraseForm(forms.Form):
    """Why someone is erased, and that it is meant."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why?"),
        choices=[("", "—"), *REASONS.items()],
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": gettext_lazy("Give the reason: it is kept in the audit log, without the address.")},
    )
    sure = forms.BooleanField(
        label=gettext_lazy("I am sure. This cannot be undone."),
        error_messages={"required": gettext_lazy("Tick this too, so that nobody is erased by accident.")},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest) -> HttpResponse:
    """Ask for an address; on POST show what is held about its owner, hand it out, or forget it."""
    if not request.user.has_perm(MAY):
        raise PermissionDenied
    what = request.POST.get("what", "")
    if what in {"export", "erase"} and (again := reauthentication.require_recent_login(request)):
        return again
    form = AddressForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return shown(request, form=form, status=422 if form.is_bound else 200)
    assert isinstance(request.user, User)
    whose, now = data_subjects.Person.of(form.cleaned_data["email"]), timezone.now()
    if what == "export":
        return as_file(data_subjects.disclose(whose, by=request.user, at=now), "person.json")
    if what != "erase":
        return shown(request, form=form, whose=whose)
    erasing = EraseForm(request.POST)
    if not erasing.is_valid():
        return shown(request, form=form, whose=whose, erasing=erasing, status=422)
    try:
        erasure.erase(whose, reason=erasing.cleaned_data["reason"], by=request.user, at=now)
    except data_subjects.NotErased as refusal:
        return shown(request, form=form, whose=whose, erasing=erasing, refusal=str(refusal), status=422)
    return shown(request, form=AddressForm(), is_erased=True)


def shown(
    request: HttpRequest,
    *,
    form: AddressForm,
    whose: data_subjects.Person | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Return the page."""
    context = {
        **admin.site.each_context(request),
        "title": _("A person's data"),
        "form": form,
        "whose": whose,
        "held": data_subjects.collect(whose) if whose else [],
        "erasing": more.pop("erasing", EraseForm()),
        **more,
    }
    return TemplateResponse(request, "accounts/admin/personal_data.html", context, status=status)
