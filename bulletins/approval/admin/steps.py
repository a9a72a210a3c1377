"""The steps of a bulletin's way that a button takes: submitted, signed off, approved, sent back, published."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.login import reauthentication
from accounts.models import User
from bulletins.approval import approval_workflow, eligibility, pending_updates
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, NotAllowed
from bulletins.publication import publish

from .review_page import read_page

# The steps, and the permissions of which each needs one.
RIGHTS = {
    "submit": {"bulletins.change_bulletin"},
    "sign_off": {"bulletins.sign_off_bulletin"},
    "approve": {"bulletins.approve_bulletin"},
    "approve_and_send": {"bulletins.approve_bulletin"},
    "send_back": {"bulletins.approve_bulletin", "bulletins.change_bulletin", "bulletins.sign_off_bulletin"},
    "publish": {"bulletins.publish_bulletin"},
}
FROM_READING = {"approve", "approve_and_send", "send_back", "sign_off"}  # taken on the page where a bulletin is read
SEEN_AFTER = {"approve", "approve_and_send", "publish"}  # the page where it is read shows what they have set going
# The steps after which words are public or mail leaves: whoever takes one has just proved who they are.
FRESH = {"approve", "approve_and_send", "publish"}


class Steps(Pane):
    """Each step is one domain call."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """What the buttons call."""
        return [("<int:pk>/step/<str:verb>/", require_POST(self.step_view), "step")]

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Take the step that a button asks for, by one domain call, and say what came of it."""
        user = request.user
        if not any(user.has_perm(right) for right in RIGHTS.get(verb, ())):
            raise PermissionDenied
        if verb == "approve_and_send" and not user.has_perm("bulletins.publish_bulletin"):
            raise PermissionDenied
        if verb in FRESH and (again := reauthentication.require_recent_login(request)):
            return again
        assert isinstance(user, User)
        bulletin = get_object_or_404(Bulletin, pk=pk)
        try:
            says = self.take(request, bulletin, verb, by=user, at=timezone.now())
        except NotAllowed as refusal:
            self.desk.message_user(request, str(refusal), messages.ERROR)
            if (reason := request.POST.get("reason", "").strip()) and self.desk.has_view_permission(request):
                return read_page(self, request, pk, reason=reason, status=409)  # nobody writes it twice
            name = "admin:bulletins_bulletin_read" if verb in FROM_READING else "admin:bulletins_bulletin_change"
            return HttpResponseRedirect(reverse(name, args=[pk]))
        self.desk.message_user(request, says, messages.SUCCESS)
        name = "admin:bulletins_bulletin_read" if verb in SEEN_AFTER else "admin:bulletins_bulletin_change"
        return HttpResponseRedirect(reverse(name, args=[pk]))

    def take(self, request: HttpRequest, bulletin: Bulletin, verb: str, *, by: User, at: datetime) -> str:
        """Take one of the steps of RIGHTS and return what came of it. Raise NotAllowed."""
        digest = request.POST.get("digest", "")
        if verb in {"approve", "approve_and_send"}:
            pending_updates.refuse_unread(bulletin, request.POST.getlist("update"), at=at)
        if verb == "submit":
            approval_workflow.submit(bulletin, by=by, at=at)
            if eligibility.of_one(bulletin).wants_sign_off:
                return _("Submitted. A fact-checker signs off its claims first, then someone else approves it.")
            return _("Submitted. Someone who did not write it must read and approve it.")
        if verb == "sign_off":
            approval_workflow.sign_off(bulletin, digest=digest, by=by, at=at)
            return _("Signed off. Someone else must approve it now.")
        if verb == "approve_and_send":
            approval_workflow.approve_and_publish(bulletin, digest=digest, by=by, at=at)
            return _("Approved and published. What happens now stands below.")
        if verb == "approve":
            approval_workflow.approve(bulletin, digest=digest, by=by, at=at)
            return _("Approved. What happens now stands below.")
        if verb == "send_back":
            approval_workflow.send_back(bulletin, by=by, at=at, reason=request.POST.get("reason", ""))
            return _("Sent back. It is a draft again, with your reason.")
        publish.publish(bulletin, at=at, by=by)
        return _("Published. Readers can see it now.")
