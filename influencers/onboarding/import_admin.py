"""The desk's pages for bringing a file of influencers: every row's fate first, then a second button."""

from collections import Counter
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.login import reauthentication
from campaigns.base_admin import ReadOnlyAdmin
from campaigns.http.middleware import campaign_or_404
from influencers.models import ImportRun, Influencer
from influencers.onboarding.csv_import.row_parser import ADDS, BARRED, FATES, KNOWN, NEW, REFUSED, SAME
from lib.csv_rows import BOM
from lib.text.numbers.whole_numbers import whole_number

from . import invitations
from .admin import describe_invited
from .csv_import import import_runs, reader

COLOURS = {"planned": "warning", "reading": "info", "storing": "info", "applied": "success", "unreadable": "danger"}
PER_PAGE = 100
SHOWN_AS = {
    NEW: (gettext_lazy("new, to be invited"), "good"),
    ADDS: (gettext_lazy("known, not joined yet: missing details are added"), "current"),
    SAME: (gettext_lazy("same person as another row"), "current"),
    KNOWN: (gettext_lazy("already a member, left as it is"), ""),
    BARRED: (gettext_lazy("not brought back"), "changed"),
    REFUSED: (gettext_lazy("rejected"), "bad"),
}
TEMPLATE = (
    "name,email,language,region,municipality,topics,instagram_handle,instagram_followers,tiktok_handle,"
    "tiktok_followers\r\nElli Example,elli@example.org,fi,MK01,Helsinki,music;sport,elli.example,12000,,\r\n"
)


class FileForm(forms.Form):
    """A file of people, and where the list is from."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty. Its first row names the columns."),
        },
    )
    source = forms.CharField(
        label=gettext_lazy("Where does the list come from?"),
        max_length=200,
        help_text=gettext_lazy("For example: members of a network, asked in March. It is kept with the import."),
        error_messages={"required": gettext_lazy("Say where the list comes from: people may ask how you know them.")},
    )


class CustomTextForm(forms.Form):
    """Custom text in an invitation."""

    words = forms.CharField(
        label=gettext_lazy("Custom text in the invitation"),
        required=False,
        max_length=invitations.MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4, "class": "box"}),
        help_text=gettext_lazy("It is sent when a colleague has approved it. No links: the email has its own."),
    )


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    """Files of influencers, each with its page."""

    list_display = ["name", "shown_state", "by", "at", "ended_at", "source"]
    list_select_related = ["by"]
    list_filter = ["state"]
    campaign_by = "campaign"
    ordering = ["-at", "-pk"]

    @display(description=gettext_lazy("state"), ordering="state", label=COLOURS)
    def shown_state(self, run: ImportRun) -> tuple[str, str]:
        """Return the state as a label."""
        return run.state, run.get_state_display()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may add influencers may bring a file of them."""
        return request.user.has_perm("influencers.add_importrun")

    def get_urls(self) -> list[URLPattern]:
        """Return the pages of a file, before the list's own."""
        own = [
            path("template.csv", self.admin_site.admin_view(self.template_view), name="influencers_importrun_template"),
            *(
                path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"influencers_importrun_{name}")
                for name, view in (("store", self.store_view), ("drop", self.drop_view), ("invite", self.invite_view))
            ),
        ]
        return [*own, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Take a file in; it is read by a worker, and its page shows how far that is."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        campaign = campaign_or_404(request)
        form = FileForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                run = import_runs.take(
                    campaign,
                    file,
                    name=file.name,
                    source=form.cleaned_data["source"],
                    by=request.user,
                    at=timezone.now(),
                )
            except reader.NotReadable as refusal:
                form.add_error("file", str(refusal))
            else:
                return HttpResponseRedirect(self.page_of(run.pk))
        columns = [(name, others[1:]) for name, others in reader.COLUMNS.items()]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import a file of influencers"),
            "opts": self.opts,
            "form": form,
            "columns": columns,
            "most_rows": reader.MOST_ROWS,
            "most_mb": import_runs.MOST_BYTES // 1024 // 1024,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "influencers/onboarding/import_new.html", context, status=status)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a file: how far it is, what becomes of its rows, and what can be done."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(self.get_queryset(request), pk=whole_number(object_id))
        return self.page(request, run)

    def page(self, request: HttpRequest, run: ImportRun, form: Any = None) -> HttpResponse:
        """Return a file's page: 422 with a form that was refused."""
        fate = request.GET.get("fate", "")
        fate = fate if fate in FATES else ""
        counts: Counter[str] = Counter(run.counts)
        total = counts[fate] if fate else counts.total()
        page = Paginator(range(total), PER_PAGE).get_page(request.GET.get("page"))
        rows = import_runs.shown(run, fate=fate, start=max(page.start_index() - 1, 0), most=PER_PAGE)
        waiting = run.people.filter(state=Influencer.State.INVITED, invitations=None).count()
        context = {
            **self.admin_site.each_context(request),
            "title": run.name,
            "opts": self.opts,
            "run": run,
            "page": page,
            "fate": fate,
            "rows": [row | dict(zip(("says", "look"), SHOWN_AS[row["fate"]], strict=True)) for row in rows],
            "fates": [(name, *SHOWN_AS[name], counts[name]) for name in FATES],
            "total": counts.total(),
            "adds": counts[NEW] + counts[ADDS] + counts[SAME],
            "is_under_way": run.state in {ImportRun.State.READING, ImportRun.State.STORING},
            "may_act": self.has_add_permission(request),
            "waiting": waiting,
            "form": form or CustomTextForm(),
        }
        status = 422 if form is not None else 200
        return TemplateResponse(request, "influencers/onboarding/import.html", context, status=status)

    def run_of(self, request: HttpRequest, pk: int) -> ImportRun:
        """Return a file of this campaign's for whoever may act on it, or raise."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request), pk=pk)

    def page_of(self, pk: int) -> str:
        """Return the address of a file's page."""
        return reverse("admin:influencers_importrun_change", args=[pk])

    def step(self, request: HttpRequest, pk: int, deed: Any) -> HttpResponse:
        """Do something with a file and return to its page, with the reason where it is refused."""
        run = self.run_of(request, pk)
        try:
            deed(run, by=request.user, at=timezone.now())
        except import_runs.NotPossible as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        return HttpResponseRedirect(self.page_of(run.pk))

    def store_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Store what was shown."""
        return require_POST(lambda told: self.step(told, pk, import_runs.request_store))(request)

    def drop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Store nothing, and delete the file."""
        return require_POST(lambda told: self.step(told, pk, import_runs.drop))(request)

    def invite_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Invite those of a file who have not been invited."""
        return require_POST(lambda told: self.invite(told, pk))(request)

    def invite(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write the invitations."""
        run = self.run_of(request, pk)
        if again := reauthentication.require_recent_login(request):
            return again
        form = CustomTextForm(request.POST)
        if not form.is_valid():
            return self.page(request, run, form)
        people = run.people.filter(state=Influencer.State.INVITED, invitations=None)
        try:
            sent = invitations.invite(people, by=request.user, at=timezone.now(), words=form.cleaned_data["words"])
        except invitations.NotInvited as refusal:
            form.add_error("words", str(refusal))
            return self.page(request, run, form)
        self.message_user(request, describe_invited(sent), messages.SUCCESS)
        return HttpResponseRedirect(self.page_of(run.pk))

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """Give a file to fill in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        response = HttpResponse(BOM + TEMPLATE, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="influencers.csv"'
        return response
