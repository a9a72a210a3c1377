"""Message inputs, and what becomes of them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from campaigns.desk import DeskTabularInline, ReadOnly, ReadOnlyAdmin

from .. import drafting, receiving
from ..marks import editions_in_short
from ..models import InputFact, InputSource, MessageInput, NotAllowed, Urgency

INPUT_COLOURS = {"new": "warning", "returned": "info", "accepted": "info", "used": "success", "declined": "default"}
URGENCY_COLOURS = {"routine": "default", "elevated": "info", "urgent": "warning"}
BY_URGENCY = Case(
    When(urgency=Urgency.URGENT, then=Value(0)), When(urgency=Urgency.ELEVATED, then=Value(1)), default=Value(2)
)


class InputSourceInline(ReadOnly, DeskTabularInline):
    """The sources that an input names."""

    model = InputSource
    fields = ["publisher", "title", "url"]


class InputFactInline(ReadOnly, DeskTabularInline):
    """The facts of an input."""

    model = InputFact
    fields = ["key", "text", "valid_until", "superseded_at"]


@admin.register(MessageInput)
class MessageInputAdmin(ReadOnlyAdmin):
    """Official text as it arrived. The desk takes it, asks back, declines it, or starts a bulletin from it."""

    list_display = [
        "title",
        "reference",
        "authority",
        "shown_urgency",
        "shown_state",
        "received_at",
        "embargo_until",
        "taken_by",
    ]
    list_select_related = ["authority", "taken_by"]
    list_filter = ["state", "urgency", "authority", "campaign"]
    search_fields = ["reference", "title", "body"]
    fields = [
        "reference",
        "title",
        "authority",
        "state",
        "urgency",
        "language",
        "shown_body",
        "received_at",
        "embargo_until",
        "valid_until",
        "contact",
        "topics",
        "regions",
        "submitted_by",
        "taken_by",
        "question",
        "answer",
    ]
    inlines = [InputSourceInline, InputFactInline]
    actions = ["accept_selected", "decline_selected", "start_from_selected"]
    change_form_outer_before_template = "desk/_input_bar.html"

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Return what still waits before what is done, of that the most urgent first, then the newest."""
        state = MessageInput.State
        waits = Case(When(state__in=[state.NEW, state.ACCEPTED, state.RETURNED], then=Value(0)), default=Value(1))
        return [waits.asc(), BY_URGENCY.asc(), "-received_at"]

    @display(description=gettext_lazy("urgency"), ordering=BY_URGENCY, label=URGENCY_COLOURS)
    def shown_urgency(self, row: MessageInput) -> tuple[str, str]:
        """Return the urgency as a label."""
        return row.urgency, row.get_urgency_display()

    @display(description=gettext_lazy("state"), ordering="state", label=INPUT_COLOURS)
    def shown_state(self, row: MessageInput) -> tuple[str, str]:
        """Return the state as a label."""
        return row.state, row.get_state_display()

    @display(description=gettext_lazy("text"))
    def shown_body(self, row: MessageInput) -> SafeString:
        """Return the text with its lines as they were written."""
        return format_html('<div class="cb"><div class="as-written" lang="{}">{}</div></div>', row.language, row.body)

    def has_handle_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the user may say what becomes of an input."""
        return request.user.has_perm("bulletins.change_messageinput")

    def has_start_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the user may start a bulletin."""
        return request.user.has_perm("bulletins.add_bulletin")

    def step(self, request: HttpRequest, row: MessageInput, verb: str) -> None:
        """Take one step with an input and say what came of it."""
        user = request.user
        try:
            if verb == "accept":
                receiving.accept(row, by=user)
                says = _("Accepted. It is yours now.")
            elif verb == "return":
                receiving.return_with_question(row, by=user, question=request.POST.get("question", ""))
                says = _("Returned. The contributor sees your question and can answer it.")
            else:
                receiving.decline(row, by=user)
                says = _("Declined. No bulletin comes of it.")
        except NotAllowed as refusal:
            self.message_user(request, f"{row}: {refusal}", messages.ERROR)
            return
        self.log_change(request, row, verb)
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
            self.message_user(request, _("Not started: choose message inputs of one campaign."), messages.ERROR)
            return None
        try:
            bulletin = drafting.start(rows[0].campaign, by=request.user, at=timezone.now(), inputs=rows)
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return None
        self.message_user(
            request, _("Bulletin %(number)s started. Write it here.") % {"number": bulletin.number}, messages.SUCCESS
        )
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))

    def get_urls(self) -> list[URLPattern]:
        """Add the steps."""
        step = self.admin_site.admin_view(require_POST(self.step_view))
        return [path("<int:pk>/step/<str:verb>/", step, name="bulletins_messageinput_step"), *super().get_urls()]

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Take the step that a button asks for."""
        allowed = self.has_start_permission(request) if verb == "start" else self.has_handle_permission(request)
        if verb not in {"accept", "return", "decline", "start"} or not allowed:
            raise PermissionDenied
        row = get_object_or_404(MessageInput.objects.select_related("campaign"), pk=pk)
        back = HttpResponseRedirect(reverse("admin:bulletins_messageinput_change", args=[pk]))
        if verb == "start":
            return self.start(request, [row]) or back
        self.step(request, row, verb)
        return back

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Give the bar over the page what it needs."""
        row = kwargs.get("obj")
        state = MessageInput.State
        if row is not None:
            may = self.has_handle_permission(request)
            context["may_accept"] = may and row.state == state.NEW
            context["may_return"] = may and row.state in {state.NEW, state.ACCEPTED}
            context["may_decline"] = may and row.state in {state.NEW, state.ACCEPTED, state.RETURNED}
            context["may_start"] = self.has_start_permission(request) and row.state in {
                state.NEW,
                state.ACCEPTED,
                state.USED,
            }
            context["made_of_it"] = list(row.bulletins.prefetch_related(editions_in_short()))
        return super().render_change_form(request, context, *args, **kwargs)
