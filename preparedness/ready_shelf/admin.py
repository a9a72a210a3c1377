"""The desk's pages of the shelf: what is ready, putting something on it, agreeing to it, and making a draft of it."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from accounts.desk_base.desk_user import user_of
from bulletins.editing.edition_labels import title_of
from bulletins.models import Bulletin, NotAllowed
from campaigns.desk_steps import FramedAdmin
from campaigns.http import desk_campaigns
from lib.text.blanks import BLANK
from lib.text.languages.languages import language_heading
from lib.text.markup import to_html
from lib.text.numbers.whole_numbers import whole_number
from preparedness.crisis_templates import template_files
from preparedness.models import ReadyBulletin

from . import bulletin_contents, contents, moved_ground, shelf
from .forms import LookAgainForm, PutForm, UseForm, WordsForm, called, crisis_names

desk_campaigns.names_rows_of("preparedness_readybulletin_put", Bulletin)
USE = "bulletins.add_bulletin"
STEPS = ("approve", "look_again", "take_off")


class CrisisFilter(admin.SimpleListFilter):
    """The kinds of crises that something is ready for."""

    title = gettext_lazy("kind of crisis")
    parameter_name = "crisis"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the kinds."""
        return [(slug or "any", name) for slug, name in crisis_names().items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Return what is ready for the chosen kind."""
        chosen = self.value()
        return queryset.filter(crisis="" if chosen == "any" else chosen) if chosen else queryset


@admin.register(ReadyBulletin)
class ReadyBulletinAdmin(FramedAdmin):
    """The shelf. What is overdue comes first; two presses make a draft of what is on it."""

    templates = "preparedness/ready_shelf"
    campaign_by = "campaign"
    list_note = gettext_lazy(
        "Bulletins that are ready for a crisis that may come. “Use” asks for the blanks and makes a draft, which needs approval like every "
        "bulletin."
    )
    list_display = ["__str__", "shown_crisis", "shown_state", "shown_approval", "review_on", "owner", "shown_use"]
    list_select_related = ["owner", "approved_by"]
    list_filter = [CrisisFilter, ("approved_at", admin.EmptyFieldListFilter)]
    search_fields = ["key", "content"]
    ordering = ["review_on", "pk"]

    # --- The list

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return what is on the shelf."""
        return super().get_queryset(request).filter(taken_off_at=None)

    def complete(self, request: HttpRequest, rows: list[Any]) -> None:
        """Find for all rows of a page what has changed since somebody looked at them."""
        campaign = getattr(request, "campaign", None)
        ground = moved_ground.of_campaign(campaign) if campaign and rows else None
        names, today = crisis_names(), timezone.localdate()
        for row in rows:
            row.crisis_name = names.get(row.crisis, row.crisis)
            row.moved = moved_ground.moved(row, ground) if ground else []
            row.overdue = row.is_overdue(on=today)
            row.may_use = request.user.has_perm(USE)

    @display(description=gettext_lazy("for"), ordering="crisis")
    def shown_crisis(self, ready: Any) -> str:
        """Return the kind of crisis."""
        return str(ready.crisis_name)

    @display(
        description=gettext_lazy("state"),
        label={"overdue": "danger", "moved": "warning", "unapproved": "default", "ready": "success"},
    )
    def shown_state(self, ready: Any) -> tuple[str, str]:
        """Return whether it is ready, and if not, why."""
        if ready.overdue:
            return "overdue", _("look at it again")
        if ready.moved:
            return "moved", _("something has changed")
        return ("ready", _("ready")) if ready.is_approved else ("unapproved", _("not approved yet"))

    @display(description=gettext_lazy("approved"), ordering="approved_at")
    def shown_approval(self, ready: ReadyBulletin) -> str:
        """Return who agreed to it, and when."""
        if not ready.approved_at:
            return "–"
        return f"{ready.approved_by}, {date_format(timezone.localtime(ready.approved_at), 'SHORT_DATE_FORMAT')}"

    @display(description=gettext_lazy("in a crisis"))
    def shown_use(self, ready: Any) -> SafeString | str:
        """Return the first of the two presses."""
        if not ready.may_use:
            return "–"
        address = reverse("admin:preparedness_readybulletin_use", args=[ready.pk])
        return format_html('<a class="font-medium text-link" href="{}">{}</a>', address, _("Use"))

    def get_urls(self) -> list[URLPattern]:
        """Add the form of the blanks, the form of the words, and putting a bulletin on the shelf."""
        wrap = self.admin_site.admin_view
        name = "preparedness_readybulletin_{}".format
        return [
            path("<int:pk>/use/", wrap(self.use_view), name=name("use")),
            path("<int:pk>/write/", wrap(self.write_view), name=name("write")),
            path("put/<int:bulletin>/", wrap(self.put_view), name=name("put")),
            *super().get_urls(),
        ]

    # --- Putting something on it

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Offer the templates' prepared bulletins, and put those that were ticked on the shelf."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        campaign = getattr(request, "campaign", None)
        ready = template_files.shelf()
        if request.method == "POST" and campaign is not None:
            ticked, now, number = request.POST.getlist("statements"), timezone.now(), 0
            for slug, template in ready.templates.items():
                if keys := {key.partition(":")[2] for key in ticked if key.partition(":")[0] == slug}:
                    number += len(shelf.put_prepared(campaign, template, keys, by=user_of(request), at=now))
            says = ngettext("%(n)d bulletin is on the shelf.", "%(n)d bulletins are on the shelf.", number)
            self.message_user(request, says % {"n": number}, messages.SUCCESS if number else messages.WARNING)
            return HttpResponseRedirect(reverse("admin:preparedness_readybulletin_changelist"))
        on_it = set(ReadyBulletin.objects.filter(campaign=campaign).values_list("key", flat=True))
        context = {
            "templates": [
                (one, [(f"{one.slug}:{own.key}", without_blanks(own.named())) for own in one.holding_statements])
                for one in ready.templates.values()
            ],
            "faults": ready.faults,
            "on_it": on_it,
            "has_campaign": campaign is not None,
        }
        return self.answer(request, "add", _("Put on the ready shelf"), context)

    def put_view(self, request: HttpRequest, bulletin: int) -> HttpResponse:
        """Ask which values of a bulletin become blanks, and put it on the shelf."""
        if not self.has_add_permission(request) or not request.user.has_perm("bulletins.view_bulletin"):
            raise PermissionDenied
        rows = Bulletin.objects.filter(campaign=getattr(request, "campaign", None)).select_related("campaign")
        row = get_object_or_404(rows.exclude(state=Bulletin.State.WITHDRAWN), pk=bulletin)
        now = timezone.now()
        initial = {"owner": request.user.pk, "review_on": shelf.look_again_on(row.campaign, at=now)}
        form = PutForm(row.campaign_id, bulletin_contents.proposals(row, at=now), request.POST or None, initial=initial)
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                told = form.cleaned_data
                try:
                    made = shelf.put(
                        row,
                        bulletin_contents.content_of(row, told.pop("blanks"), at=now),
                        editors=bulletin_contents.writers_of(row),
                        by=user_of(request),
                        at=now,
                        **told,
                    )
                except shelf.NotOnShelf as refusal:
                    form.add_error(None, str(refusal))
                else:
                    self.message_user(
                        request, _("It is on the shelf. Somebody who did not write it approves it there.")
                    )
                    return self.to(made)
        title = _("Put bulletin %(number)s on the ready shelf") % {"number": row.number}
        context = {"bulletin": row, "bulletin_title": title_of(row), "form": form}
        return self.answer(request, "put", title, context, status=status)

    # --- One of them

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show what it says, whether it is ready, and what can be done with it; or do that."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        ready = self.row(request, object_id)
        if request.method != "POST":
            return self.page(request, ready)
        step, now, seen = request.POST.get("step", ""), timezone.now(), whole_number(request.POST.get("seen"))
        if step not in STEPS:
            raise Http404
        if step != "approve" and not self.has_change_permission(request, ready):
            raise PermissionDenied
        try:
            return self.take(request, ready, step, seen=seen, at=now)
        except shelf.NotOnShelf as refusal:
            return self.page(request, self.row(request, object_id, off=True), refusal=str(refusal), status=409)

    def take(self, request: HttpRequest, ready: ReadyBulletin, step: str, *, seen: int, at: datetime) -> HttpResponse:
        """Take one of STEPS. Raise NotOnShelf."""
        user = user_of(request)
        if step == "approve":
            shelf.approve(ready, seen=seen, by=user, at=at)
            self.message_user(request, _("Approved. A bulletin that is made of it needs an approval of its own."))
        elif step == "look_again":
            form = LookAgainForm(request.POST)
            if not form.is_valid():
                return self.page(request, ready, look_again=form, status=422)
            shelf.look_again(ready, form.cleaned_data["review_on"], seen=seen, by=user, at=at)
            self.message_user(request, _("Noted: it still holds."))
        else:
            shelf.take_off(ready, by=user, at=at)
            self.message_user(request, _("It is no longer on the shelf."))
            return HttpResponseRedirect(reverse("admin:preparedness_readybulletin_changelist"))
        return self.to(ready)

    def page(
        self,
        request: HttpRequest,
        ready: ReadyBulletin,
        *,
        look_again: LookAgainForm | None = None,
        refusal: str = "",
        status: int = 200,
    ) -> HttpResponse:
        """Return the page of one."""
        user, now = user_of(request), timezone.now()
        again = shelf.look_again_on(ready.campaign, at=now)
        context = {
            "ready": ready,
            "refusal": refusal,
            "crisis": crisis_names().get(ready.crisis, ready.crisis),
            "warnings": warnings_of(ready, at=now),
            "texts": shown_texts(ready),
            "editors": list(ready.editors.all()),
            "why_not": shelf.why_no_approval(ready, user) if user.has_perm("bulletins.approve_bulletin") else "",
            "may_approve": not shelf.why_no_approval(ready, user),
            "may_change": self.has_change_permission(request, ready) and ready.taken_off_at is None,
            "may_use": user.has_perm(USE) and ready.taken_off_at is None,
            "look_again": look_again or LookAgainForm(initial={"review_on": again}),
        }
        return self.answer(request, "ready_bulletin", str(ready), context, status=status)

    def write_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show every text in its field, and save them."""
        ready = self.row(request, pk)
        if not self.has_change_permission(request, ready):
            raise PermissionDenied
        form, status = WordsForm(ready, request.POST or None), 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                about = {name: form.cleaned_data[name] for name in ("crisis", "urgency", "owner", "review_on")}
                seen = whole_number(request.POST.get("seen"))
                try:
                    shelf.save(ready, form.content(), seen=seen, by=user_of(request), at=timezone.now(), **about)
                except shelf.NotOnShelf as refusal:
                    form.add_error(None, str(refusal))
                    status = 409
                else:
                    self.message_user(request, _("Saved."), messages.SUCCESS)
                    return self.to(ready)
        title = _("Rewrite “%(title)s”") % {"title": ready}
        return self.answer(request, "write", title, {"ready": ready, "form": form}, status=status)

    def use_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the blanks as a short form, say what is to be known before the last press, and make the draft."""
        if not request.user.has_perm(USE) or not self.has_view_or_change_permission(request):
            raise PermissionDenied
        ready, now = self.row(request, pk), timezone.now()
        spoken = [language.code for language in ready.campaign.languages.all()]
        languages = [code for code in spoken if code in contents.languages_of(ready.content)]
        form, status = UseForm(ready, languages, request.POST if request.method == "POST" else None), 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                seen = whole_number(request.POST.get("seen"))
                try:
                    bulletin = shelf.use(
                        ready, form.words, next_word=form.next_word, seen=seen, by=user_of(request), at=now
                    )
                except (shelf.NotOnShelf, NotAllowed) as refusal:
                    form.add_error(None, str(refusal))
                    status = 409
                else:
                    self.message_user(request, _("The draft is made. It needs approval like every bulletin."))
                    return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))
        context = {
            "ready": ready,
            "form": form,
            "warnings": warnings_of(ready, at=now),
            "texts": shown_texts(ready),
            "missing": [language_heading(code) for code in spoken if code not in languages],
        }
        return self.answer(request, "use", _("Use “%(title)s”") % {"title": ready}, context, status=status)

    def row(self, request: HttpRequest, key: Any, *, off: bool = False) -> ReadyBulletin:
        """Return one of the campaign's shelf, also one that was taken `off`. Raise Http404."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        rows = super().get_queryset(request) if off else self.get_queryset(request)
        related = ("campaign__authority", "owner", "approved_by", "made_of")
        found: ReadyBulletin = get_object_or_404(
            rows.select_related(*related).prefetch_related("editors", "campaign__languages"), pk=whole_number(key)
        )
        return found

    def to(self, ready: ReadyBulletin) -> HttpResponse:
        """Lead to the page of one."""
        return HttpResponseRedirect(reverse("admin:preparedness_readybulletin_change", args=[ready.pk]))


def without_blanks(text: str) -> str:
    """Return a text with dots for its blanks."""
    return BLANK.sub("…", text)


def warnings_of(ready: ReadyBulletin, *, at: datetime) -> list[str]:
    """Return in sentences what is to be known before it is used: nothing of it keeps anybody from that."""
    found = []
    if ready.is_overdue(on=ready.campaign.local(at).date()):
        day = date_format(ready.review_on, "DATE_FORMAT")
        found.append(_("It was to be looked at again by %(day)s. Read it as if it were new.") % {"day": day})
    if not ready.is_approved:
        found.append(_("Nobody here has approved these words yet."))
    return [*found, *moved_ground.moved(ready, moved_ground.of_campaign(ready.campaign))]


def shown_texts(ready: ReadyBulletin) -> list[dict[str, Any]]:
    """Return what it says in each language, its blanks marked."""
    shown = []
    for code in contents.languages_of(ready.content):
        rows = [
            (called(place), marked(format_html("{}", text)))
            for place, text in contents.texts_of(ready.content).items()
            if text and code == (place[1] if place[0] == "variant" else place[-1]) and place[0] != "body"
        ]
        body = ready.content["body"][code]
        shown.append({"code": code, "name": language_heading(code), "rows": rows, "body": marked(html_of(body))})
    return shown


def html_of(body: str) -> SafeString:
    """Return a text as readers would see it; one that is too long for that, as it is written."""
    try:
        return to_html(body)
    except ValueError:
        return format_html("{}", body)


def marked(html: SafeString) -> SafeString:
    """Return clean HTML with its blanks marked."""
    return mark_safe(BLANK.sub(r"<mark>{\1}</mark>", html))  # noqa: S308 clean HTML, and a name of letters in it
