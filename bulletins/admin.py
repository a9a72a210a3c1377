"""The desk's pages about what we say. Every step of a bulletin is one domain call; a refusal changes nothing."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import FileExtensionValidator
from django.db import models
from django.db.models import Case, Count, Min, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import display
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from accounts.models import User
from campaigns.desk import (
    DeskAdmin,
    DeskStackedInline,
    DeskTabularInline,
    ReadOnly,
    ReadOnlyAdmin,
    TranslatedFormField,
    TranslatedWidget,
    readable,
)
from delivery.heads import heads_of

from . import correcting, drafting, linting, publishing, receiving, reviewing
from .marks import editions_in_short, marks_of, title_of
from .markup import to_html
from .models import (
    Answer,
    Asset,
    Bulletin,
    Cadence,
    CallToAction,
    Edition,
    EditionRevision,
    InputFact,
    InputSource,
    KeyMessage,
    MessageInput,
    NotAllowed,
    PublishedEdition,
    Question,
    QuestionGroup,
    Review,
    Target,
    Urgency,
    Variant,
    Version,
)

BULLETIN_COLOURS = {
    "draft": "default",
    "in_review": "warning",
    "approved": "info",
    "published": "success",
    "withdrawn": "danger",
}
INPUT_COLOURS = {"new": "warning", "returned": "info", "accepted": "info", "used": "success", "declined": "default"}
URGENCY_COLOURS = {"routine": "default", "elevated": "info", "urgent": "warning"}
BY_URGENCY = Case(
    When(urgency=Urgency.URGENT, then=Value(0)), When(urgency=Urgency.ELEVATED, then=Value(1)), default=Value(2)
)
GROUP_COLOURS = {"open": "warning", "asked": "info", "answered": "success"}
UPLOADS = ["jpg", "jpeg", "png", "webp", "mp4", "webm", "vtt"]


def language_name(code: str) -> str:
    """Return the name of a language in the user's language, or its code."""
    try:
        return get_language_info(code)["name_translated"]
    except KeyError:
        return code


# --- Message inputs ------------------------------------------------------------------------------


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
                receiving.accept(row, by=user)  # type: ignore[arg-type]
                says = _("Accepted. It is yours now.")
            elif verb == "return":
                receiving.return_with_question(row, by=user, question=request.POST.get("question", ""))  # type: ignore[arg-type]
                says = _("Returned. The contributor sees your question and can answer it.")
            else:
                receiving.decline(row, by=user)  # type: ignore[arg-type]
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
            bulletin = drafting.start(rows[0].campaign, by=request.user, at=timezone.now(), inputs=rows)  # type: ignore[arg-type]
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


# --- Bulletins -----------------------------------------------------------------------------------


def is_open(bulletin: Any) -> bool:
    """Tell whether a bulletin is in the making (also for a new one, or when there is none to ask about)."""
    return not isinstance(bulletin, Bulletin) or bulletin.state in Bulletin.EDITABLE


class PartOfBulletin:
    """Rows of a bulletin can be changed only while it is in the making."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether a row may be added."""
        return super().has_add_permission(request, obj) and is_open(obj)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether a row may be changed."""
        return super().has_change_permission(request, obj) and is_open(obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether a row may be deleted."""
        return super().has_delete_permission(request, obj) and is_open(obj)  # type: ignore[misc]


