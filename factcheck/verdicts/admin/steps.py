"""The steps of a claim on its page: each button is one domain call, and a refusal keeps what was typed."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.login import reauthentication
from agreement.refusals import Refused
from factcheck.matching import duplicates
from factcheck.models import Claim
from factcheck.verdicts import verdict_workflow

from .claim_page import ClaimPage

# The name that each step has in its address.
VERBS = {
    "take-up",
    "propose",
    "confirm",
    "send-back",
    "publish",
    "pause",
    "resume",
    "reopen",
    "add-language",
    "withdraw",
    "propose-words",
    "agree-words",
    "set-aside",
    "merge",
    "tell-apart",
    "split",
}


# The steps by which a verdict becomes one that two people share, and public. Every step with what is public is like them.
FRESH = {"confirm", "publish"}


class ClaimSteps(ClaimPage):
    """Takes the step that a button asks for."""

    def get_urls(self) -> list[URLPattern]:
        """Add the steps."""
        step = self.admin_site.admin_view(require_POST(self.step_view))
        return [path("<int:pk>/step/<str:verb>/", step, name="factcheck_claim_step"), *super().get_urls()]

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Take a step and go back to the claim, or show why not, with what was typed."""
        if verb not in VERBS:
            raise PermissionDenied
        claim = self.claim_to_check(request, pk)
        if (verb in FRESH or claim.current_version_id) and (again := reauthentication.require_recent_login(request)):
            return again
        sent = {
            "verb": verb,
            "verdict": request.POST.get("verdict", ""),
            "reason": request.POST.get("reason", "").strip(),
            "told": describe_step(request),
        }
        try:
            says = self.take(request, claim, verb, sent)
        except Refused as refusal:
            self.message_user(request, str(refusal), "error")
            return self.page(request, self.claim_for(request, pk), typed=sent, status=422)
        self.message_user(request, says, "success")
        return self.back_to(claim)

    def take(self, request: HttpRequest, claim: Claim, verb: str, sent: dict[str, Any]) -> str:
        """Take one step and return what came of it. Raise NotConfirmable or Refused."""
        who: dict[str, Any] = {"by": request.user, "at": timezone.now()}
        reason, words = sent["reason"], sent["told"]
        if verb == "take-up":
            verdict_workflow.start_check(claim, **who)
            return _("Started. Write what you found, and add its sources.")
        if verb == "propose":
            verdict_workflow.propose(claim, sent["verdict"], **who)
            return _("Verdict proposed. A second person has to confirm it.")
        if verb == "confirm":
            verdict_workflow.confirm(claim, digest=request.POST.get("digest", ""), **who)
            return _("Verdict confirmed. It can be published now.")
        if verb == "send-back":
            verdict_workflow.send_back(claim, reason=reason, **who)
            return _("Sent back with your reason.")
        if verb == "publish":
            verdict_workflow.publish(claim, **who)
            return _("Published. Everyone can read the fact-check now.")
        if verb == "pause":
            verdict_workflow.pause(claim, reason=reason, **who)
            return _("Paused. Its page says that it is being checked again.")
        if verb == "resume":
            verdict_workflow.resume(claim, reason=reason, **who)
            return _("Shown again, as it was.")
        if verb == "reopen":
            verdict_workflow.reopen(claim, reason=reason, **who)
            return _("Reopened. The published version stays until a new verdict is published.")
        if verb == "add-language":
            verdict_workflow.add_language(claim, **who)
            return _("Opened. Write the language, then propose the same verdict: a colleague confirms it.")
        if verb == "withdraw":
            verdict_workflow.withdraw(claim, digest=request.POST.get("digest", ""), reason=reason, **who)
            return _("Withdrawn. Its page says so.")
        if verb == "propose-words":
            verdict_workflow.propose_custom_text(claim, words, **who)
            return _("Saved. Readers will see the text when a colleague has approved it.")
        if verb == "agree-words":
            verdict_workflow.approve_custom_text(claim, digest=request.POST.get("digest", ""), **who)
            return _("Approved. Readers can see the text now.")
        if verb == "set-aside":
            verdict_workflow.set_aside(claim, reason=reason, **who)
            return _("Set aside with your reason.")
        if verb == "split":
            duplicates.split(claim, **who)
            return _("It is a separate claim again.")
        other = self.claim_for(request, request.POST.get("other", ""))
        if verb == "merge":
            duplicates.merge(claim, into=other, **who)
            main = claim.duplicate_of
            if main and main.current_version_id:
                return _("Merged. It shares the verdict of its main claim.")
            return _("Merged. It will share the verdict of its main claim when there is one.")
        duplicates.mark_different(claim, other, **who)
        return _("Noted as different. It is not suggested again.")


def describe_step(request: HttpRequest) -> dict[str, str]:
    """Return the words for readers that were sent: {language: text}, only those that there are."""
    prefix = "told__"
    found = {
        key.removeprefix(prefix): str(text).strip() for key, text in request.POST.items() if key.startswith(prefix)
    }
    return {code: text for code, text in found.items() if text}
