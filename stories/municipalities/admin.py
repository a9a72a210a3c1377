"""The desk's pages of municipalities: their list, a file of it with every row's fate first, and the people of each with their invitations."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.desk_base.desk_user import user_of
from accounts.login import reauthentication
from campaigns.base_admin import AddedToCampaign, DeskAdmin
from campaigns.desk_fields import BOX
from campaigns.http.middleware import campaign_or_404
from lib.text.languages.languages import language_heading
from lib.text.numbers.whole_numbers import whole_number
from stories.models import Municipality

from . import invitations, municipality_list
from .municipality_list import CHANGED, NEW, REFUSED, SAME, NotReadable, Plan

SHOWN = 400  # rows of a file
INVITE = "stories.add_municipalityinvitation"
REMOVE = "stories.delete_municipalitymember"
FATES = {
    NEW: (gettext_lazy("new"), "good"),
    CHANGED: (gettext_lazy("changed"), "current"),
    SAME: (gettext_lazy("already there"), ""),
    REFUSED: (gettext_lazy("left out"), "bad"),
}
EXAMPLE = "code,kind,name_fi,name_sv,region,email\r\n091,municipality,Helsinki,Helsingfors,MK01,someone@example.org\r\n"


class FileForm(forms.Form):
    """A file of municipalities."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty. Its first row names the columns."),
        },
    )


class InvitationForm(forms.Form):
    """Whom to invite, and in which language."""

    email = forms.EmailField(
        label=gettext_lazy("Email address"), max_length=254, widget=forms.EmailInput(attrs={"class": BOX})
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the invitation"), widget=forms.Select(attrs={"class": BOX})
    )

    def __init__(self, codes: Sequence[str], data: Any = None) -> None:
        super().__init__(data)
        fields: Any = self.fields
        fields["language"].choices = [(code, language_heading(code)) for code in codes]


def shown_of(plan: Plan) -> dict[str, Any]:
    """Return what the page shows of a list: how many rows of each fate, and those first that need somebody."""
    rows = sorted(plan.rows, key=lambda row: (row.fate != REFUSED, row.fate == SAME))
    return {
        "plan": plan,
        "counts": [(label, len(plan.of(fate))) for fate, (label, _kind) in FATES.items()],
        "rows": [(row, *FATES[row.fate]) for row in rows[:SHOWN]],
        "more": max(0, len(rows) - SHOWN),
        "addresses": sum(bool(row.email) and row.fate != REFUSED for row in rows),
        "saves": len(plan.of(NEW)) + len(plan.of(CHANGED)),
    }


