"""The desk's pages about conversations: who waits, what was said, whose mail it is, and who is harassed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from bulletins.assignment import assignments
from bulletins.intake.input_attachments import hand_out
from bulletins.models import NotAllowed
from campaigns.base_admin import ReadOnlyAdmin, of_campaign
from campaigns.http import desk_campaigns
from campaigns.saved_views import list_views
from campaigns.saved_views.list_mixin import first_address
from delivery.models import Channel
from influencers.models import Attachment, Harassment, Influencer, Thread, ThreadMessage, UnmatchedMail
from influencers.profiles.contact_person import answerers
from lib.text.numbers.whole_numbers import whole_number
from questions import intake
from questions.models import Question

from . import harassment, reminders, thread_assignment, thread_messages
from .contact_person_handover import hand_over as hand_over_to
from .mail import mime_reader, outbound, unmatched_mail
from .thread_messages import AnsweredMeanwhile, MessageRefused

desk_campaigns.names_rows_of("influencers_thread_begin", Influencer)
desk_campaigns.names_rows_of("influencers_thread_file", Attachment)
Kind = ThreadMessage.Kind
ON_A_PAGE = 50
SHOWN = 200  # messages on the page of a conversation, the newest
LINES_SHOWN, SIGNS_SHOWN = 40, 4_000  # of one message, before the rest of it is folded
OFFERED = 10  # influencers that a search offers
ELSEWHERE = (ThreadMessage.Via.PHONE, ThreadMessage.Via.MEETING, ThreadMessage.Via.OTHER)
WHOSE = (
    ("mine", gettext_lazy("Mine")),
    ("unassigned", gettext_lazy("Unassigned")),
    ("all", gettext_lazy("All")),
)
WHICH = (
    ("waiting", gettext_lazy("Waiting for us")),
    ("quiet", gettext_lazy("Partners who have not heard from us")),
    ("everything", gettext_lazy("All conversations")),
)


class InboxFilter(ReadOnlyAdmin):
    """What the pages share: they are of the campaign that the site shows, and steps need the right to take them."""

    def row_for(self, request: HttpRequest, pk: int | str, *, to_change: bool = False) -> Any:
        """Return a row for someone who may see it, or change it. Raise PermissionDenied or Http404."""
        if not self.has_view_permission(request) or (to_change and not self.may_change(request)):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request), pk=whole_number(pk))

    def may_change(self, request: HttpRequest) -> bool:
        """Return whether the user may take steps here."""
        return request.user.has_perm(f"influencers.change_{self.opts.model_name}")

    def step(self, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
        """Return the address of a step, which only a POST takes."""
        where = f"influencers_{self.opts.model_name}_{name}"
        return path(f"<int:pk>/{name}/", self.admin_site.admin_view(require_POST(view)), name=where)

    def shown(self, request: HttpRequest, template: str, status: int = 200, **context: Any) -> TemplateResponse:
        """Return a page of the desk."""
        request.current_app = self.admin_site.name
        common = {**self.admin_site.each_context(request), "opts": self.opts, "may_change": self.may_change(request)}
        return TemplateResponse(request, template, {**common, **context}, status=status)


@admin.register(Thread)
class ThreadAdmin(InboxFilter):
    """The inbox, and one conversation."""

    campaign_by = "influencer__campaign"
    has_saved_views = True

    def get_urls(self) -> list[URLPattern]:
        """Add the steps, files, and how a conversation is begun."""
        file = self.admin_site.admin_view(self.file_view)
        begin = self.admin_site.admin_view(require_POST(self.begin_view))
        return [
            path("begin/<int:pk>/", begin, name="influencers_thread_begin"),
            path("files/<int:pk>/", file, name="influencers_thread_file"),
            self.step("answer", self.answer_view),
            self.step("note", self.note_view),
            self.step("contact", self.contact_view),
            self.step("settle", self.settle_view),
            self.step("hand-over", self.hand_over_view),
            self.step("question", self.question_view),
            *super().get_urls(),
        ]

    # --- The inbox ---

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show whose turn it is to be answered, whoever has waited longest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        views = self.views_of(request)
        if address := first_address(request, views):
            return HttpResponseRedirect(address)
        chosen = request.GET.get("whose", "")
        whose = chosen if chosen in dict(WHOSE) else "all"
        words, show = request.GET.get("q", "").strip()[:100], request.GET.get("show", "")
        show = show if show in dict(WHICH) else "waiting"
        threads = self.get_queryset(request).exclude(influencer__state=Influencer.State.ERASED)
        narrowed = self.of_whom(threads, whose, request.user)
        if words:
            found = Q(influencer__name__icontains=words) | Q(influencer__reference__icontains=words)
            inside = ThreadMessage.objects.filter(thread=OuterRef("pk"), text__icontains=words)
            narrowed = narrowed.filter(found | Exists(inside))
        elif show == "waiting":
            narrowed = narrowed.filter(waiting_since__isnull=False)
        elif show == "quiet":
            narrowed = narrowed.filter(influencer__in=reminders.quiet_partners(at=timezone.now()))
        page = Paginator(with_last(narrowed), ON_A_PAGE).get_page(request.GET.get("page"))
        waiting = Q(waiting_since__isnull=False)
        counts = threads.aggregate(
            mine=Count("pk", filter=waiting & thread_assignment.held_by(request.user.pk)),
            unassigned=Count("pk", filter=waiting & Q(influencer__liaison=None, taken_by=None)),
            all=Count("pk", filter=waiting),
        )
        campaign = getattr(request, "campaign", None)
        harassed = Harassment.objects.filter(influencer__campaign=campaign, closed_at=None)
        return self.shown(
            request,
            "influencers/inbox/admin_inbox.html",
            title=_("Conversations"),
            **views,
            page=page,
            now=timezone.now(),
            whose=whose,
            tabs=[(name, label, counts[name]) for name, label in WHOSE],
            words=words,
            show=show,
            which=WHICH,
            unmatched=UnmatchedMail.objects.filter(unmatched_of(campaign), sorted_at=None).count(),
            harassed=list(harassed.select_related("influencer", "taken_by").order_by("taken_at", "at")[:20])
            if request.user.has_perm("influencers.view_harassment")
            else [],
            others=others_named(campaign, words) if words else [],
        )

    def checked_query(self, request: HttpRequest, query: str) -> str:
        """Return the one form of what a view shows, of what this list knows. Raise NotKept."""
        return list_views.checked(query, {"whose", "show", "q"})

    @staticmethod
    def of_whom(threads: QuerySet[Thread], whose: str, user: Any) -> QuerySet[Thread]:
        """Return one's own conversations, those that are nobody's, or all."""
        if whose == "mine":
            return threads.filter(thread_assignment.held_by(user.pk))
        return threads.filter(influencer__liaison=None, taken_by=None) if whose == "unassigned" else threads

    def begin_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Begin a conversation with an influencer of this campaign."""
        if not self.may_change(request):
            raise PermissionDenied
        people = of_campaign(Influencer.objects.exclude(state=Influencer.State.ERASED), request)
        influencer = get_object_or_404(people, pk=pk)
        return self.back_to(thread_messages.thread_of(influencer))

    # --- One conversation ---

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a conversation."""
        return self.page(request, self.row_for(request, object_id))

    def back_to(self, thread: Thread) -> HttpResponse:
        """Return to a conversation, at its end."""
        return HttpResponseRedirect(reverse("admin:influencers_thread_change", args=[thread.pk]) + "#last")

    def page(self, request: HttpRequest, thread: Thread, status: int = 200, **typed: Any) -> HttpResponse:
        """Return the page of a conversation, with what was typed and was not taken."""
        influencer = Influencer.objects.select_related("campaign", "recipient", "liaison", "region").get(
            pk=thread.influencer_id
        )
        every = thread.messages.select_related("author", "version__bulletin").prefetch_related("attachments")
        newest = list(every.order_by("-at", "-pk")[: SHOWN + 1])
        messages = newest[:SHOWN][::-1]
        goes_by = answers_go_by(influencer)
        return self.shown(
            request,
            "influencers/inbox/admin_conversation.html",
            status,
            title=influencer.name or influencer.reference,
            thread=thread,
            assignment=assignments.panel_of(request.user, thread),
            influencer=influencer,
            said=[(one, *first_of(one.text), outbound.is_unproven(one), wants_no_mail(one)) for one in messages],
            more=len(newest) > SHOWN,
            last=max((one.pk for one in messages), default=0),
            elsewhere=[(via.value, via.label) for via in ELSEWHERE],
            staff=list(answerers(influencer.campaign_id)),
            hand_overs=list(influencer.hand_overs.select_related("before", "after", "by")[:20]),
            harassed=influencer.harassments.filter(closed_at=None).first()
            if request.user.has_perm("influencers.view_harassment")
            else None,
            goes_by=goes_by,
            goes_by_words=Channel(goes_by).label if goes_by else "",
            signed=outbound.signature(request.user, influencer.campaign, influencer.recipient.language),  # type: ignore[arg-type]
            now=influencer.campaign.local(timezone.now()),
            typed=typed,
        )

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer. When someone else did meanwhile, show both, lose nothing, and let it be sent all the same."""
        thread = self.row_for(request, pk, to_change=True)
        text, anyway = request.POST.get("text", ""), "anyway" in request.POST
        try:
            thread_messages.answer(
                thread, text, by=request.user, at=timezone.now(), seen=last_message_seen(request), anyway=anyway
            )  # type: ignore[arg-type]
        except AnsweredMeanwhile as clash:
            return self.page(request, thread, 409, text=text, clash=clash.answers)
        except MessageRefused as refusal:
            return self.page(request, thread, 422, text=text, verb="answer", refusal=str(refusal))
        self.message_user(request, sent_words(answers_go_by(thread.influencer)), "success")
        return self.back_to(thread)

    def note_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep a note for the team."""
        thread = self.row_for(request, pk, to_change=True)
        text = request.POST.get("text", "")
        try:
            thread_messages.note(thread, text, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except MessageRefused as refusal:
            return self.page(request, thread, 422, note=text, verb="note", refusal=str(refusal))
        return self.back_to(thread)

    def contact_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Log a contact elsewhere."""
        thread = self.row_for(request, pk, to_change=True)
        text, via, when = (request.POST.get(name, "") for name in ("text", "via", "when"))
        now = timezone.now()
        try:
            if via not in ELSEWHERE:
                raise MessageRefused(_("Not saved: say how you spoke with them."))
            thread_messages.log_contact(
                thread,
                text,
                via=via,
                by=request.user,
                at=now,
                happened_at=moment(when, thread, now=now),  # type: ignore[arg-type]
            )
        except MessageRefused as refusal:
            kept = {"contact": text, "via": via, "when": when}
            return self.page(request, thread, 422, verb="contact", refusal=str(refusal), **kept)
        return self.back_to(thread)

    def settle_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say that no answer is needed."""
        thread = self.row_for(request, pk, to_change=True)
        try:
            thread_messages.mark_settled(thread, by=request.user, at=timezone.now(), seen=last_message_seen(request))  # type: ignore[arg-type]
        except MessageRefused as refusal:
            return self.page(request, thread, 409, verb="settle", refusal=str(refusal))
        self.message_user(request, _("Nobody is waiting in this conversation any more."), "success")
        return HttpResponseRedirect(reverse("admin:influencers_thread_changelist"))

    def hand_over_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the influencer another contact person."""
        thread = self.row_for(request, pk, to_change=True)
        chosen, reason = request.POST.get("to", ""), request.POST.get("reason", "")
        influencer = Influencer.objects.get(pk=thread.influencer_id)
        to = next((one for one in answerers(influencer.campaign_id) if str(one.pk) == chosen), None)
        try:
            if chosen and to is None:
                raise MessageRefused(
                    _("Not handed over: this person may not reply to influencers. Choose someone else.")
                )
            changed = hand_over_to(influencer, to=to, by=request.user, reason=reason, at=timezone.now())  # type: ignore[arg-type]
        except MessageRefused as refusal:
            return self.page(request, thread, 422, verb="hand-over", reason=reason, refusal=str(refusal))
        if changed:
            self.message_user(request, _("Handed over. Both people have been notified."), "success")
        return self.back_to(thread)

    def question_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Pass a message on as a question from the public. The influencer is named as who relayed it, to staff only."""
        thread = self.row_for(request, pk, to_change=True)
        if not request.user.has_perm("questions.add_question"):
            raise PermissionDenied
        key = request.POST.get("message", "")
        messages = thread.messages.select_related("version__bulletin").filter(kind=Kind.FROM_THEM)
        message = get_object_or_404(messages, pk=whole_number(key))
        if message.question_id:
            return self.back_to(thread)
        influencer = Influencer.objects.select_related("campaign", "recipient").get(pk=thread.influencer_id)
        text = request.POST.get("text", "") or message.text
        try:
            question = intake.submit_question(
                influencer.campaign,
                text,
                language=influencer.recipient.language,
                via=Question.Via.MAIL if message.via == ThreadMessage.Via.MAIL else Question.Via.PORTAL,
                relayed_by=influencer.recipient,
                at=timezone.now(),
                bulletin=message.version.bulletin if message.version else None,
                entered_by=request.user,  # type: ignore[arg-type]
            )
        except NotAllowed as refusal:
            return self.page(
                request, thread, 422, verb="question", message=message.pk, question=text, refusal=str(refusal)
            )
        ThreadMessage.objects.filter(pk=message.pk).update(question=question)
        self.message_user(request, _("Passed on as a question. The influencer will get the answer first."), "success")
        return self.back_to(thread)

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Hand out a file of a conversation of this campaign, as a download."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        kept = Attachment.objects.exclude(file="").filter(message__thread__in=self.get_queryset(request))
        attachment = get_object_or_404(kept, pk=pk)
        try:
            return hand_out(attachment)
        except FileNotFoundError as fault:
            raise Http404 from fault


def with_last(threads: QuerySet[Thread]) -> QuerySet[Thread]:
    """Return conversations with their last words, whoever has waited longest first."""
    said = ThreadMessage.objects.filter(thread=OuterRef("pk"), kind__in=[Kind.FROM_THEM, Kind.FROM_US]).order_by("-pk")
    return (
        threads.select_related("influencer__liaison")
        .annotate(last_text=Subquery(said.values("text")[:1]), last_kind=Subquery(said.values("kind")[:1]))
        .order_by(F("waiting_since").asc(nulls_last=True), "-last_from_them_at", "pk")
    )


def others_named(campaign: Any, words: str) -> list[Influencer]:
    """Return influencers without a conversation whose name a search fits; one query."""
    people = Influencer.objects.filter(campaign=campaign, thread=None).exclude(state=Influencer.State.ERASED)
    return list(people.filter(Q(name__icontains=words) | Q(reference__icontains=words)).order_by("name")[:OFFERED])


def unmatched_of(campaign: Any) -> Q:
    """Return the condition for mails that belong to nobody, of a campaign or of none."""
    return Q(campaign=campaign) | Q(campaign=None)


def first_of(text: str) -> tuple[str, str]:
    """Return the beginning of a text that a page shows, and the rest that is folded, "" unless it is very long."""
    first = "".join(text.splitlines(keepends=True)[:LINES_SHOWN])
    if len(first) > SIGNS_SHOWN:
        first = first[:SIGNS_SHOWN].rsplit(None, 1)[0]
    return first, text[len(first) :].lstrip("\n")


def wants_no_mail(message: ThreadMessage) -> bool:
    """Return whether an influencer seems to ask for no more mail."""
    return message.kind == Kind.FROM_THEM and mime_reader.wants_no_mail(message.text)


def answers_go_by(influencer: Influencer) -> str:
    """Return the channel by which an influencer hears of an answer, "" where none but the portal is left."""
    way = outbound.way_of_answers(influencer, at=timezone.now())
    if way is not None:
        return way.channel
    return Channel.MAIL if outbound.may_get_mail(influencer) else ""


def sent_words(channel: str) -> str:
    """Return that an answer is on its way by a channel, or in the portal alone."""
    if channel == Channel.MAIL:
        return _("Sent. It will be emailed within a minute and is in the portal now.")
    if not channel:
        return _("Sent. They get no email: it is in the portal only.")
    says = _("Sent. It is in the portal now, and they are told so by the channel that they chose: %(channel)s.")
    return says % {"channel": Channel(channel).label}


def last_message_seen(request: HttpRequest) -> int:
    """Return the key of the last message that the page had which sent this."""
    return whole_number(request.POST.get("seen"))


def moment(when: str, thread: Thread, *, now: datetime) -> datetime:
    """Return a time as it was typed, in the campaign's zone; now for none. Raise MessageRefused for what is no time."""
    if not when.strip():
        return now
    try:
        parsed = parse_datetime(when.strip())
    except ValueError:
        parsed = None
    if parsed is None or not 2000 <= parsed.year <= 2100:
        raise MessageRefused(_("Not saved: this is not a date and time. Enter it as 2026-03-25 14:00."))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=thread.influencer.campaign.zone)


