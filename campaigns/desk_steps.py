"""Pages of the desk that show one row and take its next step: each step is a button, and who may take it is asked before it is taken."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.desk_base.desk_user import user_of
from lib.text.numbers.whole_numbers import whole_number

from .base_admin import DeskAdmin


class Step(NamedTuple):
    """Which permissions lead to a step (any of them), what takes it, what is said then, and whether the row is gone with it."""

    permissions: tuple[str, ...]
    take: Callable[[Any, HttpRequest], Any]
    says: Any
    ends: bool = False


def told(request: HttpRequest) -> dict[str, Any]:
    """Return who takes a step, and when."""
    return {"by": user_of(request), "at": timezone.now()}


class FramedAdmin(DeskAdmin):
    """Pages of its own in the frame of the desk, from the folder `templates`, about rows that end by a step."""

    templates: str
    actions: Any = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A step ends it, if anything does."""
        return False

    def answer(
        self, request: HttpRequest, page: str, title: str, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        """Return one of the pages in the frame of the desk."""
        frame = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, f"{self.templates}/{page}.html", frame | context, status=status)


class SteppedAdmin(FramedAdmin):
    """A page of its own for each row, with its steps. `refusal` is what a step raises that was not taken."""

    refusal: type[Exception]

    def steps(self) -> Mapping[str, Step]:
        """Return the steps by the names of their buttons."""
        raise NotImplementedError

    def one(self, request: HttpRequest, pk: int) -> Any:
        """Return a row that the user reaches, or answer 404."""
        raise NotImplementedError

    def page(self, request: HttpRequest, row: Any, *, refusal: str = "", status: int = 200) -> HttpResponse:
        """Return the page of a row."""
        raise NotImplementedError

    def asked_form(self, request: HttpRequest, row: Any) -> HttpResponse | None:
        """Return the answer of one of its forms, if the address asks for one."""
        return None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a row, a form of it, or take its next step."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        row = self.one(request, whole_number(object_id))
        if form := self.asked_form(request, row):
            return form
        if request.method != "POST":
            return self.page(request, row)
        step = next((one for name, one in self.steps().items() if name in request.POST), None)
        if step is None:
            return self.page(request, row, refusal=_("Nothing was chosen."), status=422)
        if not any(map(request.user.has_perm, step.permissions)):
            raise PermissionDenied
        try:
            step.take(row, request)
        except self.refusal as reason:
            return self.refused(request, row, reason)
        self.message_user(request, str(step.says), messages.SUCCESS)
        return HttpResponseRedirect(self.list_address() if step.ends else self.address(row))

    def refused(self, request: HttpRequest, row: Any, reason: Exception) -> HttpResponse:
        """Say why a step was not taken, on the page of the row as it is now."""
        return self.page(request, self.one(request, row.pk), refusal=str(reason), status=409)

    def address(self, row: Any) -> str:
        """Return the address of a row’s page, where whoever took a step goes on."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def list_address(self) -> str:
        """Return the address of the list."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
