"""Findings on the compose page: what stops approval, how to fix it, what was let stand, and the checklist."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bulletins.editing.translation import translation_status
from bulletins.editor_panes import Pane, View, is_open
from bulletins.models import Bulletin, NotAllowed, Urgency

from . import autofix, checklist, editor_steps, findings, overrides, registry
from .alike import counted
from .language import easy_language, spelling, wording
from .links import link_checker


def checklists(desk: findings.Workspace) -> list[tuple[bool, list[dict[str, Any]]]]:
    """Return the points of the checklist, each list with whether it is that of easy language, which is there with such an edition."""
    lists: dict[bool, list[dict[str, Any]]] = {}
    for name, (label, means) in desk.points.items():
        point = {"name": name, "label": label, "means": means, "ticked": name in desk.bulletin.checklist}
        lists.setdefault(name in easy_language.POINTS, []).append(point)
    return list(lists.items())


class FindingsPane(Pane):
    """The pane beside the text with its findings. It is asked for again after every save."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The pane, and what its buttons call."""
        return [
            ("<int:pk>/findings/", require_safe(self.findings_view), "findings"),
            ("<int:pk>/findings/stand/", require_POST(self.override_view), "findings_stand"),
            (
                "<int:pk>/findings/take-back/<int:override>/",
                require_POST(self.undo_override_view),
                "findings_take_back",
            ),
            ("<int:pk>/findings/replace/", require_POST(self.replace_view), "findings_replace"),
            ("<int:pk>/findings/checklist/", require_POST(self.checklist_view), "findings_checklist"),
            ("<int:pk>/findings/links/", require_POST(self.links_view), "findings_links"),
        ]

    def findings_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the pane as it is now."""
        self.must_see(request)
        return self.findings_pane(request, pk)

    def override_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let a finding stand for the reason that was given."""
        key, reason, with_alike = (request.POST.get(name, "") for name in ("key", "reason", "with_alike"))

        def step(bulletin: Bulletin, now: Any) -> None:
            overrides.override_finding(
                bulletin, key, reason=reason, by=request.user, at=now, with_alike=bool(with_alike)
            )

        return self.findings_step(request, pk, step, about=key, typed=reason)

    def undo_override_view(self, request: HttpRequest, pk: int, override: int) -> HttpResponse:
        """Take an override back."""

        def step(bulletin: Bulletin, now: Any) -> None:
            overrides.undo(get_object_or_404(bulletin.overrides, pk=override), by=request.user, at=now)

        return self.findings_step(request, pk, step)

    def replace_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Exchange the words of a finding in the stored text; for places that the page has no field of."""
        key = request.POST.get("key", "")
        return self.findings_step(
            request, pk, lambda bulletin, now: autofix.replace_words(bulletin, key, by=request.user, at=now), about=key
        )

    def checklist_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """
        Keep a tick on the checklist, or that it was taken off. Nothing that is approved changes, so nothing was "saved"; and
        the pane stays as it is (204): it may hold further ticks that are on their way here.
        """
        point, ticked = request.POST.get("point", ""), bool(request.POST.get("ticked"))
        response = self.findings_step(
            request, pk, lambda bulletin, now: checklist.tick(bulletin, point, ticked=ticked), saved=False
        )
        return response if response.status_code >= 400 else HttpResponse(status=204)

    def links_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have the bulletin's addresses tried again."""
        return self.findings_step(
            request, pk, lambda bulletin, now: link_checker.recheck_links(bulletin, at=now), saved=False
        )

    def findings_step(
        self,
        request: HttpRequest,
        pk: int,
        step: Callable[[Bulletin, Any], Any],
        *,
        saved: bool = True,
        about: str = "",
        typed: str = "",
    ) -> HttpResponse:
        """Make one domain call and return the pane; a refusal (409) is said beside the finding it is about."""
        if not request.user.has_perm("bulletins.change_bulletin"):
            raise PermissionDenied
        bulletin = get_object_or_404(Bulletin, pk=pk)
        try:
            step(bulletin, timezone.now())
        except NotAllowed as refusal:
            return self.findings_pane(request, pk, status=409, refusal=str(refusal), about=about, typed=typed)
        response = self.findings_pane(request, pk, done=True)
        if saved:
            response["HX-Trigger"] = "saved"
        return response

    def findings_pane(self, request: HttpRequest, pk: int, *, status: int = 200, **extra: Any) -> HttpResponse:
        """Return the pane with every finding as it is now."""
        bulletin = get_object_or_404(
            Bulletin.objects.select_related("campaign").prefetch_related("campaign__languages"), pk=pk
        )
        desk = registry.load_workspace(bulletin, at=timezone.now())
        found = counted(registry.findings_on(desk)) if is_open(bulletin) else []
        may_edit = request.user.has_perm("bulletins.change_bulletin") and is_open(bulletin)
        context = {
            "bulletin": bulletin,
            "steps": editor_steps.editor_steps(desk, found) if is_open(bulletin) else [],
            "marks": translation_status.marks_of(desk.bulletin, desk.languages),
            "fix_first": editor_steps.first_stop(found),
            "may_submit": may_edit and bulletin.state == Bulletin.State.DRAFT,
            "urgent": bulletin.urgency == Urgency.URGENT,
            "stops": [one for one in found if one.level == findings.STOPS],
            "advice": spelling.with_suggestions(one for one in found if one.level == findings.ADVICE),
            "stands": [one for one in found if one.level == findings.STANDS],
            "may_edit": may_edit,
            "readability": wording.readability(desk),
            "checklists": checklists(desk),
            "shortest": overrides.SHORTEST_REASON,
            "has_links": bool(desk.checks),
            **extra,
        }
        return TemplateResponse(request, "bulletins/checks/_findings_pane.html", context, status=status)