@admin.register(Municipality)
class MunicipalityAdmin(AddedToCampaign, DeskAdmin):
    """The municipalities of the campaign that the desk works on. None is deleted: stories are theirs."""

    campaign_by = "campaign"
    list_note = gettext_lazy(
        "Municipalities and other local bodies that may send stories. Bring them by a file, and invite their people: each gets a link of their own."
    )
    list_display = ["shown_name", "code", "kind", "region", "shown_people", "shown_stories"]
    list_select_related = ["region"]
    list_filter = ["kind", "region"]
    search_fields = ["code", "name"]
    fields = ["code", "kind", "name", "region"]
    list_before_template = "stories/municipalities/desk/_list_note.html"
    change_form_outer_after_template = "stories/municipalities/desk/_people.html"
    actions: Any = None

    def complete(self, request: HttpRequest, rows: Sequence[Municipality]) -> None:
        """Put the numbers of people, open invitations and stories beside a page's rows; three queries."""
        known = Municipality.objects.filter(pk__in=[row.pk for row in rows])
        people = dict(known.annotate(n=Count("members")).values_list("pk", "n"))
        open_ones = Count("invitations", filter=Q(invitations__in=invitations.open_ones(at=timezone.now())))
        invited = dict(known.annotate(n=open_ones).values_list("pk", "n"))
        sent = Count("stories", filter=Q(stories__sent_at__isnull=False))
        stories = dict(known.annotate(n=sent).values_list("pk", "n"))
        for row in rows:
            counted: Any = row
            counted.people_count, counted.invited_count, counted.sent_count = (
                people[row.pk],
                invited[row.pk],
                stories[row.pk],
            )

    @display(description=gettext_lazy("municipality"))
    def shown_name(self, row: Municipality) -> str:
        """Return its name."""
        return str(row)

    @display(description=gettext_lazy("people"))
    def shown_people(self, row: Any) -> str:
        """Return how many send stories, or how many are invited."""
        if row.people_count:
            return str(row.people_count)
        if row.invited_count:
            return ngettext("%(n)d invited", "%(n)d invited", row.invited_count) % {"n": row.invited_count}
        return "–"

    @display(description=gettext_lazy("stories"))
    def shown_stories(self, row: Any) -> str:
        """Return how many were sent."""
        return str(row.sent_count) if row.sent_count else "–"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It stays: stories are its."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the file, and the steps with people."""
        view = self.admin_site.admin_view
        return [
            path("file/", view(self.file_view), name="stories_municipality_file"),
            path("<int:pk>/step/", view(require_POST(self.step_view)), name="stories_municipality_step"),
            *super().get_urls(),
        ]

    # --- People

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show who sends stories for it below its form."""
        row = self.get_object(request, object_id)
        extra: dict[str, Any] = {}
        if row is not None:
            may_see = request.user.has_perm("stories.view_municipalitymember")
            codes = row.campaign.language_codes()
            extra = {
                "may_see_people": may_see,
                "may_invite": request.user.has_perm(INVITE) and row.campaign.closed_at is None,
                "may_remove": request.user.has_perm(REMOVE),
                "members": row.members.select_related("user").order_by("pk") if may_see else [],
                "open_invitations": invitations.open_ones(at=timezone.now()).filter(municipality=row)
                if may_see
                else [],
                "invitation_form": InvitationForm(codes),
            }
        return super().change_view(request, object_id, form_url, extra | (extra_context or {}))

    def step_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Invite somebody, withdraw an invitation, or take somebody off."""
        do, by, now = request.POST.get("do", ""), user_of(request), timezone.now()
        if not request.user.has_perm(REMOVE if do == "remove" else INVITE):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request).select_related("campaign"), pk=pk)
        if again := reauthentication.require_recent_login(request):
            return again
        back = HttpResponseRedirect(reverse("admin:stories_municipality_change", args=[pk]))
        key = whole_number(request.POST.get("key"))
        try:
            if do == "invite":
                form = InvitationForm(row.campaign.language_codes(), request.POST)
                if not form.is_valid():
                    raise invitations.NotInvited(_("Not invited: write an email address."))
                invitations.invite(
                    row, form.cleaned_data["email"], language=form.cleaned_data["language"], by=by, at=now
                )
                says = _("Invited. The email leaves within a minute.")
            elif do == "withdraw":
                invitations.withdraw(get_object_or_404(row.invitations, pk=key), by=by, at=now)
                says = _("Withdrawn. Its link opens nothing any more.")
            elif do == "remove":
                invitations.remove(get_object_or_404(row.members.select_related("user"), pk=key), by=by, at=now)
                says = _("Taken off. What they sent stays with the municipality.")
            else:
                return back
        except invitations.NotInvited as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, says, messages.SUCCESS)
        return back

    # --- A file

    def file_view(self, request: HttpRequest) -> HttpResponse:
        """Read a file and show every row's fate; a second button stores what was shown."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        campaign, is_sent, error = campaign_or_404(request), request.method == "POST", ""
        form = FileForm(None)
        text, plan = "", None
        if is_sent:
            try:
                if "digest" in request.POST:
                    text = municipality_list.text_of(request.POST.get("text", "").encode())
                    return self.store(request, text)
                form = FileForm(request.POST, request.FILES)
                if form.is_valid():
                    text = municipality_list.text_of(form.cleaned_data["file"].read(municipality_list.MOST_BYTES + 1))
                    plan = municipality_list.plan(campaign, text)
            except NotReadable as fault:
                error = str(fault)
        context = {
            **self.admin_site.each_context(request),
            **(shown_of(plan) if plan else {}),
            "title": _("Municipalities from a file"),
            "opts": self.opts,
            "form": form,
            "error": error,
            "text": text,
            "may_invite": request.user.has_perm(INVITE),
            "example": EXAMPLE,
        }
        status = 422 if is_sent and (error or form.errors) else 200
        return TemplateResponse(request, "stories/municipalities/desk/file.html", context, status=status)

    def store(self, request: HttpRequest, text: str) -> HttpResponse:
        """Store a file as it was shown. Raise NotReadable."""
        campaign = campaign_or_404(request)
        invites = bool(request.POST.get("invites")) and request.user.has_perm(INVITE)
        if invites and (again := reauthentication.require_recent_login(request)):
            return again
        plan, invited = municipality_list.store(
            campaign,
            text,
            digest=request.POST.get("digest", ""),
            invites=invites,
            by=user_of(request),
            at=timezone.now(),
        )
        new, changed = len(plan.of(NEW)), len(plan.of(CHANGED))
        says = _("Saved: %(new)d new, %(changed)d changed, %(invited)d invited.")
        self.message_user(request, says % {"new": new, "changed": changed, "invited": invited}, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:stories_municipality_changelist"))
