"""
The desk's pages about a send: its live ledger, the buttons that steer it, what to do about rows in doubt, its record.

What cannot be taken back (cancelling, sending again, giving up) is asked about on a page of its own first.
"""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from unfold.decorators import display

from accounts.access.permissions import reaches_all
from accounts.desk_base.desk_user import user_of
from accounts.desk_base.long_lists import LongList, RecentValuesFilter
from accounts.login import reauthentication
from campaigns.base_admin import CampaignFilter, ReadOnlyAdmin
from campaigns.translated_fields import in_language
from delivery.fanout import stand_ins
from delivery.message.admin import QUEUE_COLOURS
from delivery.message.titles import titles_of
from delivery.models import Channel, Delivery, Mailing, NotPossible, Recipient, Send
from delivery.reports import csv_record, inbox_times, ledger, ledger_by_send, send_progress
from delivery.transports import costs
from lib.text.numbers.whole_numbers import whole_number, whole_numbers

from . import send_deadline as sending_deadline
from . import unknown_outcomes
from .unknown_outcomes import Resolution

SHOWN = 100  # rows in doubt on one page
STEPS_SHOWN = 20
STILL = 286  # htmx stops asking when it gets this
SEND_COLOURS = {
    "planned": "info",
    "sending": "success",
    "paused": "warning",
    "held": "warning",
    "cancelled": "danger",
    "finished": "default",
}
NEEDS_A_PERSON = Case(When(state__in=[Send.State.HELD, Send.State.PAUSED], then=Value(1)), default=Value(0))
DELIVERY_COLOURS = {
    "queued": "info",
    "claimed": "info",
    "handing_off": "info",
    "accepted": "success",
    "deferred": "warning",
    "failed": "danger",
    "suppressed": "default",
    "superseded": "default",
    "expired": "default",
    "unknown": "warning",
}
STANDS = {
    Send.State.PLANNED: gettext_lazy("It starts at its slot."),
    Send.State.SENDING: gettext_lazy("It is in progress."),
    Send.State.PAUSED: gettext_lazy("Nothing is sent until someone resumes it."),
    Send.State.HELD: gettext_lazy("Nothing is sent until a person has checked it and releases it."),
    Send.State.CANCELLED: gettext_lazy("What had not been sent stays here."),
    Send.State.FINISHED: gettext_lazy("Everything has been sent."),
}
STEPS = {
    "pause": gettext_lazy("Paused"),
    "resume": gettext_lazy("Resumed"),
    "release": gettext_lazy("Released"),
    "cancel": gettext_lazy("Cancelled"),
    "export": gettext_lazy("Downloaded the record, without addresses"),
    "export_addresses": gettext_lazy("Downloaded the record, with addresses"),
}


class DeadlineForm(forms.Form):
    """When it is too late for a send to leave, in the campaign's time zone."""

    deadline = forms.DateTimeField(
        label=gettext_lazy("Nothing is sent after"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "box"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": gettext_lazy("Choose a day and a time."),
            "invalid": gettext_lazy("Not a valid day and time. Enter it like 2026-03-25T14:00."),
        },
    )


