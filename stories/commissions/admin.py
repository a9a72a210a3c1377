"""The desk's pages of commissions: the list, a brief's form, the page of one, the people who may be asked, and the public ledger."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from unfold.decorators import display

from accounts.desk_base.desk_user import user_of
from campaigns.desk_steps import FramedAdmin, Step, SteppedAdmin, told
from campaigns.http.middleware import campaign_or_404
from lib.text.dates.validity_phrases import describe_end
from lib.text.numbers.money import money
from lib.text.numbers.whole_numbers import whole_number, whole_numbers
from stories.models import Commission, CommissionApplication, CommissionFile, Creator

from . import applications, briefs, desk_page, drafts, extensions, ledger, payments
from .commission_states import PERMISSIONS, NotDone, Part
from .forms import BriefForm, InviteForm, PaymentForm, give_boxes

ASKS, ACCEPTS, PAYS = (PERMISSIONS[part] for part in (Part.ASKS, Part.ACCEPTS, Part.PAYS))
FOLDER = "stories/commissions/desk"
LEDGER = "stories.change_commissionledger"  # to show it to everybody, or to nobody any more


@admin.register(Commission)
class CommissionAdmin(SteppedAdmin):
    """The commissions of the campaign that the desk works on. One is cancelled, never deleted."""

    refusal, templates, campaign_by = NotDone, FOLDER, "campaign"
    list_note = gettext_lazy(
        "Paid work of creators, from the brief to the last payment. Who asks, who accepts and who pays are three people for each; "
        "unpaid work is never called a commission."
    )
    list_display = ["shown_title", "shown_state", "shown_deadline", "shown_fee", "shown_paid", "shown_end"]
    list_select_related = ["campaign"]
    list_filter = ["state"]
    search_fields = ["title"]

    @display(description=gettext_lazy("commission"), ordering="number")
    def shown_title(self, row: Commission) -> str:
        """Return its number and title."""
        return str(row)

    @display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, row: Commission) -> str:
        """Return how far it is."""
        return row.state_words

    @display(description=gettext_lazy("deadline"), ordering="deadline")
    def shown_deadline(self, row: Commission) -> str:
        """Return when the first draft is due."""
        return describe_end(row.campaign.local(row.deadline))

    @display(description=gettext_lazy("fee"), ordering="fee")
    def shown_fee(self, row: Commission) -> str:
        """Return what it costs."""
        return money(row.fee, row.currency)

    @display(description=gettext_lazy("paid"), ordering="paid")
    def shown_paid(self, row: Commission) -> str:
        """Return what is paid."""
        return money(row.paid, row.currency)

    @display(description=gettext_lazy("may be used until"), ordering="rights_end_at")
    def shown_end(self, row: Commission) -> str:
        """Return the last day on which its work may be used, "" for none that is known."""
        return describe_end(row.campaign.local(row.rights_end_at)) if row.rights_end_at else ""

    def get_urls(self) -> list[Any]:
        """Add the files of drafts, and the public ledger."""
        view = self.admin_site.admin_view
        own = [
            path("ledger/", view(self.ledger_view), name="stories_commission_ledger"),
            path("<int:pk>/file/<int:key>/", view(require_safe(self.file_view)), name="stories_commission_file"),
        ]
        return [*own, *super().get_urls()]

    # --- The brief

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Write a brief."""
        if not request.user.has_perm(ASKS):
            raise PermissionDenied
        return self.compose(request, None)

    def compose(self, request: HttpRequest, commission: Commission | None) -> HttpResponse:
        """Show the form of a brief, or store what was sent."""
        campaign, now, is_sent = campaign_or_404(request), timezone.now(), request.method == "POST"
        form = BriefForm(campaign, request.POST if is_sent else None, at=now, commission=commission)
        give_boxes(form)
        refusal, status = "", 422 if is_sent else 200
        if is_sent and form.is_valid():
            try:
                if commission is None:
                    commission = briefs.write(campaign, form.content(), by=user_of(request), at=now)
                else:
                    read = form.cleaned_data["read"] or 0
                    briefs.change(commission, form.content(), read=read, by=user_of(request), at=now)
            except NotDone as reason:
                refusal, status = str(reason), 409
            else:
                self.message_user(
                    request, _("Saved. No creator sees it before a second person has agreed to it."), messages.SUCCESS
                )
                return HttpResponseRedirect(reverse("admin:stories_commission_change", args=[commission.pk]))
        title = _("Change the brief") if commission else _("Ask for paid work")
        return self.answer(
            request, "compose", title, {"form": form, "refusal": refusal, "commission": commission}, status=status
        )

    # --- One of them

    def asked_form(self, request: HttpRequest, commission: Commission) -> HttpResponse | None:
        """Return the brief's form where the address asks for it."""
        if "compose" not in request.GET:
            return None
        if not request.user.has_perm(ASKS):
            raise PermissionDenied
        return self.compose(request, commission)

    def steps(self) -> dict[str, Step]:
        """Return the steps of a commission."""
        return STEPS

    def refused(self, request: HttpRequest, commission: Commission, reason: Exception) -> HttpResponse:
        """Say why a step was not taken; of a payment with faults, beside its boxes."""
        if isinstance(reason, NotAPayment):
            return self.page(request, commission, payment=reason.form, status=422)
        return super().refused(request, commission, reason)

    def one(self, request: HttpRequest, pk: int) -> Commission:
        """Return a commission that the user reaches."""
        rows = self.get_queryset(request).select_related("campaign")
        return get_object_or_404(rows.prefetch_related("campaign__languages"), pk=pk)

    def page(
        self,
        request: HttpRequest,
        commission: Commission,
        *,
        refusal: str = "",
        payment: PaymentForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Return the page of a commission."""
        now = timezone.now()
        context = desk_page.shown(commission, user_of(request), at=now) | {"refusal": refusal}
        if "pay" in context["steps"]:
            context["payment_form"] = payment or PaymentForm(commission, at=now)
            give_boxes(context["payment_form"])
        return self.answer(request, "commission", str(commission), context, status=status)

    def file_view(self, request: HttpRequest, pk: int, key: int) -> HttpResponseBase:
        """Hand out a picture of a draft to who may see its commission."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).filter(pk=pk)
        file = get_object_or_404(CommissionFile, pk=key, draft__commission__in=rows)
        return drafts.picture(file)

    def ledger_view(self, request: HttpRequest) -> HttpResponse:
        """Show who pays what a public ledger would say, and open it once that is confirmed."""
        may_open = request.user.has_perm(LEDGER)
        if not request.user.has_perm(PAYS) or (request.method == "POST" and not may_open):
            raise PermissionDenied
        campaign, by, now = campaign_or_404(request), user_of(request), timezone.now()
        refusal, status = "", 200
        if request.method == "POST":
            if "close" in request.POST:
                ledger.close(campaign, by=by, at=now)
                self.message_user(request, _("The ledger is closed. Nobody can read it any more."), messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:stories_commission_ledger"))
            try:
                ledger.open_for_all(campaign, typed=request.POST.get("typed", "")[:100], by=by, at=now)
            except NotDone as reason:
                refusal, status = str(reason), 422
            else:
                self.message_user(request, _("Everybody can read it now."), messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:stories_commission_ledger"))
        rows = ledger.rows_of(campaign)
        context = {
            "refusal": refusal,
            "opened": ledger.open_ledger(campaign),
            "may_open": may_open,
            "rows": rows,
            "totals": list(ledger.totals(rows)),
            "slug": campaign.slug,
            "address": request.build_absolute_uri(reverse("commissions:ledger")),
        }
        return self.answer(request, "ledger", _("Public ledger of fees"), context, status=status)


def submit_step(one: Commission, request: HttpRequest) -> None:
    """Submit the brief, with who is asked in any case."""
    asked = Creator.objects.filter(campaign=one.campaign, pk__in=whole_numbers(request.POST.getlist("creator")[:200]))
    briefs.submit(one, asked=list(asked), read=whole_number(request.POST.get("read")), **told(request))


def open_step(one: Commission, request: HttpRequest) -> None:
    """Agree to the brief and publish it."""
    part = desk_page.possible_part(one, user_of(request), (Part.ACCEPTS, Part.PAYS))
    briefs.open_to_creators(one, read=whole_number(request.POST.get("read")), part=part, **told(request))


def choose_step(one: Commission, request: HttpRequest) -> None:
    """Choose whoever applied."""
    row = CommissionApplication.objects.filter(commission=one, pk=whole_number(request.POST["choose"])).first()
    if row is None:
        raise NotDone(_("Not chosen: this person does not apply any more. Reload the page."))
    applications.choose(one, row, **told(request))


def feedback_step(one: Commission, request: HttpRequest) -> None:
    """Send feedback on the draft."""
    drafts.send_back(
        one,
        number=whole_number(request.POST.get("draft")),
        feedback=request.POST.get("feedback", "")[:4000],
        part=desk_page.possible_part(one, user_of(request), (Part.ASKS, Part.ACCEPTS)),
        **told(request),
    )


class NotAPayment(NotDone):
    """A payment whose form has faults."""

    def __init__(self, form: PaymentForm) -> None:
        super().__init__(_("Nothing was written down."))
        self.form = form


def pay_step(one: Commission, request: HttpRequest) -> None:
    """Write a payment down."""
    form = PaymentForm(one, request.POST, at=timezone.now())
    if not form.is_valid():
        raise NotAPayment(form)
    payments.record(one, currency=one.currency, **form.cleaned_data, **told(request))


def take_back_step(one: Commission, request: HttpRequest) -> None:
    """Take a payment back."""
    row = one.payments.filter(pk=whole_number(request.POST["take_back"])).first()
    if row is None:
        raise NotDone(_("Not taken back: it was taken back already. Reload the page."))
    payments.take_back(row, **told(request))


# Each step of the page: who may take it, what it does, and what is said then.
STEPS = {
    "submit": Step((ASKS,), submit_step, gettext_lazy("Submitted. Whoever accepts or pays agrees to it.")),
    "open": Step((ACCEPTS, PAYS), open_step, gettext_lazy("Published to creators. They are told by mail.")),
    "reopen": Step(
        (ASKS,),
        lambda one, request: briefs.reopen(one, **told(request)),
        gettext_lazy("Back to a brief in work."),
    ),
    "choose": Step((ASKS,), choose_step, gettext_lazy("Chosen. The creator signs first; the others are told.")),
    "sign": Step(
        (ASKS,),
        lambda one, request: applications.sign(one, digest=request.POST.get("digest", ""), **told(request)),
        gettext_lazy("Signed by both. The work begins."),
    ),
    "feedback_sent": Step((ASKS, ACCEPTS), feedback_step, gettext_lazy("Feedback sent.")),
    "accept": Step(
        (ACCEPTS,),
        lambda one, request: drafts.accept(one, number=whole_number(request.POST.get("draft")), **told(request)),
        gettext_lazy("Accepted. The fee is owed now."),
    ),
    "publish": Step(
        (ASKS,),
        lambda one, request: drafts.publish(one, **told(request)),
        gettext_lazy("Published with credit and label."),
    ),
    "take_down": Step(
        (ASKS,),
        lambda one, request: drafts.take_down(one, **told(request)),
        gettext_lazy("Taken down. Nobody sees it any more."),
    ),
    "ask_extension": Step(
        (ASKS,),
        lambda one, request: extensions.ask(one, term=request.POST.get("term", ""), **told(request)),
        gettext_lazy("Asked. Nothing changes before the creator agrees."),
    ),
    "withdraw_extension": Step(
        (ASKS,),
        lambda one, request: extensions.withdraw(one, **told(request)),
        gettext_lazy("The creator is not asked any more."),
    ),
    "pay": Step((PAYS,), pay_step, gettext_lazy("Payment written down.")),
    "take_back": Step((PAYS,), take_back_step, gettext_lazy("Taken back.")),
    "cancel": Step(
        (ASKS,),
        lambda one, request: drafts.cancel(one, reason=request.POST.get("reason", ""), **told(request)),
        gettext_lazy("Cancelled. Whoever applied or works on it is told."),
    ),
}


@admin.register(Creator)
class CreatorAdmin(FramedAdmin):
    """Who may be asked to do paid work: influencers who applied, and people who were invited."""

    templates, campaign_by = FOLDER, "campaign"
    list_note = gettext_lazy(
        "People who can be asked for paid work: influencers who applied once, and those you invite. They log in by a code, and see "
        "only commissions. They are in order of their names; followers don’t count."
    )
    list_display = ["name", "shown_email", "added_at"]
    list_select_related = ["user"]
    search_fields = ["name", "user__email"]

    @display(description=gettext_lazy("email address"))
    def shown_email(self, row: Creator) -> str:
        """Return the address."""
        return row.user.email

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Creators change their own data."""
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Invite somebody."""
        if not request.user.has_perm(ASKS):
            raise PermissionDenied
        campaign, is_sent = campaign_or_404(request), request.method == "POST"
        form = InviteForm(campaign, request.POST if is_sent else None)
        give_boxes(form)
        if is_sent and form.is_valid():
            try:
                briefs.invite(campaign, **form.cleaned_data, by=user_of(request), at=timezone.now())
            except NotDone as refusal:
                form.add_error("email", str(refusal))
            else:
                self.message_user(request, _("Invited. They get a mail and log in by a code."), messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:stories_creator_changelist"))
        return self.answer(request, "invite", _("Invite a creator"), {"form": form}, status=422 if is_sent else 200)
