"""Message inputs, and what becomes of them."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, QuerySet, Value, When
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import display

from accounts.desk_base.assigned_filter import AssignedFilter
from bulletins.assignment import assignments
from bulletins.editing import drafts, input_merge
from bulletins.editing.edition_labels import title_of
from bulletins.editing.translation.translation_status import editions_in_short
from bulletins.models import Bulletin, InputAttachment, MessageInput, NotAllowed, Urgency
from campaigns.base_admin import CampaignFilter, ReadOnlyAdmin
from lib.text.languages.languages import own_name
from lib.text.numbers.whole_numbers import whole_number
from lib.text.revisions.word_diff import near

from . import input_attachments, queries, submissions

INPUT_COLOURS = {"new": "warning", "returned": "info", "accepted": "info", "used": "success", "declined": "default"}
URGENCY_COLOURS = {"routine": "default", "elevated": "info", "urgent": "danger"}
BY_URGENCY = Case(
    When(urgency=Urgency.URGENT, then=Value(0)), When(urgency=Urgency.ELEVATED, then=Value(1)), default=Value(2)
)


@admin.register(MessageInput)
class MessageInputAdmin(ReadOnlyAdmin):
    """Official text as it arrived. The desk takes it, asks back, declines it, or starts a bulletin from it."""

    has_saved_views = True
    list_note = gettext_lazy("What authorities have handed in. What waits stands first, the most urgent of it on top.")
    list_display = [
        "shown_title",
        "authority",
        "shown_urgency",
        "shown_state",
        "received_at",
        "shown_embargo",
        "taken_by",
    ]
    list_select_related = ["authority", "taken_by", "replaces"]
    list_filter = ["state", AssignedFilter, "urgency", "authority", CampaignFilter]
    search_fields = ["reference", "title", "body"]
    actions = ["accept_selected", "decline_selected", "start_from_selected"]

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Return what still waits before what is done, of that the most urgent first, then the newest."""
        state = MessageInput.State
        waits = Case(When(state__in=[state.NEW, state.ACCEPTED, state.RETURNED], then=Value(0)), default=Value(1))
        return [waits.asc(), BY_URGENCY.asc(), "-received_at"]

    @display(description=gettext_lazy("title"), ordering="title")
    def shown_title(self, row: MessageInput) -> str:
        """Return the title with the reference, by which people speak of it, and with that of which it is an update."""
        if row.replaces is None:
            return f"{row.title} ({row.reference})"
        texts = {"reference": row.reference, "first": row.replaces.reference}
        return f"{row.title} ({_('%(reference)s, update of %(first)s') % texts})"

    @display(description=gettext_lazy("Embargo"), ordering="embargo_until")
    def shown_embargo(self, row: MessageInput) -> datetime | None:
        """Return when its embargo ends."""
        return row.embargo_until

    @display(description=gettext_lazy("urgency"), ordering=BY_URGENCY, label=URGENCY_COLOURS)
    def shown_urgency(self, row: MessageInput) -> tuple[str, str]:
        """Return the urgency as a label."""
        return row.urgency, row.get_urgency_display()

    @display(description=gettext_lazy("state"), ordering="state", label=INPUT_COLOURS)
    def shown_state(self, row: MessageInput) -> tuple[str, str]:
        """Return the state as a label."""
        return row.state, row.get_state_display()

    def has_handle_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may say what becomes of an input."""
        return request.user.has_perm("bulletins.change_messageinput")

    def has_start_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may start a bulletin."""
        return request.user.has_perm("bulletins.add_bulletin")

    def step(self, request: HttpRequest, row: MessageInput, verb: str) -> None:
        """Take one step with an input and say what came of it."""
        user, now = request.user, timezone.now()
        try:
            if verb == "accept":
                submissions.accept(row, by=user, at=now)
                says = _("Accepted. It is now assigned to you.")
            elif verb == "return":
                submissions.return_with_question(row, by=user, at=now, question=request.POST.get("question", ""))
                says = _("Returned. The contributor will get your question by email and can answer it.")
            else:
                submissions.decline(row, by=user, at=now, reason=request.POST.get("reason", ""))
                says = _(
                    "Declined. No bulletin will be made from it. The contributor sees this, and your "
                    "reason if you gave one."
                )
        except NotAllowed as refusal:
            self.message_user(request, f"{row}: {refusal}", messages.ERROR)
            return
        self.message_user(request, f"{row}: {says}", messages.SUCCESS)

    @admin.action(description=gettext_lazy("Accept"), permissions=["handle"])
    def accept_selected(self, request: HttpRequest, queryset: QuerySet[MessageInput]) -> None:
        """Take the chosen inputs on."""
        for row in queryset:
            self.step(request, row, "accept")

    @admin.action(description=gettext_lazy("Decline"), permissions=["handle"])
    def decline_selected(self, request: HttpRequest, queryset: QuerySet[MessageInput]) -> None:
        """Decline the chosen inputs."""
        for row in queryset:
            self.step(request, row, "decline")

    @admin.action(description=gettext_lazy("Start a bulletin from these"), permissions=["start"])
    def start_from_selected(self, request: HttpRequest, queryset: QuerySet[MessageInput]) -> HttpResponse | None:
        """Start one bulletin from the chosen inputs and open it."""
        return self.start(request, list(queryset.select_related("campaign")))

    def start(self, request: HttpRequest, rows: list[MessageInput]) -> HttpResponse | None:
        """Start one bulletin from `rows`, all of one campaign, and go to it."""
        if len({row.campaign_id for row in rows}) != 1:
            self.message_user(request, _("Not started: choose submissions from one campaign."), messages.ERROR)
            return None
        try:
            bulletin = drafts.start(rows[0].campaign, by=request.user, at=timezone.now(), inputs=rows)
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return None
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))

    def add(self, request: HttpRequest, row: MessageInput) -> HttpResponse | None:
        """Add an input to the open bulletin that was chosen, and go there."""
        bulletin = open_bulletins(row).filter(pk=whole_number(request.POST.get("bulletin"))).first()
        if bulletin is None:
            self.message_user(
                request, _("Nothing added: choose a bulletin that is still being written."), messages.ERROR
            )
            return None
        try:
            input_merge.add_inputs(bulletin, [row], by=request.user, at=timezone.now())
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return None
        says = _("Added to bulletin %(number)s. Its facts are now key messages there; the text is unchanged.")
        self.message_user(request, says % {"number": bulletin.number}, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))

    def get_urls(self) -> list[URLPattern]:
        """Add the steps and the files."""
        step = self.admin_site.admin_view(require_POST(self.step_view))
        file = self.admin_site.admin_view(require_safe(self.attachment_view))
        return [
            path("<int:pk>/step/<str:verb>/", step, name="bulletins_messageinput_step"),
            path("<int:pk>/attachments/<int:attachment>/", file, name="bulletins_messageinput_attachment"),
            *super().get_urls(),
        ]

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Take the step that a button asks for."""
        may = {
            "start": self.has_start_permission(request),
            "add": request.user.has_perm("bulletins.change_bulletin"),
        }
        if verb not in {"accept", "return", "decline", *may} or not may.get(verb, self.has_handle_permission(request)):
            raise PermissionDenied
        row = get_object_or_404(MessageInput.objects.select_related("campaign"), pk=pk)
        back = HttpResponseRedirect(reverse("admin:bulletins_messageinput_change", args=[pk]))
        if verb == "start":
            return self.start(request, [row]) or back
        if verb == "add":
            return self.add(request, row) or back
        self.step(request, row, verb)
        return back

    def attachment_view(self, request: HttpRequest, pk: int, attachment: int) -> FileResponse:
        """Hand out a file that came with an input."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return input_attachments.hand_out(get_object_or_404(InputAttachment, pk=attachment, input=pk))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a submission: what it says, where it is, and what can be done with it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        context = {
            **self.admin_site.each_context(request),
            **self.steps_to_take(request, row),
            "title": str(row),
            "opts": self.opts,
            "original": row,
            "language": own_name(row.language),
            "facts": row.facts.select_related("source"),
            "sources": row.sources.all(),
            "regions": row.regions.all(),
            "topics": row.topics.all(),
            "made_of_it": list(row.bulletins.prefetch_related(editions_in_short())),
            "files": list(row.attachments.all()),
            "steps": queries.steps_of(row, at=timezone.now()),
        }
        if row.replaces:
            context |= {
                "changes": differences(row.replaces, row),
                "bulletins_before": [(one, title_of(one)) for one in bulletins_before(row)],
            }
        return TemplateResponse(request, "bulletins/intake/admin_input.html", context)

    def steps_to_take(self, request: HttpRequest, row: MessageInput) -> dict[str, Any]:
        """Return which steps can be taken with an input by the user."""
        state, may = MessageInput.State, self.has_handle_permission(request)
        is_open = row.state not in {state.USED, state.DECLINED}
        may_add = request.user.has_perm("bulletins.change_bulletin") and is_open
        return {
            "assignment": assignments.panel_of(request.user, row),
            "may_accept": may and row.state == state.NEW,
            "may_return": may and row.state in {state.NEW, state.ACCEPTED},
            "may_decline": may and row.state in {state.NEW, state.ACCEPTED, state.RETURNED},
            "may_start": self.has_start_permission(request) and is_open,
            "open_bulletins": [(one, title_of(one)) for one in open_bulletins(row)] if may_add else [],
        }


