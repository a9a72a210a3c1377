"""Test sends from the compose page: to oneself, and to the seed list."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.login import reauthentication
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, NotAllowed
from lib.text.languages.languages import language_name

from . import test_sends


class ProofsPane(Pane):
    """The part with the buttons for test mails, and what came of the last one."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The part and its button."""
        return [
            ("<int:pk>/proofs/", require_safe(self.proofs_view), "proofs"),
            ("<int:pk>/proofs/send/", require_POST(self.send_proof_view), "proof"),
        ]

    def proofs_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the buttons."""
        self.must_see(request)
        return self.proofs(request, get_object_or_404(Bulletin.objects.select_related("campaign"), pk=pk))

    def send_proof_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a test and say what came of it."""
        if not may_test(request):
            raise PermissionDenied
        bulletin = get_object_or_404(Bulletin.objects.select_related("campaign"), pk=pk)
        to_seeds = request.POST.get("to") == "seeds"
        if to_seeds and (again := reauthentication.require_recent_login(request)):
            return again
        now = timezone.now()
        try:
            if to_seeds:
                proof = test_sends.to_seeds(bulletin, by=request.user, at=now)
            else:
                proof = test_sends.to_oneself(
                    bulletin, language=request.POST.get("language", ""), by=request.user, at=now
                )
        except NotAllowed as refusal:
            return self.proofs(request, bulletin, refusal=str(refusal))
        said = ngettext(
            "%(count)d test email is on its way.", "%(count)d test emails are on their way.", proof.accepted
        )
        return self.proofs(
            request, bulletin, said=said % {"count": proof.accepted} if proof.accepted else "", problems=proof.problems
        )

    def proofs(self, request: HttpRequest, bulletin: Bulletin, **said: Any) -> HttpResponse:
        """Return the part."""
        context = {
            "bulletin": bulletin,
            "may_test": may_test(request) and bulletin.state != Bulletin.State.WITHDRAWN,
            "seeds": len(test_sends.seeds_of(bulletin)),
            "languages": [(row.code, language_name(row.code)) for row in bulletin.campaign.languages.all()],
            "chosen": request.POST.get("language", getattr(request.user, "language", "")),
            **said,
        }
        return TemplateResponse(request, "bulletins/mail/_test_sends.html", context)


def may_test(request: HttpRequest) -> bool:
    """Return whether the user may send a test: whoever writes a bulletin, and whoever reads it to approve it."""
    user = request.user
    return user.has_perm("bulletins.change_bulletin") or user.has_perm("bulletins.approve_bulletin")
