"""The desk's page of who has a role in the campaign, where its administrators give and take them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.desk_base.desk_user import user_of
from accounts.login import reauthentication, second_factor
from accounts.models import User
from campaigns.base_admin import DeskAdmin
from campaigns.models import CampaignRole

from . import role_holders
from .forms import GiveForm


@admin.register(CampaignRole)
class CampaignRoleAdmin(DeskAdmin):
    """
    Who has which role in the campaign alone. A role is given and taken, never changed: who does so has just proved who they
    are, and what one administrator alone may not do waits for a second one.
    """

    campaign_by = "campaign"
    list_note = gettext_lazy(
        "People who have a role in this campaign only. They see nothing of other campaigns."
        " Whoever has a role for the whole site has it here too, and is listed under People."
    )
    list_display = ["person", "shown_role", "email", "second_factor"]
    list_select_related = ["user"]
    list_filter = ["role"]
    search_fields = ["user__name", "user__email"]
    ordering = ["user__name", "user__email", "role"]
    actions = None

    def complete(self, request: HttpRequest, rows: list[CampaignRole]) -> None:
        """Find who of a page has set up a second factor; one query."""
        ready = second_factor.holders([row.user for row in rows])
        for row in rows:
            row.has_factor = row.user_id in ready  # type: ignore[attr-defined]  # for the column below

    @display(description=gettext_lazy("name"), ordering="user__name")
    def person(self, row: CampaignRole) -> str:
        """Return who has it."""
        return str(row.user)

    @display(description=gettext_lazy("role"), ordering="role")
    def shown_role(self, row: CampaignRole) -> str:
        """Return which role."""
        return row.get_role_display()

    @display(description=gettext_lazy("email address"), ordering="user__email")
    def email(self, row: CampaignRole) -> str:
        """Return the person's address."""
        return row.user.email

    @display(description=gettext_lazy("second factor"), boolean=True)
    def second_factor(self, row: CampaignRole) -> bool:
        """Return whether the person has set one up."""
        return row.has_factor  # type: ignore[attr-defined]  # set for all rows at once

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A role is taken and another one given."""
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Give someone roles in the campaign that whoever asks works in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        campaign = getattr(request, "campaign", None)
        if campaign is None:
            raise Http404
        form = GiveForm(request.POST if request.method == "POST" else None, initial={"campaign": campaign.pk})
        if request.method != "POST":
            return self.page(request, form)
        if again := reauthentication.require_recent_login(request):
            return again
        if form.is_valid():
            told = form.cleaned_data
            if told["campaign"] != campaign.pk:
                form.add_error(None, _("Not given: you work in another campaign now. Choose the one that you mean."))
                return self.page(request, form, 409)
            try:
                user, waiting = role_holders.give(
                    campaign, told["email"], told["roles"], name=told["name"], by=user_of(request), at=timezone.now()
                )
            except role_holders.NotGiven as refusal:
                form.add_error("email", str(refusal))
            else:
                self.tell(request, user, waiting)
                return HttpResponseRedirect(reverse("admin:campaigns_campaignrole_changelist"))
        return self.page(request, form, 422)

    def page(self, request: HttpRequest, form: GiveForm, status: int = 200) -> HttpResponse:
        """Return the page on which roles are given."""
        context = {**self.admin_site.each_context(request), "title": _("Give a role"), "opts": self.opts, "form": form}
        return TemplateResponse(request, "campaigns/admin/give_role.html", context, status=status)

    def tell(self, request: HttpRequest, user: User, waiting: list[str]) -> None:
        """Say what came of giving roles."""
        if waiting:
            says = _("%(name)s: %(roles)s needs two people. Another administrator has to agree, or 24 hours pass.")
            names = [str(label) for role, label in CampaignRole.ROLES if role in waiting]
            self.message_user(request, says % {"name": user, "roles": ", ".join(names)}, messages.WARNING)
        else:
            self.message_user(request, _("%(name)s has the role now.") % {"name": user}, messages.SUCCESS)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Take a role, once it was asked whether to."""
        if not self.has_delete_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if request.method != "POST":
            context = {**self.admin_site.each_context(request), "title": _("Take a role away"), "opts": self.opts}
            return TemplateResponse(request, "campaigns/admin/take_role.html", context | {"row": row})
        if again := reauthentication.require_recent_login(request):
            return again
        if role_holders.take(row, by=user_of(request), at=timezone.now()):
            says, level = _("%(name)s no longer has the role, and is logged out everywhere."), messages.SUCCESS
        else:
            says, level = (
                _("%(name)s keeps the role until another administrator agrees, or 24 hours pass."),
                messages.WARNING,
            )
        self.message_user(request, says % {"name": row.user}, level)
        return HttpResponseRedirect(reverse("admin:campaigns_campaignrole_changelist"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[CampaignRole]:
        """Return the roles with whose they are."""
        return super().get_queryset(request).select_related("user")