# --- Mails from someone unknown -------------------------------------------------------------------


@admin.register(UnmatchedMail)
class UnmatchedMailAdmin(InboxFilter):
    """Mails that belong to nobody."""

    list_display = ["__str__", "from_name", "from_address", "at", "sorted_by", "sorted_at"]
    list_select_related = ["sorted_by"]
    list_filter = [("sorted_at", admin.EmptyFieldListFilter)]
    search_fields = ["from_name", "from_address", "subject"]

    def in_scope(self, request: HttpRequest, rows: Any) -> Any:
        """Return those of `rows` that are of this campaign or of none, for whoever may see them."""
        return super().in_scope(request, rows.filter(unmatched_of(getattr(request, "campaign", None))))

    def get_urls(self) -> list[URLPattern]:
        """Add the steps."""
        return [
            self.step("sort", self.sort_view),
            self.step("set-aside", self.set_aside_view),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a mail and whose it may be."""
        return self.page(request, self.row_for(request, object_id))

    def page(self, request: HttpRequest, mail: UnmatchedMail, status: int = 200, refusal: str = "") -> HttpResponse:
        """Return the page of a mail."""
        words = (request.POST.get("q") or request.GET.get("q") or mail.from_name or "").strip()[:100]
        people = of_campaign(Influencer.objects.all(), request)
        people = people.exclude(state=Influencer.State.ERASED).select_related("recipient")
        named = Q(name__icontains=words) | Q(reference__icontains=words) | Q(recipient__email__iexact=words)
        found = list(people.filter(named).order_by("name", "pk")[: OFFERED + 1]) if words else []
        return self.shown(
            request,
            "influencers/inbox/admin_unmatched_mail.html",
            status,
            title=mail.subject or _("Mail without a subject"),
            mail=mail,
            words=words,
            text=first_of(mail.text),
            found=found[:OFFERED],
            more=len(found) > OFFERED,
            refusal=refusal,
        )

    def sort_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put a mail into an influencer's conversation."""
        mail = self.row_for(request, pk, to_change=True)
        key = request.POST.get("influencer", "")
        people = of_campaign(Influencer.objects.select_related("recipient"), request)
        influencer = get_object_or_404(people, pk=whole_number(key))
        try:
            message = unmatched_mail.sort(mail, influencer, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except MessageRefused as refusal:
            return self.page(request, mail, 409, str(refusal))
        self.message_user(request, _("Sorted. The person who replies to this influencer has been notified."), "success")
        return HttpResponseRedirect(reverse("admin:influencers_thread_change", args=[message.thread_id]) + "#last")

    def set_aside_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say that nobody needs a mail."""
        mail = self.row_for(request, pk, to_change=True)
        try:
            unmatched_mail.set_aside(mail, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except MessageRefused as refusal:
            return self.page(request, mail, 409, str(refusal))
        return HttpResponseRedirect(reverse("admin:influencers_unmatchedmail_changelist"))


# --- Harassment ------------------------------------------------------------------------------------


@admin.register(Harassment)
class HarassmentAdmin(InboxFilter):
    """Reports of harassment: the open ones first."""

    campaign_by = "influencer__campaign"
    list_display = ["influencer", "at", "in_danger", "shown_state", "taken_by", "closed_at"]
    list_select_related = ["influencer", "taken_by"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter)]
    ordering = [F("closed_at").desc(nulls_first=True), "-at"]

    @display(description=gettext_lazy("state"), label={"waiting": "danger", "taken": "warning", "closed": "success"})
    def shown_state(self, row: Harassment) -> tuple[str, str]:
        """Return where a report stands, as a label."""
        if row.closed_at:
            return "closed", _("closed")
        return ("taken", _("assigned")) if row.taken_at else ("waiting", _("waiting for someone"))

    def get_urls(self) -> list[URLPattern]:
        """Add the steps."""
        return [self.step("take", self.take_view), self.step("close", self.close_view), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a report."""
        return self.page(request, self.row_for(request, object_id))

    def page(self, request: HttpRequest, row: Harassment, status: int = 200, **typed: Any) -> HttpResponse:
        """Return the page of a report."""
        influencer = Influencer.objects.select_related("liaison", "recipient").get(pk=row.influencer_id)
        return self.shown(
            request,
            "influencers/inbox/admin_harassment.html",
            status,
            title=_("Harassment: %(name)s") % {"name": influencer.name},
            row=row,
            version=row.version,
            influencer=influencer,
            thread=Thread.objects.filter(influencer=influencer).first(),
            is_taken_back=row.outcome == harassment.TAKEN_BACK,
            typed=typed,
        )

    def take_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a report on oneself."""
        row = self.row_for(request, pk, to_change=True)
        try:
            harassment.take(row, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except harassment.NotTaken as refusal:
            return self.page(request, row, 409, refusal=str(refusal))
        self.message_user(
            request, _("It is assigned to you. They can see that you have it: write to them now."), "success"
        )
        return HttpResponseRedirect(reverse("admin:influencers_harassment_change", args=[row.pk]))

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close a report with what was done."""
        row = self.row_for(request, pk, to_change=True)
        outcome = request.POST.get("outcome", "")
        try:
            harassment.close(row, outcome, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except harassment.NotTaken as refusal:
            return self.page(request, row, 422, refusal=str(refusal), outcome=outcome)
        self.message_user(request, _("Closed."), "success")
        return HttpResponseRedirect(reverse("admin:influencers_harassment_changelist"))
