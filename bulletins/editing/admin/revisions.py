"""The history of an edition on the page where it is written: what each revision changed, and bringing one back."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bulletins.editing import diff, editions
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, Edition, NotAllowed

HISTORY = 30  # revisions that the history shows, the newest


class HistoryPane(Pane):
    """The revisions of one language."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The history, and the button beside each revision."""
        return [
            ("<int:pk>/history/<int:edition>/", require_safe(self.revisions_view), "history"),
            ("<int:pk>/restore/<int:edition>/<int:revision>/", require_POST(self.restore_view), "restore"),
        ]

    def revisions_view(self, request: HttpRequest, pk: int, edition: int) -> HttpResponse:
        """Show an edition's revisions, each with what it changed."""
        bulletin = self.to_read(request, pk)
        row = get_object_or_404(bulletin.editions, pk=edition)
        return self.history(request, bulletin, row)

    def history(self, request: HttpRequest, bulletin: Bulletin, row: Edition, fault: str = "") -> HttpResponse:
        """Return the history of an edition."""
        revisions = list(row.revisions.select_related("edited_by")[: HISTORY + 1])
        befores = [*revisions[1:], None]
        steps = [
            (revision, diff.differences(before, revision))
            for revision, before in zip(revisions, befores, strict=False)  # none where nothing is written
        ]
        may_write = request.user.has_perm("bulletins.change_bulletin") and bulletin.state in Bulletin.EDITABLE
        context = {
            "bulletin": bulletin,
            "edition": row,
            "steps": steps[:HISTORY],
            "more": len(revisions) > HISTORY,
            "may_write": may_write,
            "fault": fault,
        }
        return TemplateResponse(request, "bulletins/editing/_history.html", context)

    def restore_view(self, request: HttpRequest, pk: int, edition: int, revision: int) -> HttpResponse:
        """Bring an earlier revision back as a new one."""
        row = self.edition_to_write(request, pk, edition)
        try:
            editions.restore(row, revision, by=request.user, at=timezone.now())
        except NotAllowed as refusal:
            answer = self.history(request, row.bulletin, row, str(refusal))
            answer.status_code = 409
            return answer
        answer = self.history(request, row.bulletin, row)
        answer.headers["HX-Trigger"] = "saved"
        return answer