@admin.register(Send)
class SendAdmin(ReadOnlyAdmin):
    """
    Sends: a mailing on its way to an audience. The page of one is its live ledger, with the buttons that stop it
    and let it go on.
    """

    has_saved_views = True
    list_display = ["title", "shown_audience", "queue", "slot_at", "shown_state", "progress"]
    list_select_related = ["mailing__campaign", "mailing__superseded_by", "audience", "instead_of"]
    list_filter = ["state", "mailing__queue", "audience", CampaignFilter]
    search_fields = ["mailing__messages__subject", "mailing__key"]
    search_help_text = gettext_lazy("Title")
    list_note = gettext_lazy(
        "What waits for someone stands first, then the newest. Sent means accepted by the receiving server. "
        "In a bar the empty part has not been sent yet."
    )

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Return what waits for a person before the rest, and of both the newest first."""
        return [NEEDS_A_PERSON.desc(), "-slot_at", "-pk"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the sends that the user reaches; the list leaves out what began by a channel that nobody chose."""
        rows, page = super().get_queryset(request), request.resolver_match
        return rows.chosen() if page and page.url_name == "delivery_send_changelist" else rows

    def complete(self, request: HttpRequest, rows: list[Send]) -> None:
        """Give the sends of a page their titles and numbers; four queries, however many they are."""
        titles = titles_of({send.mailing_id for send in rows})
        sums = ledger_by_send.sums_of(rows, at=timezone.now())
        for send in rows:
            send.titles, send.sum = titles[send.mailing_id], sums.get(send.pk)  # type: ignore[attr-defined]

    @display(description=gettext_lazy("title"))
    def title(self, send: Send) -> str:
        """Return what it says, in the reader's language."""
        return in_language(send.titles) or str(send.mailing)  # type: ignore[attr-defined]

    @display(description=gettext_lazy("audience"), ordering="audience__slug")
    def shown_audience(self, send: Send) -> SafeString:
        """Return whom it goes to, and in which languages."""
        context = {"send": send, "languages": ", ".join(send.titles)}  # type: ignore[attr-defined]
        return render_to_string("delivery/admin/_send_audience.html", context)

    @display(description=gettext_lazy("progress"))
    def progress(self, send: Send) -> SafeString | str:
        """Return how many have got it, as a bar and in numbers."""
        if send.fanned_out_at is None:
            return "–"
        context = {"send": send, "row": send.sum}  # type: ignore[attr-defined]
        return render_to_string("delivery/admin/_send_progress.html", context)

    @display(description=gettext_lazy("state"), ordering="state", label=SEND_COLOURS)
    def shown_state(self, send: Send) -> tuple[str, str]:
        """Return the state as a label."""
        return send.state, send.get_state_display()

    @display(description=gettext_lazy("urgency"), ordering="mailing__queue", label=QUEUE_COLOURS)
    def queue(self, send: Send) -> tuple[str, str]:
        """Return the queue that it runs on as a label."""
        return send.mailing.queue, send.mailing.get_queue_display()

    def has_control_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may stop a send and let it go on."""
        return request.user.has_perm("delivery.control_send")

    def get_urls(self) -> list[URLPattern]:
        """Add the live part of the page, its buttons, the pages that ask once more, and the record."""
        wrap = self.admin_site.admin_view
        asks = require_http_methods(["GET", "HEAD", "POST"])
        return [
            path("<int:pk>/ledger/", wrap(require_safe(self.ledger_view)), name="delivery_send_ledger"),
            path("<int:pk>/step/<str:verb>/", wrap(require_POST(self.step_view)), name="delivery_send_step"),
            path("<int:pk>/cancel/", wrap(require_safe(self.cancel_view)), name="delivery_send_cancel"),
            path("<int:pk>/deadline/", wrap(require_POST(self.deadline_view)), name="delivery_send_deadline"),
            path("<int:pk>/resolve/<str:how>/", wrap(asks(self.resolve_view)), name="delivery_send_resolve"),
            path("<int:pk>/record/", wrap(require_POST(self.record_view)), name="delivery_send_record"),
            *super().get_urls(),
        ]

    def found(self, request: HttpRequest, pk: int) -> Send:
        """Return a send with what its pages tell of it, or raise Http404."""
        return get_object_or_404(self.get_queryset(request).select_related(*self.list_select_related), pk=pk)

    # Looking

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the send with its ledger."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        send = self.get_object(request, object_id)
        if send is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return self.whole_page(request, self.found(request, send.pk))

    def whole_page(
        self, request: HttpRequest, send: Send, *, form: DeadlineForm | None = None, status: int = 200
    ) -> HttpResponse:
        """Return the page of a send, with `form` as it was sent in, if it was."""
        page = self.page(request, send)
        zone = send.mailing.campaign.zone
        # Without a zone: the box shows the campaign's, whichever the request is in.
        initial = send.deadline and send.deadline.astimezone(zone).replace(tzinfo=None)
        context = {
            **self.admin_site.each_context(request),
            **page,
            "form": form or DeadlineForm(initial={"deadline": initial}),
            "zone": zone,
            "may_set_deadline": self.has_control_permission(request) and not page["is_over"],
            "every": 15 if (send.candidates or 0) >= send_progress.LARGE else 3,
        }
        return TemplateResponse(request, "delivery/admin/send.html", context, status=status)

    def ledger_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the part of the page that refreshes itself; when the send is over, for the last time."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        page = self.page(request, self.found(request, pk))
        return TemplateResponse(request, "delivery/admin/_send.html", page, status=STILL if page["is_still"] else 200)

    def page(self, request: HttpRequest, send: Send) -> dict[str, Any]:
        """Return what the page of a send shows; so many queries at most, however many rows there are."""
        at, states = timezone.now(), Send.State
        seen = send_progress.progress_of([send], at=at)
        pace = send_progress.pace_of(send, seen, at=at)
        total = seen.ledger.total
        first_part = send_progress.is_first_part(send)
        subject, steps = subject_of(send), steps_of(send)
        return {
            "title": _("Send: %(what)s to %(whom)s") % {"what": subject, "whom": send.whom},
            "opts": self.opts,
            "send": send,
            "subject": subject,
            "stands": STANDS[states(send.state)],
            "now": at,
            "ledger": seen.ledger,
            # What is unknown or was set aside has a pane of its own.
            "problems": [one for one in seen.problems if one.state != "unknown" and one.code != Delivery.QUARANTINED],
            "possibly_twice": seen.possibly_twice,
            "reported": seen.reported,
            "got_it": total.accepted - seen.receipts[Delivery.Receipt.BOUNCED],
            # Over, although there were people whom it had not reached.
            "stopped": send.state == states.CANCELLED or (is_over(send) and bool(total.superseded or total.expired)),
            "pace": pace,
            "is_stalled": not first_part and is_stalled(send, total, pace, steps, at=at),
            "held_back": send_progress.throttle_reason(send, at=at) if send.state == states.SENDING else "",
            "first_people": Delivery.objects.of(send).filter(pk__lte=send.canary_up_to).count() if first_part else 0,
            "unknown": self.in_doubt(send, Resolution.SENT) if total.unknown else [],
            "quarantined": self.in_doubt(send, Resolution.RETRY) if seen.quarantined else [],
            "quarantined_count": seen.quarantined,
            **costs_of(send),
            "told_instead": list(send.stand_ins.order_by("pk")) if send.channel != Channel.MAIL else [],
            "inboxes": inbox_times.by_provider([send], at=at),
            "steps": steps,
            **steps_to_take(send, may=self.has_control_permission(request)),
            "refusal": refusal_of(send, at=at),
            "is_over": is_over(send),
            # A cancelled send ends when the window in the air has.
            "is_still": is_over(send) and send.finished_at is not None,
            "may_see_rows": request.user.has_perm("delivery.view_delivery"),
            "may_take_record": may_take_record(request),
            "may_see_people": reaches_all(request.user, "delivery.view_recipient"),
        }

    def in_doubt(self, send: Send, how: Resolution) -> list[Delivery]:
        """Return the first rows that `how` can be said of, with their recipients."""
        return list(unknown_outcomes.open_to(send, how).select_related("recipient").order_by("pk")[:SHOWN])

    # Steering

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Pause, resume, release or cancel a send, and say what came of it."""
        steps = {
            "pause": (Send.pause, _("Paused. What has not been sent yet waits until someone resumes it.")),
            "resume": (Send.resume, _("Resumed. What has not been sent yet goes out now.")),
            "release": (Send.resume, _("Released. It is being sent now.")),
            "cancel": (Send.cancel, _("Cancelled. No more of it will be sent.")),
        }
        if verb not in steps or not self.has_control_permission(request):
            raise PermissionDenied
        if verb in {"resume", "release"} and (again := reauthentication.require_recent_login(request)):
            return again
        send = self.found(request, pk)
        step, says = steps[verb]
        try:
            with transaction.atomic():
                step(send)
                self.log_change(request, send, verb)
        except NotPossible as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, says, messages.SUCCESS)
        return self.back_to(pk)

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what cancelling does, and ask whether to."""
        if not self.has_control_permission(request):
            raise PermissionDenied
        send = self.found(request, pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Cancel what has not been sent"),
            "opts": self.opts,
            "send": send,
            "subject": subject_of(send),
            "total": send_progress.progress_of([send], at=timezone.now()).ledger.total,
            "is_over": is_over(send),
        }
        return TemplateResponse(request, "delivery/admin/send_cancel.html", context)

    def deadline_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Set or clear the moment after which nothing leaves; a refusal keeps what was typed."""
        if not self.has_control_permission(request):
            raise PermissionDenied
        send, clear = self.found(request, pk), "clear" in request.POST
        form = DeadlineForm(request.POST)
        with timezone.override(send.mailing.campaign.zone):
            if not clear and not form.is_valid():
                return self.whole_page(request, send, form=form, status=422)
        deadline = None if clear else form.cleaned_data["deadline"]
        try:
            sending_deadline.set_deadline(send, deadline, by=user_of(request), at=timezone.now())
        except NotPossible as refusal:
            send.refresh_from_db(fields=["state"])
            if is_over(send):  # its page has no form any more
                self.message_user(request, str(refusal), messages.ERROR)
                return self.back_to(pk)
            form.add_error("deadline", str(refusal))
            return self.whole_page(request, send, form=form, status=422)
        says = (
            _("Saved. What has not been sent by then stays here.")
            if deadline
            else _("Saved. There is no “send by” now.")
        )
        self.message_user(request, says, messages.SUCCESS)
        return self.back_to(pk)

    # Settling what is in doubt

    def resolve_view(self, request: HttpRequest, pk: int, how: str) -> HttpResponse:
        """Show the rows in doubt and what the answer `how` does to them; then do it to those that were chosen."""
        if how not in Resolution.values:
            raise Http404
        if not (self.has_view_permission(request) and self.has_control_permission(request)):
            raise PermissionDenied
        send, answer, at = self.found(request, pk), Resolution(how), timezone.now()
        if request.method == "POST":
            if answer in {Resolution.AGAIN, Resolution.RETRY} and (
                again := reauthentication.require_recent_login(request)
            ):
                return again
            return self.resolved(request, send, answer, at=at)
        rows = self.in_doubt(send, answer)
        count = len(rows) if len(rows) < SHOWN else unknown_outcomes.open_to(send, answer).count()
        refusal = refusal_of(send, at=at) if answer in {Resolution.AGAIN, Resolution.RETRY} else ""
        context = {
            **self.admin_site.each_context(request),
            "title": answer.label,
            "opts": self.opts,
            "send": send,
            "subject": subject_of(send),
            "how": answer.value,
            "label": answer.label,
            "rows": rows,
            "count": count,
            "refusal": refusal,
            "seen": at.astimezone(UTC).isoformat(),
            "may_see_rows": request.user.has_perm("delivery.view_delivery"),
            "may_see_people": reaches_all(request.user, "delivery.view_recipient"),
        }
        return TemplateResponse(request, "delivery/admin/send_resolve.html", context)

    def resolved(self, request: HttpRequest, send: Send, how: Resolution, *, at: datetime) -> HttpResponse:
        """Settle the rows that were chosen, and say how many changed."""
        everything = request.POST.get("which") == "all"
        chosen = whole_numbers(request.POST.getlist("row"))[:SHOWN]
        seen = moment_of(request.POST.get("seen", ""))
        again = HttpResponseRedirect(reverse("admin:delivery_send_resolve", args=[send.pk, how.value]))
        if seen is None or not (everything or chosen):
            self.message_user(request, _("Nothing changed: choose at least one row."), messages.ERROR)
            return again
        try:
            count = unknown_outcomes.resolve(
                send, how, by=user_of(request), at=at, rows=None if everything else chosen, seen=seen
            )
        except NotPossible as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return self.back_to(send.pk)
        if count:
            self.message_user(request, f"{describe_settlement(how, count)}.", messages.SUCCESS)
        left = 0 if everything else len(set(chosen)) - count
        if left or not count:
            says = _("Rows settled in the meantime, by a receipt or by someone else, stay as they are.")
            self.message_user(request, says, messages.WARNING)
        return self.back_to(send.pk)

    # The record

    def record_view(self, request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
        """Hand out the record of a send. A POST, because it is written down who took it."""
        if not (self.has_view_permission(request) and may_take_record(request)):
            raise PermissionDenied
        if again := reauthentication.require_recent_login(request):
            return again
        send = self.found(request, pk)
        with_addresses = reaches_all(request.user, "delivery.view_recipient")
        self.log_change(request, send, "export_addresses" if with_addresses else "export")
        name = csv_record.file_name(send, at=timezone.now())
        return StreamingHttpResponse(
            csv_record.record_of(send, with_addresses=with_addresses),
            content_type="text/csv; charset=utf-8; header=present",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def back_to(self, pk: int) -> HttpResponseRedirect:
        """Lead back to the page of a send."""
        return HttpResponseRedirect(reverse("admin:delivery_send_change", args=[pk]))


def is_over(send: Send) -> bool:
    """Return whether a send can neither be stopped nor go on."""
    return send.state in {Send.State.FINISHED, Send.State.CANCELLED}


def refusal_of(send: Send, *, at: datetime) -> str:
    """Return why nothing more of a send may leave, or ""."""
    try:
        unknown_outcomes.refuse_what_cannot_go(send, at=at)
    except NotPossible as why:
        return str(why)
    return ""


def subject_of(send: Send) -> str:
    """Return what a send says, in the reader's language; one query."""
    return in_language(titles_of([send.mailing_id])[send.mailing_id]) or str(send.mailing)


def moment_of(text: str) -> datetime | None:
    """Return the aware moment that `text` is, or None."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def costs_of(send: Send) -> dict[str, str]:
    """Return in words what the messages of a send have cost, and what they will when all have left; nothing where none is paid for."""
    if send.channel not in costs.PRICED or send.fanned_out_at is None:
        return {}
    in_all = costs.of_send(send, states=costs.TO_PAY)
    return {"cost": costs.of_send(send).words, "cost_in_all": in_all.words if not is_over(send) else ""}


def is_stalled(
    send: Send, total: ledger.Row, pace: send_progress.Pace, steps: list[tuple[LogEntry, str]], *, at: datetime
) -> bool:
    """Return whether a send has people to go to and has gone to nobody for a while, since it began or a person let it go on."""
    waits = send.state == Send.State.SENDING and total.to_go > total.deferred
    let_go = [entry.action_time for entry, _words in steps if entry.change_message in ("resume", "release")]
    began = max((moment for moment in (send.fanned_out_at, *let_go) if moment), default=None)
    return waits and not pace.per_minute and began is not None and at - began > send_progress.PACE


def steps_to_take(send: Send, *, may: bool) -> dict[str, bool]:
    """Return which steps can be taken with a send by someone who `may` take them."""
    state = Send.State
    return {
        "can_pause": may and send.state == state.SENDING,
        "can_resume": may and send.state == state.PAUSED,
        "can_release": may and send.state == state.HELD,
        "can_cancel": may and send.state in {state.PLANNED, state.SENDING, state.PAUSED, state.HELD},
        "can_resolve": may,
    }


def steps_of(send: Send) -> list[tuple[LogEntry, str]]:
    """Return the last steps that people took with a send, each with what it was in words; one query."""
    kind = ContentType.objects.get_for_model(Send)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(send.pk)).select_related("user")
    return [(entry, describe_step(entry)) for entry in entries.order_by("-action_time", "-pk")[:STEPS_SHOWN]]


def describe_step(entry: LogEntry) -> str:
    """Return what someone did, in words."""
    verb, _colon, rest = entry.change_message.partition(":")
    if verb in STEPS:
        return str(STEPS[verb])
    if verb in Resolution.values and rest.isdecimal():
        return describe_settlement(Resolution(verb), int(rest))
    if verb == "deadline":
        moment = moment_of(rest)
        if moment is None:
            return _("Cleared the “send by”")
        return _("Set the “send by” to %(time)s") % {
            "time": date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")
        }
    return entry.get_change_message()


def describe_settlement(how: Resolution, count: int) -> str:
    """Return what became of `count` rows, in words."""
    says = {
        Resolution.SENT: ngettext("%(n)d row counted as arrived", "%(n)d rows counted as arrived", count),
        Resolution.AGAIN: ngettext("%(n)d row queued to go again", "%(n)d rows queued to go again", count),
        Resolution.NOT_SENT: ngettext("%(n)d row given up", "%(n)d rows given up", count),
        Resolution.RETRY: ngettext("%(n)d row queued for one more try", "%(n)d rows queued for one more try", count),
    }
    return says[how] % {"n": count}


def may_take_record(request: HttpRequest) -> bool:
    """Return whether the user may take the record of a send: who steers it answers for it."""
    return any(map(request.user.has_perm, ("delivery.control_send", "delivery.view_delivery")))


@admin.register(Delivery)
class DeliveryAdmin(LongList, ReadOnlyAdmin):
    """The ledger, row by row."""

    list_display = ["pk", "recipient", "language", "shown_state", "code", "attempts", "handed_off_at", "send_id"]
    list_select_related = ["recipient"]
    list_filter = ["state", ("language", RecentValuesFilter), "receipt", "possible_duplicate"]
    readonly_fields = ["told_instead"]
    search_fields = ["pk", "recipient__address_hash"]
    search_help_text = gettext_lazy("Full email address or row number")

    def key_range(self, request: HttpRequest) -> tuple[int, int]:
        """Return the keys to look at: those of one send, for no index knows the send."""
        key = whole_number(request.GET.get("send__id__exact"))
        if key and (send := Send.objects.filter(pk=key).first()) is not None:
            return send.first_delivery or 1, send.last_delivery or 0
        return super().key_range(request)

    def keys_with(self, field: str, value: Any) -> QuerySet[Any]:
        """Return the keys of the rows that were searched for; those of a recipient by the index over mailing and recipient."""
        if field == "pk":
            return super().keys_with(field, value)
        recipients = list(Recipient.objects.filter(address_hash=value).values_list("pk", flat=True))
        rows = Delivery.objects.filter(mailing__in=Mailing.objects.values("pk"), recipient__in=recipients)
        return rows.order_by().values_list("pk", flat=True)

    @display(description=gettext_lazy("state"), label=DELIVERY_COLOURS)
    def shown_state(self, delivery: Delivery) -> tuple[str, str]:
        """Return the state as a label."""
        return delivery.state, delivery.get_state_display()

    @display(description=gettext_lazy("told by email instead"))
    def told_instead(self, delivery: Delivery) -> SafeString | str:
        """Return the row by which its person was told after all, with its state, as a link."""
        row = stand_ins.row_instead(delivery)
        if row is None:
            return "–"
        address = reverse("admin:delivery_delivery_change", args=[row.pk])
        return format_html('<a href="{}">{}</a>', address, row)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let the page of a send link to its rows."""
        return lookup in {"send", "send__id__exact"} or super().lookup_allowed(lookup, value, request)
