"""The page on which a bulletin is read before it is approved: all that an approval covers, side by side."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import AuditEntry
from bulletins.editing.admin.correction_diff import differences
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, Edition
from bulletins.publication import corrections
from delivery.recipients.audience_sizes import count_audiences
from lib.text.languages import language_name
from lib.text.markup import to_html

from .approval_pane import bar_of

AUDIT_SHOWN = 100


class ReviewPage(Pane):
    """All languages side by side, with the buttons to approve them or send them back."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The page."""
        return [("<int:pk>/read/", require_safe(self.read_view), "read")]

    def read_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show all that an approval covers, side by side, with the buttons to approve it or send it back."""
        self.must_see(request)
        # The digest is read first: should anything change while the rest is read, it no longer fits, and approving refuses.
        bulletin = get_object_or_404(
            Bulletin.objects.select_related("campaign", "submitted_by", "approved_by").prefetch_related(
                "campaign__languages"
            ),
            pk=pk,
        )
        targets = list(bulletin.targets.select_related("audience").order_by("slot_at", "audience__tier"))
        heads = count_audiences([target.audience for target in targets], at=timezone.now())
        reached = corrections.audiences_reached(bulletin) if bulletin.version > 1 else []
        context = {
            **self.frame(request, _("Read %(bulletin)s") % {"bulletin": bulletin}),
            **bar_of(request, bulletin),
            "original": bulletin,
            "editions": [shown_edition(edition) for edition in bulletin.editions.prefetch_related("variants")],
            "differences": differences(bulletin) if bulletin.kind == Bulletin.Kind.CORRECTION else [],
            "key_messages": bulletin.key_messages.select_related("owner", "fact__input"),
            "calls_to_action": bulletin.calls_to_action.all(),
            "claims": bulletin.claims.all(),
            "assets": bulletin.assets.prefetch_related("renditions"),
            "cards": bulletin.cards.all(),
            "overrides": bulletin.overrides.filter(version=bulletin.version).select_related("by"),
            "targets": [(target, heads[target.audience_id]) for target in targets],
            "people": sum(one.total for one in heads.values()),
            "reached": sum(one.total for one in reached if one.audience),
            "by_digest": sum(one.total for one in reached if not one.audience),
            "reviews": bulletin.reviews.select_related("by"),
            "entries": AuditEntry.objects.about(bulletin).select_related("actor")[:AUDIT_SHOWN],
        }
        return TemplateResponse(request, "bulletins/approval/read.html", context)


def shown_edition(edition: Edition) -> dict[str, Any]:
    """Return an edition with its text as readers will see it."""
    try:
        html: str = to_html(edition.body)
    except ValueError as fault:
        html = str(fault)
    return {
        "edition": edition,
        "html": html,
        "name": language_name(edition.language),
        "variants": edition.variants.all(),
    }