def bulletins_before(row: MessageInput) -> list[Bulletin]:
    """Return the bulletins that are made of what an update replaces, directly or by the updates before it, the newest first."""
    keys, before = [], row.replaces
    while before is not None and before.pk not in keys:
        keys.append(before.pk)
        before = before.replaces
    made = Bulletin.objects.filter(inputs__in=keys).exclude(kind=Bulletin.Kind.RETRACTION).distinct()
    return list(made.order_by("-number").prefetch_related(editions_in_short()))


def differences(before: MessageInput, now: MessageInput) -> list[tuple[str, SafeString]]:
    """Return what an update says otherwise: each part with what went in <del> and what came in <ins>."""
    pairs = [
        (_("title"), before.title, now.title),
        (_("text"), before.body, now.body),
        (_("not before"), *(shown_moment(one, one.embargo_until) for one in (before, now))),
        (_("valid until"), *(shown_moment(one, one.valid_until) for one in (before, now))),
        (_("key facts"), *("\n".join(fact.text for fact in one.facts.order_by("pk")) for one in (before, now))),
    ]
    return [(capfirst(part), near(old, new)) for part, old, new in pairs if old != new]


def shown_moment(row: MessageInput, moment: datetime | None) -> str:
    """Return a moment of a submission in its campaign's zone, as people write it."""
    return date_format(row.campaign.local(moment), "DATETIME_FORMAT") if moment else "–"


def open_bulletins(row: MessageInput) -> QuerySet[Bulletin]:
    """Return the bulletins in the making that an input can be added to, the newest first."""
    return Bulletin.objects.filter(campaign=row.campaign_id, state__in=Bulletin.EDITABLE).prefetch_related(
        editions_in_short()
    )
