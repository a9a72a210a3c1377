"""Who wants to join, who was invited, and what a campaign asks of people who join."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import display

from accounts.desk_base.admin_mixins import ReauthenticationMixin
from accounts.login import reauthentication
from agreement.refusals import Refused
from campaigns import custom_texts
from campaigns.base_admin import CampaignFilter, DeskAdmin, ReadOnlyAdmin
from campaigns.http import desk_campaigns
from campaigns.http.middleware import campaign_or_404
from campaigns.models import CustomText
from influencers.models import Application, Interest, Invitation, ValuesQuestion

from . import invitations

desk_campaigns.names_rows_of("influencers_invitation_step", CustomText)
COLOURS = {
    "waiting": "default",
    "sent": "info",
    "accepted": "success",
    "declined": "warning",
    "given_up": "danger",
    "held": "warning",
}
SHOWN = 20  # of the people whom invitations go to that wait for a second person


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    """Forms that wait for their code. Whose they are is nobody's business until they have joined."""

    list_display = ["created_at", "language", "code_sent_at", "guesses", "campaign"]
    list_select_related = ["campaign"]
    fields = ["campaign", "language", "created_at", "code_sent_at", "guesses"]
    readonly_fields = fields
    ordering = ["-created_at"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Whom staff have asked to join, and what came of it."""

    list_display = ["influencer", "by", "at", "shown_state", "sent_at"]
    list_select_related = ["influencer", "by", "agreement"]
    list_filter = ["by", CampaignFilter]
    search_fields = ["influencer__name", "influencer__reference"]
    ordering = ["-at", "-pk"]
    list_before_template = "influencers/onboarding/_invitations_bar.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the page of those that wait for a second person, and its two buttons."""
        wrap = self.admin_site.admin_view
        step = wrap(require_POST(self.step_view))
        return [
            path("waiting/", wrap(require_safe(self.waiting_view)), name="influencers_invitation_waiting"),
            path("waiting/<int:pk>/<str:verb>/", step, name="influencers_invitation_step"),
            *super().get_urls(),
        ]

    def waiting_view(self, request: HttpRequest, *, status: int = 200) -> HttpResponse:
        """Show which invitations wait for a second person: to how many, in whose words."""
        if not may_settle(request):
            raise PermissionDenied
        rows = invitations.waiting(campaign_or_404(request)).prefetch_related(
            Prefetch(
                "invitations", Invitation.objects.select_related("influencer").order_by("pk")[:SHOWN], "first_ones"
            )
        )
        context = {
            **self.admin_site.each_context(request),
            "title": _("Invitations waiting for a second person"),
            "opts": self.opts,
            "rows": rows,
            "alone": settings.INVITATIONS_ALONE,
            "may_agree": may_agree(request),
        }
        return TemplateResponse(request, "influencers/onboarding/invitations_waiting.html", context, status=status)

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Let invitations go that a colleague wrote, or send none of them."""
        if not may_settle(request):
            raise PermissionDenied
        if verb not in {"agree", "drop"}:
            raise Http404
        rows = CustomText.objects.filter(purpose=custom_texts.Purpose.INVITATION, campaign=campaign_or_404(request))
        row = get_object_or_404(rows, pk=pk)
        if verb == "agree" and (again := reauthentication.require_recent_login(request)):
            return again
        who: dict[str, Any] = {"by": request.user, "at": timezone.now()}
        try:
            if verb == "agree":
                invitations.approve(row, digest=request.POST.get("digest", ""), **who)
                says = _("Approved. The invitations are on their way.")
            else:
                invitations.drop(row, **who)
                says = _("Withdrawn. None of these invitations will be sent.")
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return self.waiting_view(request, status=422)
        self.message_user(request, says, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:influencers_invitation_waiting"))

    @display(description=gettext_lazy("state"), label=COLOURS)
    def shown_state(self, invitation: Invitation) -> tuple[str, str]:
        """Return how far an invitation has come, as a label."""
        if invitation.accepted_at:
            return "accepted", pgettext("invitation", "accepted")
        if invitation.declined_at:
            return "declined", pgettext("invitation", "declined")
        if invitation.given_up_at:
            return "given_up", pgettext("invitation", "given up")
        if invitation.agreement and not invitation.agreement.agreed_at:
            return "held", _("waiting for a second person")
        return (
            ("sent", pgettext("invitation", "sent"))
            if invitation.sent_at
            else ("waiting", pgettext("invitation", "to be sent"))
        )


@admin.register(Interest)
class InterestAdmin(ReauthenticationMixin, DeskAdmin):
    """What influencers make content about."""

    list_display = ["__str__", "slug", "campaign"]
    list_select_related = ["campaign"]
    search_fields = ["slug", "name"]


@admin.register(ValuesQuestion)
class ValuesQuestionAdmin(ReauthenticationMixin, DeskAdmin):
    """Questions that influencers answer when they join."""

    list_display = ["__str__", "key", "position", "campaign"]
    list_select_related = ["campaign"]


def may_agree(request: HttpRequest) -> bool:
    """Return whether the user may approve invitations that a colleague wrote: an approver."""
    return request.user.has_perm("bulletins.approve_bulletin")


def may_settle(request: HttpRequest) -> bool:
    """Return whether the user may see what waits, and send none of it: an approver, and whoever may invite."""
    return may_agree(request) or request.user.has_perm("influencers.change_influencer")


def describe_invited(rows: list[Invitation]) -> str:
    """Return what has become of invitations that were just written."""
    if any(row.agreement_id for row in rows):
        return ngettext(
            "%(n)d invitation needs a second person. An approver can approve it under Invitations.",
            "%(n)d invitations need a second person. An approver can approve them under Invitations.",
            len(rows),
        ) % {"n": len(rows)}
    return ngettext("%(n)d invitation is on its way.", "%(n)d invitations are on their way.", len(rows)) % {
        "n": len(rows)
    }
