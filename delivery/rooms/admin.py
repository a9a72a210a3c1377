"""The desk's pages of chat rooms: add one, prove it by the code that came into it, say what goes there, remove it."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from unfold.decorators import display

from accounts.desk_base.desk_user import user_of
from accounts.login.codes import MOST_GUESSES
from campaigns.desk_steps import Step, SteppedAdmin, told
from campaigns.http.middleware import campaign_or_404
from delivery.models import Channel, Room
from delivery.transports import channels
from lib.text.languages.languages import language_heading

from . import room_steps
from .room_form import RoomForm
from .room_steps import NotDone

CHANGE = "delivery.change_room"
COLOURS = {"works": "success", "waits": "warning", "ended": "default"}


class StateFilter(admin.SimpleListFilter):
    """How far rooms are, as state_of."""

    title = gettext_lazy("state")
    parameter_name = "state"
    STATES = {
        "waits": Q(ended_at=None, recipient=None),
        "works": Q(ended_at=None, recipient__isnull=False),
        "ended": Q(ended_at__isnull=False),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the states."""
        return [("waits", _("not proven yet")), ("works", _("in use")), ("ended", _("ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return those in the chosen one."""
        return queryset.filter(self.STATES.get(self.value() or "", Q()))


@admin.register(Room)
class RoomAdmin(SteppedAdmin):
    """The chat rooms of the campaign that the desk works on. One that is left stays, without what opened it."""

    refusal, templates = NotDone, "delivery/rooms"
    campaign_by = "campaign"
    list_note = gettext_lazy(
        "Rooms of newsrooms and partner organisations in Slack, Mattermost, Microsoft Teams or Matrix. What is urgent comes into each, "
        "and corrections of what came there."
    )
    list_display = ["organisation", "service", "host", "shown_language", "shown_wishes", "shown_state"]
    list_filter = [StateFilter, "service"]
    search_fields = ["organisation", "host"]

    @display(description=gettext_lazy("language"), ordering="language")
    def shown_language(self, room: Room) -> str:
        """Return the language."""
        return language_heading(room.language)

    @display(description=gettext_lazy("gets"))
    def shown_wishes(self, room: Room) -> str:
        """Return what goes there."""
        return str(_("every bulletin") if room.wants_bulletins else pgettext("kind of message", "what is urgent"))

    @display(description=gettext_lazy("state"), label=COLOURS)
    def shown_state(self, room: Room) -> tuple[str, str]:
        """Return how far it is, as a label."""
        return state_of(room), state_words(room)

    def one(self, request: HttpRequest, pk: int) -> Room:
        """Return a room that the user reaches."""
        return get_object_or_404(self.get_queryset(request).select_related("campaign", "added_by"), pk=pk)

    # --- Adding

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Add a room, and send the code there."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        campaign, is_sent = campaign_or_404(request), request.method == "POST"
        form, refusal = RoomForm(campaign, request.POST if is_sent else None), ""
        is_set_up = Channel.ROOM in channels.beside_mail(campaign)
        if is_sent and is_set_up and form.is_valid():
            try:
                room = self.added(request, form)
            except NotDone as why:
                refusal = str(why)
            else:
                return HttpResponseRedirect(self.address(room))
        context = {"form": form, "refusal": refusal, "is_set_up": is_set_up}
        return self.answer(request, "add", _("Add a chat room"), context, status=422 if is_sent else 200)

    def added(self, request: HttpRequest, form: RoomForm) -> Room:
        """Store a room and send it the code; say what its service answered. Raise NotDone where it is there already."""
        given, now = form.cleaned_data, timezone.now()
        names = ("organisation", "service", "language", "wants_bulletins")
        room = room_steps.add(
            campaign_or_404(request), form.place, **{name: given[name] for name in names}, by=user_of(request), at=now
        )
        try:
            room_steps.ask(room, at=now)
        except NotDone as why:
            self.message_user(request, str(why), messages.WARNING)
        else:
            self.message_user(request, _("Added. A code was sent into the room."), messages.SUCCESS)
        return room

    # --- One of them

    def steps(self) -> dict[str, Step]:
        """Return each step of a room."""

        def prove(room: Room, request: HttpRequest) -> None:
            room_steps.prove(room, request.POST.get("code", ""), **told(request))

        def choose(room: Room, request: HttpRequest) -> None:
            room_steps.change_wishes(room, wants_bulletins="bulletins" in request.POST, **told(request))

        may = (CHANGE,)
        return {
            "prove": Step(may, prove, _("Proven. What is urgent comes into this room from now on.")),
            "ask": Step(may, lambda room, request: room_steps.ask(room, at=timezone.now()), _("A code was sent.")),
            "choose": Step(may, choose, _("Saved.")),
            "leave": Step(
                may,
                lambda room, request: room_steps.leave(room, **told(request)),
                _("Removed. Nothing goes there any more, and its address was deleted."),
            ),
        }

    def page(self, request: HttpRequest, row: Room, *, refusal: str = "", status: int = 200) -> HttpResponse:
        """Return the page of a room."""
        context = {
            "room": row,
            "refusal": refusal,
            "state": state_of(row),
            "state_words": state_words(row),
            "language_words": language_heading(row.language),
            "may": request.user.has_perm(CHANGE),
            "is_code_out": is_code_out(row, at=timezone.now()),
            "has_too_many_guesses": bool(row.digest and row.tries >= MOST_GUESSES),
            "is_set_up": Channel.ROOM in channels.beside_mail(row.campaign),
        }
        return self.answer(request, "room", str(row), context, status=status)


def state_of(room: Room) -> str:
    """Return how far a room is: "waits" for its code, "works" or "ended"."""
    return "ended" if room.ended_at else "works" if room.recipient_id else "waits"


def state_words(room: Room) -> str:
    """Return the same in words."""
    if room.ended_at:
        return str(room.get_ended_because_display())
    return str(_("in use") if room.recipient_id else _("not proven yet"))


def is_code_out(room: Room, *, at: datetime) -> bool:
    """Return whether a code was sent that can still be typed."""
    is_new = bool(room.digest and room.asked_at and room.asked_at > at - room_steps.CODE_WORKS)
    return is_new and room.tries < MOST_GUESSES