class EditionForm(forms.ModelForm):
    """An edition as it is written. A draft may have holes; what is still missing stops it at approval, not here."""

    is_current = forms.BooleanField(
        label=gettext_lazy("Says all that the original says now"), required=False, widget=UnfoldBooleanSwitchWidget()
    )

    class Meta:
        model = Edition
        fields = "__all__"

    def __init__(self, *args: Any, original: Edition | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title", "subject", "body"):
            if name in self.fields:
                self.fields[name].required = False
        is_original = original is not None and original.pk == self.instance.pk
        field = self.fields["is_current"]
        field.initial = is_original or original is None or not self.instance.pk or not self.instance.behind(original)
        if is_original:
            field.disabled = True
            field.label = _("This is the original")
        if language := self.instance.language:
            for name in ("title", "subject", "preheader", "body"):
                if name in self.fields:
                    self.fields[name].widget.attrs["lang"] = language

    def clean(self) -> dict[str, Any]:
        """Keep the subject in one line."""
        data = super().clean() or {}
        if "subject" in data:
            data["subject"] = " ".join((data["subject"] or "").split())
        return data


class EditionFormSet(PaginationInlineFormSet):
    """The editions of one bulletin; each form knows the original."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Pass the original on."""
        if not hasattr(self, "_original"):
            self._original = drafting.original_of(self.instance) if self.instance.pk else None
        return {**super().get_form_kwargs(index), "original": self._original}


class EditionInline(PartOfBulletin, DeskStackedInline):
    """A bulletin's words, one language under another. Variants for platforms are on an edition's own page."""

    model = Edition
    form = EditionForm
    formset = EditionFormSet
    fields = ["title", "subject", "preheader", "body", "hashtags", "is_current"]
    show_change_link = True
    can_delete = False
    max_num = 0

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Give the text room."""
        if db_field.name == "body":
            kwargs["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": 16})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class KeyMessageInline(PartOfBulletin, DeskStackedInline):
    """Facts and requests meant to be repeated."""

    model = KeyMessage
    fields = ["key", "position", "text", "source_name", "source_url", "valid_until"]
    tab = True


class CallToActionInline(PartOfBulletin, DeskStackedInline):
    """What to do."""

    model = CallToAction
    fields = ["key", "position", "text"]
    tab = True


class TargetInline(PartOfBulletin, DeskTabularInline):
    """Who gets it, and when."""

    model = Target
    fields = ["audience", "timing", "at", "slot_at"]
    readonly_fields = ["slot_at"]
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Target]:
        """Return the rows with their audiences."""
        return super().get_queryset(request).select_related("audience", "bulletin")


class AssetInline(PartOfBulletin, DeskStackedInline):
    """Pictures, videos and subtitles to download."""

    model = Asset
    fields = ["kind", "language", "title", "file", "alt_text", "rights", "position"]
    tab = True

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Take only pictures, videos and subtitles."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "file" and field is not None:
            field.validators.append(FileExtensionValidator(UPLOADS))
        return field


class BulletinForm(forms.ModelForm):
    """A bulletin's own fields; it is written in one of the languages that it has."""

    class Meta:
        model = Bulletin
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "original_language" in self.fields and self.instance.pk:
            codes = dict.fromkeys(
                [*self.instance.editions.values_list("language", flat=True), self.instance.original_language]
            )
            self.fields["original_language"].widget.choices = [(code, language_name(code)) for code in codes]


class WhatChangedForm(forms.Form):
    """What a correction or a withdrawal tells readers, per language."""

    what_changed = TranslatedFormField(label=gettext_lazy("what changed"), widget=TranslatedWidget(rows=3))
    share_text = TranslatedFormField(
        label=gettext_lazy("words for those who already posted"), required=False, widget=TranslatedWidget(rows=3)
    )

    def __init__(self, *args: Any, languages: list[str], reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = languages
        if reason:
            self.fields["what_changed"].label = _("reason")

    def clean_what_changed(self) -> dict[str, str]:
        """Want it in every language of the campaign."""
        texts = self.cleaned_data["what_changed"]
        missing = [code for code in self.languages if code not in texts]
        if missing:
            raise forms.ValidationError(
                _("Write it in every language. Missing: %(codes)s.") % {"codes": ", ".join(missing)}
            )
        return texts


class StartForm(forms.Form):
    """A new bulletin: from which inputs, how urgent."""

    inputs = forms.ModelMultipleChoiceField(
        MessageInput.objects.none(),
        label=gettext_lazy("message inputs"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("urgency"),
        required=False,
        choices=[("", gettext_lazy("as the inputs say")), *Urgency.choices],
    )


@admin.register(Bulletin)
class BulletinAdmin(DeskAdmin):
    """Bulletins: written in every language, read by a second person, published, corrected."""

    form = BulletinForm
    list_display = ["number", "shown_title", "shown_state", "shown_marks", "first_slot", "kind", "version"]
    list_display_links = ["number", "shown_title"]
    list_filter = ["state", "kind", "urgency", "campaign"]
    search_fields = ["number", "editions__title"]
    ordering = ["-campaign", "-number"]
    autocomplete_fields = ["inputs", "topics", "claims"]
    readonly_fields = ["campaign", "number", "version", "kind", "state", "created_by", "created_at"]
    inlines = [EditionInline, KeyMessageInline, CallToActionInline, TargetInline, AssetInline]
    change_form_outer_before_template = "desk/_bulletin_bar.html"
    actions = None

    # Lists

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bulletin]:
        """Return the bulletins with their first slot."""
        return super().get_queryset(request).annotate(slot=Min("targets__slot_at"))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Fetch titles and language marks of the whole page at once."""
        changelist = super().get_changelist_instance(request)
        models.prefetch_related_objects(list(changelist.result_list), editions_in_short(), "campaign__languages")
        return changelist

    @display(description=gettext_lazy("title"))
    def shown_title(self, bulletin: Bulletin) -> str:
        """Return the title in the user's language."""
        return title_of(bulletin) or _("no title yet")

    @display(description=gettext_lazy("stage"), ordering="state", label=BULLETIN_COLOURS)
    def shown_state(self, bulletin: Bulletin) -> tuple[str, str]:
        """Return the stage as a label."""
        return bulletin.state, bulletin.get_state_display()

    @display(description=gettext_lazy("languages"))
    def shown_marks(self, bulletin: Bulletin) -> SafeString:
        """Return how far each language is."""
        codes = [language.code for language in bulletin.campaign.languages.all()]
        return render_to_string("desk/_marks.html", {"marks": marks_of(bulletin, codes), "framed": True})

    @display(description=gettext_lazy("slot"), ordering="slot")
    def first_slot(self, bulletin: Bulletin) -> Any:
        """Return when it goes, or went, first."""
        return bulletin.slot  # type: ignore[attr-defined]

    # Forms

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show what changed only where something did."""
        about = ["number", "version", "kind", "state", "urgency", "original_language", "embargo_until"]
        said = ["what_changed", "share_text"] if obj and obj.kind != Bulletin.Kind.ORIGINAL else []
        groups = [
            (None, {"fields": said}),
            (_("About"), {"fields": [*about, "inputs", "topics", "claims"], "classes": ["collapse"]}),
        ]
        if obj is not None and not self.has_change_permission(request, obj):
            groups[0] = (None, {"fields": readable(Bulletin, said)})
        return [group for group in groups if group[1]["fields"]]

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Choose the original among the bulletin's languages."""
        if db_field.name == "original_language":
            kwargs["widget"] = forms.Select()
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is published is changed by a correction only."""
        return super().has_change_permission(request, obj) and is_open(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A bulletin is withdrawn, never deleted: its number and its steps stay on record."""
        return False

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Save through the domain; a refusal is told, and nothing of the form is kept."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.path)

    def save_model(self, request: HttpRequest, obj: Bulletin, form: Any, change: bool) -> None:
        """Save only what this form changed, so that nobody's step is undone by an older page."""
        changed = [name for name in form.changed_data if not obj._meta.get_field(name).many_to_many]
        if changed:
            drafting.lock(obj)
            obj.save(update_fields=changed)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save editions as revisions, the original before its translations; the rest as it is."""
        if formset.model is not Edition:
            super().save_formset(request, form, formset, change)
            return
        formset.save(commit=False)
        now = timezone.now()
        changed = [one for one in formset.forms if one.has_changed()]
        original = form.instance.original_language
        for one in sorted(changed, key=lambda one: one.instance.language != original):
            drafting.save_edition(
                one.instance,
                by=request.user,  # type: ignore[arg-type]
                at=now,
                is_current=one.cleaned_data.get("is_current", True),
            )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save everything, note who edited, and say so when an approval or a review is void now."""
        before = Bulletin.objects.values_list("state", flat=True).get(pk=form.instance.pk)
        super().save_related(request, form, formsets, change)
        if form.changed_data or any(formset.has_changed() for formset in formsets if formset.model is not Edition):
            drafting.touched(form.instance, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        after = Bulletin.objects.values_list("state", flat=True).get(pk=form.instance.pk)
        if before != after:
            self.message_user(
                request,
                _("The content changed, so its review is void. Submit it for approval again."),
                messages.WARNING,
            )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Give the bar over the form what it needs."""
        bulletin = kwargs.get("obj")
        context["show_save_and_add_another"] = context["show_save_and_continue"] = False
        if bulletin is not None:
            context.update(self.bar(request, bulletin))
        return super().render_change_form(request, context, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Bulletin) -> HttpResponse:
        """Stay with the bulletin after saving: what stops it is shown there."""
        self.message_user(request, _("Saved."), messages.SUCCESS)
        return HttpResponseRedirect(request.path)

    def bar(self, request: HttpRequest, bulletin: Bulletin) -> dict[str, Any]:
        """Return where a bulletin stands and which steps the user may take with it."""
        state, user = Bulletin.State, request.user
        assert isinstance(user, User)
        found = linting.findings(bulletin) if bulletin.state in Bulletin.EDITABLE else []
        edits = user.has_perm("bulletins.change_bulletin")
        approves = user.has_perm("bulletins.approve_bulletin")
        in_review = bulletin.state == state.IN_REVIEW
        return {
            "bulletin": bulletin,
            "bulletin_title": title_of(bulletin),
            "marks": marks_of(bulletin, [language.code for language in bulletin.campaign.languages.all()]),
            "findings": found,
            "stops": sum(finding.level == linting.STOPS for finding in found),
            "may_submit": edits and bulletin.state == state.DRAFT,
            "may_approve": approves
            and in_review
            and Bulletin.objects.approvable_by(user).filter(pk=bulletin.pk).exists(),
            "is_mine": approves and in_review and user.pk in bulletin.editor_ids(),
            "may_send_back": (approves or edits) and bulletin.state in {state.IN_REVIEW, state.APPROVED},
            "may_publish": user.has_perm("bulletins.publish_bulletin") and bulletin.state == state.APPROVED,
            "may_correct": edits and bulletin.state == state.PUBLISHED,
            "may_edit": edits and bulletin.state in Bulletin.EDITABLE,
            "last_return": bulletin.reviews.filter(version=bulletin.version, decision=Review.Decision.RETURNED)
            .select_related("by")
            .first()
            if bulletin.state == state.DRAFT
            else None,
        }

    # Starting

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Start a bulletin: the next number, an edition in every language, from message inputs or from nothing."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        campaign = getattr(request, "campaign", None)
        form = StartForm(request.POST or None)
        if campaign is not None:
            waiting = MessageInput.objects.waiting().filter(campaign=campaign).select_related("authority")
            form.fields["inputs"].queryset = waiting  # type: ignore[attr-defined]
            if request.method == "POST" and form.is_valid():
                bulletin = drafting.start(
                    campaign,
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                    inputs=form.cleaned_data["inputs"],
                    urgency=form.cleaned_data["urgency"] or None,
                )
                self.message_user(
                    request,
                    _("Bulletin %(number)s started. Write it here.") % {"number": bulletin.number},
                    messages.SUCCESS,
                )
                return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Start a bulletin"),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "desk/start.html", context)

    # Steps

    def get_urls(self) -> list[URLPattern]:
        """Add the page for reading, the steps and the two forms that say what changed."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/read/", wrap(require_safe(self.read_view)), name="bulletins_bulletin_read"),
            path("<int:pk>/step/<str:verb>/", wrap(require_POST(self.step_view)), name="bulletins_bulletin_step"),
            path("<int:pk>/correct/", wrap(self.correct_view), name="bulletins_bulletin_correct"),
            path("<int:pk>/withdraw/", wrap(self.withdraw_view), name="bulletins_bulletin_withdraw"),
            *super().get_urls(),
        ]

    def read_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show all that an approval covers, side by side, with the buttons to approve it or send it back."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        # The digest is read first: should anything change while the rest is read, it no longer fits, and approving refuses.
        bulletin = get_object_or_404(
            Bulletin.objects.select_related("campaign", "submitted_by", "approved_by").prefetch_related(
                "campaign__languages"
            ),
            pk=pk,
        )
        targets = list(bulletin.targets.select_related("audience").order_by("slot_at", "audience__tier"))
        heads = heads_of([target.audience for target in targets], at=timezone.now())
        editors = User.objects.filter(pk__in=bulletin.editor_ids())
        context = {
            **self.admin_site.each_context(request),
            **self.bar(request, bulletin),
            "title": _("Read %(bulletin)s") % {"bulletin": bulletin},
            "opts": self.opts,
            "original": bulletin,
            "editions": [self.shown_edition(edition) for edition in bulletin.editions.prefetch_related("variants")],
            "key_messages": bulletin.key_messages.all(),
            "calls_to_action": bulletin.calls_to_action.all(),
            "claims": bulletin.claims.all(),
            "assets": bulletin.assets.all(),
            "targets": [(target, heads[target.audience_id]) for target in targets],
            "reviews": bulletin.reviews.select_related("by"),
            "editors": editors,
        }
        return TemplateResponse(request, "desk/read.html", context)

    def shown_edition(self, edition: Edition) -> dict[str, Any]:
        """Return an edition with its text as readers will see it."""
        try:
            html: str = to_html(edition.body)
        except ValueError as fault:
            html = str(fault)
        return {
            "edition": edition,
            "html": html,
            "name": language_name(edition.language),
            "variants": edition.variants.all(),
        }

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Take the step that a button asks for, by one domain call, and say what came of it."""
        rights = {
            "submit": {"bulletins.change_bulletin"},
            "approve": {"bulletins.approve_bulletin"},
            "send_back": {"bulletins.approve_bulletin", "bulletins.change_bulletin"},
            "publish": {"bulletins.publish_bulletin"},
        }
        user = request.user
        if not any(user.has_perm(right) for right in rights.get(verb, ())):
            raise PermissionDenied
        assert isinstance(user, User)
        bulletin = get_object_or_404(Bulletin, pk=pk)
        now = timezone.now()
        try:
            if verb == "submit":
                reviewing.submit(bulletin, by=user, at=now)
                says = _("Submitted. Somebody who did not write it has to read and approve it.")
            elif verb == "approve":
                reviewing.approve(bulletin, digest=request.POST.get("digest", ""), by=user, at=now)
                says = _("Approved. It goes out in its slots.")
            elif verb == "send_back":
                reviewing.send_back(bulletin, by=user, at=now, reason=request.POST.get("reason", ""))
                says = _("Sent back. It is a draft again, with your reason.")
            else:
                publishing.publish(bulletin, at=now, by=user)
                says = _("Published. Readers see it now; mail goes out in its slots.")
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            came_from_reading = verb in {"approve", "send_back"}
            name = "admin:bulletins_bulletin_read" if came_from_reading else "admin:bulletins_bulletin_change"
            return HttpResponseRedirect(reverse(name, args=[pk]))
        self.log_change(request, bulletin, verb)
        self.message_user(request, says, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[pk]))

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask what changed, and open the next version."""
        return self.what_changed(request, pk, correcting.start_correction, withdraw=False)

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason, and open a withdrawal."""
        return self.what_changed(request, pk, correcting.retract, withdraw=True)

    def what_changed(self, request: HttpRequest, pk: int, verb: Any, *, withdraw: bool) -> HttpResponse:
        """Ask for words in every language, then make the domain call."""
        if not request.user.has_perm("bulletins.change_bulletin"):
            raise PermissionDenied
        bulletin = get_object_or_404(Bulletin.objects.select_related("campaign"), pk=pk)
        languages = [language.code for language in bulletin.campaign.languages.all()]
        form = WhatChangedForm(request.POST or None, languages=languages, reason=withdraw)
        status = 200
        if request.method == "POST":
            if form.is_valid():
                try:
                    verb(bulletin, by=request.user, at=timezone.now(), **form.cleaned_data)
                except NotAllowed as refusal:
                    self.message_user(request, str(refusal), messages.ERROR)
                else:
                    says = (
                        _(
                            "The withdrawal is open. Submit it; once approved, the words are gone and everyone reached is told."
                        )
                        if withdraw
                        else _("The correction is open. Readers see the published version until this one is approved.")
                    )
                    self.message_user(request, says, messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[pk]))
            status = 422
        context = {
            **self.admin_site.each_context(request),
            "title": (_("Withdraw bulletin %(number)s") if withdraw else _("Correct bulletin %(number)s"))
            % {"number": bulletin.number},
            "opts": self.opts,
            "bulletin": bulletin,
            "form": form,
            "withdraw": withdraw,
        }
        return TemplateResponse(request, "desk/what_changed.html", context, status=status)


class VariantInline(DeskStackedInline):
    """An edition made for one platform."""

    model = Variant

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only while the bulletin is in the making."""
        return super().has_add_permission(request, obj) and (obj is None or is_open(obj.bulletin))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only while the bulletin is in the making."""
        return super().has_change_permission(request, obj) and (obj is None or is_open(obj.bulletin))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only while the bulletin is in the making."""
        return super().has_delete_permission(request, obj) and (obj is None or is_open(obj.bulletin))


@admin.register(Edition)
class EditionAdmin(DeskAdmin):
    """A bulletin in one language, with its variants for platforms."""

    form = EditionForm
    list_display = ["title", "language", "reading_level", "bulletin", "revision"]
    list_select_related = ["bulletin"]
    list_filter = ["language", "reading_level"]
    search_fields = ["title", "subject"]
    ordering = ["-bulletin__number", "pk"]
    fields = [
        "bulletin",
        "language",
        "reading_level",
        "title",
        "subject",
        "preheader",
        "body",
        "hashtags",
        "is_current",
    ]
    inlines = [VariantInline]
    actions = None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return a form that knows the original."""
        form = super().get_form(request, obj, change=change, **kwargs)
        original = drafting.original_of(obj.bulletin) if obj is not None else None

        class WithOriginal(form):  # type: ignore[misc, valid-type]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, original=original, **kwargs)

        return WithOriginal

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the bulletins that are in the making."""
        if db_field.name == "bulletin":
            kwargs["queryset"] = Bulletin.objects.filter(state__in=Bulletin.EDITABLE)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Which language of which bulletin it is does not change."""
        return ["bulletin", "language", "reading_level"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only while the bulletin is in the making."""
        return super().has_change_permission(request, obj) and (not isinstance(obj, Edition) or is_open(obj.bulletin))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An edition has revisions that stay on record."""
        return False

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Save through the domain; a refusal is told, and nothing of the form is kept."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.path)

    def save_model(self, request: HttpRequest, obj: Edition, form: Any, change: bool) -> None:
        """Save a changed edition as its next revision."""
        if form.changed_data or not change:
            drafting.save_edition(
                obj,
                by=request.user,
                at=timezone.now(),
                is_current=form.cleaned_data.get("is_current", True),  # type: ignore[arg-type]
            )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the variants, and note who edited."""
        changed = any(formset.has_changed() for formset in formsets)
        if changed:
            drafting.lock(form.instance.bulletin)
        super().save_related(request, form, formsets, change)
        if changed:
            drafting.touched(form.instance.bulletin, by=request.user, at=timezone.now())  # type: ignore[arg-type]


@admin.register(EditionRevision)
class EditionRevisionAdmin(ReadOnlyAdmin):
    """Every saved change of a text, to read."""

    list_display = ["title", "edition_language", "revision", "version", "edited_by", "edited_at"]
    list_select_related = ["edition", "edited_by"]
    list_filter = ["edition__language"]
    search_fields = ["title"]
    ordering = ["-edited_at", "-pk"]

    @display(description=gettext_lazy("language"))
    def edition_language(self, revision: EditionRevision) -> str:
        """Return the language of the edition."""
        return revision.edition.language


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """Who decided what on which exact content, to read."""

    list_display = ["bulletin", "version", "decision", "by", "at", "reason"]
    list_select_related = ["bulletin", "by"]
    list_filter = ["decision"]


@admin.register(Version)
class VersionAdmin(ReadOnlyAdmin):
    """What readers see, version by version."""

    list_display = ["__str__", "kind", "published_at", "approved_by", "mailing"]
    list_select_related = ["bulletin", "approved_by", "mailing"]
    list_filter = ["kind"]


@admin.register(PublishedEdition)
class PublishedEditionAdmin(ReadOnlyAdmin):
    """Published versions in each language, frozen."""

    list_display = ["title", "language", "reading_level", "version"]
    list_select_related = ["version__bulletin"]
    list_filter = ["language"]
    search_fields = ["title"]
    ordering = ["-pk"]
    fields = ["version", "language", "reading_level", "title", "lead", "body"]


@admin.register(Cadence)
class CadenceAdmin(DeskAdmin):
    """When audiences get mail."""

    list_display = [
        "audience",
        "slug",
        "every",
        "local_time",
        "weekday",
        "day_of_month",
        "starts_on",
        "until",
        "only_urgency",
    ]
    list_select_related = ["audience"]
    list_filter = ["every", "audience"]
    search_fields = ["slug"]


# --- Questions -----------------------------------------------------------------------------------


class AnswerInline(DeskStackedInline):
    """The authority's answer."""

    model = Answer
    fields = ["authority", "text", "published_at", "valid_until", "video_url", "video_language", "video_seconds"]


class QuestionInline(ReadOnly, DeskTabularInline):
    """The questions of a group in the askers' own words."""

    model = Question
    fields = ["text", "language", "channel", "asked_at"]


@admin.register(QuestionGroup)
class QuestionGroupAdmin(DeskAdmin):
    """Questions that mean the same, answered once."""

    list_display = ["__str__", "shown_state", "asked", "campaign"]
    list_select_related = ["campaign"]
    list_filter = ["state", "campaign"]
    search_fields = ["slug", "label"]
    inlines = [AnswerInline, QuestionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuestionGroup]:
        """Return the groups with how many questions each has, the most asked first."""
        return super().get_queryset(request).annotate(times=Count("questions")).order_by("-times", "-pk")

    @display(description=gettext_lazy("state"), ordering="state", label=GROUP_COLOURS)
    def shown_state(self, group: QuestionGroup) -> tuple[str, str]:
        """Return the state as a label."""
        return group.state, group.get_state_display()

    @display(description=gettext_lazy("asked"), ordering="times")
    def asked(self, group: QuestionGroup) -> int:
        """Return how often it was asked."""
        return group.times  # type: ignore[attr-defined]


@admin.register(Question)
class QuestionAdmin(DeskAdmin):
    """Questions in the askers' own words. Who relayed one is never shown in public."""

    list_display = ["__str__", "language", "group", "topic", "bulletin", "asked_at"]
    list_select_related = ["group", "topic", "bulletin"]
    list_filter = ["language", "topic", "campaign"]
    search_fields = ["text"]
    autocomplete_fields = ["group", "topic"]
    readonly_fields = ["relayed_by", "asked_at"]


@admin.register(Answer)
class AnswerAdmin(DeskAdmin):
    """Authorities' answers, in text and often on video."""

    list_display = ["__str__", "authority", "published_at", "valid_until"]
    list_select_related = ["group", "authority"]
    list_filter = ["authority"]
    fields = [
        "group",
        "authority",
        "text",
        "published_at",
        "valid_until",
        "video_url",
        "video_language",
        "video_seconds",
        "subtitles",
    ]
