"""The desk's page of what is shown in versions: the one in work and the published one, and the steps of VersionSteps."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from agreement.pane import pane_of
from agreement.refusals import Refused
from campaigns.desk_steps import Step, SteppedAdmin, told
from campaigns.translated_fields import in_language

from .version_steps import State, VersionSteps


class VersionAdmin(SteppedAdmin):
    """Rows with versions. `forms` names the forms of a page as addresses ask for them: "?compose"."""

    refusal = Refused
    way: VersionSteps[Any, Any]
    campaign_by = "campaign"
    list_filter = ["versions__state"]

    def complete(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Put the versions of a page's rows beside them; one query."""
        prefetch_related_objects(list(rows), self.way.versions_that_count())

    def title_of(self, row: Any) -> str:
        """Return the newest title of a row with its versions at hand."""
        versions = list(row.versions.all())
        return in_language(versions[-1].title) if versions else str(row)

    def status_of(self, row: Any, *, shown: str = "") -> str:
        """Return how far a row with its versions at hand is, its change too; `shown` says more of the published one than its state."""
        states = [str(one.get_state_display()) for one in row.versions.all()]
        first = _("withdrawn") if row.withdrawn_at else shown
        return ", ".join([first, *states[1:]] if first else states)

    def one(self, request: HttpRequest, pk: int) -> Any:
        """Return a row that the user reaches."""
        rows = self.get_queryset(request).select_related("campaign", *self.way.beside)
        return get_object_or_404(rows.prefetch_related("campaign__languages"), pk=pk)

    def forms(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return {name in the address: what answers with the form, from the name's value}."""
        raise NotImplementedError

    def asked_form(self, request: HttpRequest, row: Any) -> HttpResponse | None:
        """Return the answer of the form that the address asks for, to whoever may write."""
        forms = self.forms(request, row)
        asked = next((name for name in forms if name in request.GET), None)
        if asked is None:
            return None
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        answer: HttpResponse = forms[asked](request.GET[asked])
        return answer

    def steps(self) -> dict[str, Step]:
        """Return the steps that all have."""
        way, post = self.way, lambda request, name: request.POST.get(name, "")[:1000]
        writes, checks = (f"stories.change_{way.name}",), (way.agree_permission,)

        def check(row: Any, request: HttpRequest) -> None:
            way.check(row, digest=post(request, "seen"), **told(request))

        def send_back(row: Any, request: HttpRequest) -> None:
            way.send_back(row, remark=post(request, "remark"), **told(request))

        def drop(row: Any, request: HttpRequest) -> None:
            work = way.in_work(row)
            if work is None or request.user.pk not in way.writers_of(work):
                raise Refused(_("Not deleted: only who worked on it can delete it."))
            way.drop(row, **told(request))

        return {
            "submit": Step(writes, lambda row, request: way.submit(row, **told(request)), _("Submitted.")),
            "check": Step(checks, check, _("Published.")),
            "send_back": Step(checks, send_back, _("Sent back.")),
            "withdraw": Step(writes + checks, lambda row, request: way.withdraw(row, **told(request)), _("Withdrawn.")),
            "drop": Step(writes, drop, _("Deleted."), ends=True),
        }

    def standing(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return the versions of a row, how far they are, and which steps the user may take."""
        work, shown = self.way.in_work(row), self.way.published(row)
        may_check = request.user.has_perm(self.way.agree_permission)
        may_write = self.has_change_permission(request, row)
        pane = pane_of(self.way, work, request.user, at=told(request)["at"]) if work else None
        return {
            "subject": row,
            "work": work,
            "shown": shown,
            "pane": pane,
            "is_draft": work is not None and work.state == State.DRAFT,
            "may_write": may_write,
            "may_check": pane is not None and pane.may_agree,
            "may_drop": may_write and pane is not None and pane.is_writer and shown is None,
            "may_withdraw": (may_write or may_check) and shown is not None and row.withdrawn_at is None,
        }
