"""
The desk's pages for questions from the public: grouped, sent to an authority, answered, checked by a second person. Each
button is one domain call, and a refusal keeps what was typed.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import confirming, reaching
from accounts.roles import Scope
from campaigns import own_words
from campaigns.desk import DeskAdmin
from campaigns.models import Authority, Topic
from campaigns.tongues import language_heading, own_name
from delivery.models import Recipient

from .. import answering, asking, checking_answers, clustering, videos, voids
from ..answer_forms import LONGEST, AnswerWriting
from ..forms import dress
from ..models import Answer, NotAllowed, Question, QuestionGroup

GROUP_COLOURS = {"open": "warning", "asked": "info", "answered": "success", "declined": "default"}
ANSWER_COLOURS = {"draft": "default", "in_review": "warning", "published": "success", "withdrawn": "danger"}
WAITING_PER_PAGE = 10
# The steps after which readers find another answer: whoever takes one has just proved who they are.
FRESH = {"approve", "withdraw", "agree-words", "decline"}
KEPT = gettext_noop("Kept. They are read when a colleague has agreed to them.")
SHOWN = 200  # questions of a group that its page lists
State = QuestionGroup.State
VOIDS = Q(state__in=[State.OPEN, State.ASKED])
# The tabs over the list of groups: without a choice all that nobody has answered.
STAGES = (
    ("open", gettext_lazy("Nobody asked yet"), lambda now: Q(state=State.OPEN)),
    ("asked", gettext_lazy("With an authority"), lambda now: Q(state=State.ASKED)),
    ("late", gettext_lazy("Late"), voids.late),
    ("answered", gettext_lazy("Answered"), lambda now: Q(state=State.ANSWERED)),
    ("declined", gettext_lazy("No answer will come"), lambda now: Q(state=State.DECLINED)),
)


def of_campaign(rows: QuerySet[Any], request: HttpRequest, name: str = "campaign") -> QuerySet[Any]:
    """Return the rows of the campaign that the site shows: others do not exist here."""
    return rows.filter(**{name: getattr(request, "campaign", None)})


def typed_in(request: HttpRequest, name: str) -> dict[str, str]:
    """Return the words that were sent for each language: {language: text}, only those that there are."""
    prefix = f"{name}__"
    found = {
        key.removeprefix(prefix): str(text).strip() for key, text in request.POST.items() if key.startswith(prefix)
    }
    return {code: text for code, text in found.items() if text}


def is_key(text: str) -> bool:
    """Tell whether a text is a row's key."""
    return text.isascii() and text.isdigit() and len(text) < 16


class StageFilter(admin.SimpleListFilter):
    """Shows the groups of one stage; without a choice those that nobody has answered."""

    title = gettext_lazy("stage")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the stages."""
        return [(name, label) for name, label, _which in STAGES] + [("all", _("all"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[QuestionGroup]) -> QuerySet[QuestionGroup]:
        """Return the groups of the chosen stage."""
        if self.value() == "all":
            return queryset
        chosen = next((which for name, _label, which in STAGES if name == self.value()), None)
        return queryset.filter(chosen(timezone.now()) if chosen else VOIDS)


class Rows(DeskAdmin):
    """Rows of one campaign, which only their own steps change."""

    actions: Any = None
    campaign_by = "campaign"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come of steps."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They stay on record."""
        return False

    def row(self, request: HttpRequest, pk: Any, *related: str) -> Any:
        """Return a row for somebody who may see it. Raise PermissionDenied or Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not is_key(str(pk)):
            raise Http404
        rows = self.reached(request, self.model._default_manager.all())
        return get_object_or_404(rows.select_related(*related) if related else rows, pk=pk)

    def row_to_change(self, request: HttpRequest, pk: Any, *related: str) -> Any:
        """Return a row for somebody who may change it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return self.row(request, pk, *related)

    def back_to(self, row: Any) -> HttpResponseRedirect:
        """Go to a row's page."""
        return HttpResponseRedirect(reverse(f"admin:bulletins_{row._meta.model_name}_change", args=[row.pk]))


# --- Groups: information voids -----------------------------------------------------------------------


@admin.register(QuestionGroup)
class QuestionGroupAdmin(Rows):
    """Questions that mean the same. Without an answer they are an information void, the nearest deadline first."""

    list_display = ["__str__", "shown_state", "asked", "authority", "shown_deadline"]
    list_select_related = ["authority", "campaign"]
    list_filter = [StageFilter, "authority"]
    search_fields = ["slug", "label"]
    list_before_template = "desk/question_tabs.html"

    class Media:
        css = {"all": ["desk/questions.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Add the steps."""
        step = self.admin_site.admin_view(require_POST(self.step_view))
        return [path("<int:pk>/step/<str:verb>/", step, name="bulletins_questiongroup_step"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuestionGroup]:
        """Return the groups, each with how many asked."""
        return self.reached(request, asking.counted(QuestionGroup.objects.all()))

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Return the nearest deadline first, of the same the most asked. Other pages' choices know no counts."""
        is_list = request.resolver_match and request.resolver_match.url_name == "bulletins_questiongroup_changelist"
        return [F("answer_by").asc(nulls_last=True), *(["-asked"] if is_list else []), "-pk"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list with its tabs."""
        now = timezone.now()
        counts = {name: Count("pk", filter=which(now)) for name, _label, which in STAGES}
        found = of_campaign(QuestionGroup.objects.all(), request).aggregate(**counts)
        waiting = of_campaign(Question.objects.filter(clustering.WAITS), request).count()
        chosen = request.GET.get("stage", "")
        context = {
            "stages": [(name, label, found[name], name == chosen) for name, label, _which in STAGES],
            "chosen_stage": chosen,
            "waiting_count": waiting,
            "may_enter": request.user.has_perm("bulletins.add_question"),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    @display(description=gettext_lazy("state"), ordering="state", label=GROUP_COLOURS)
    def shown_state(self, group: QuestionGroup) -> tuple[str, str]:
        """Return the state as a label."""
        return group.state, group.get_state_display()

    @display(description=gettext_lazy("asked"), ordering="asked")
    def asked(self, group: QuestionGroup) -> int:
        """Return how many asked."""
        return vars(group)["asked"]

    @display(
        description=gettext_lazy("answer by"), ordering="answer_by", label={"late": "danger", "due": "default", "": ""}
    )
    def shown_deadline(self, group: QuestionGroup) -> Any:
        """Return the deadline, and whether it has passed."""
        if group.answer_by is None:
            return "–"
        shown = date_format(group.campaign.local(group.answer_by), "SHORT_DATETIME_FORMAT")
        if voids.is_late(group, at=timezone.now()):
            return "late", _("late: %(until)s") % {"until": shown}
        return shown

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the page of a group, or save what it is called."""
        if request.method != "POST":
            return self.page(request, self.row(request, object_id))
        group = self.row_to_change(request, object_id, "campaign")
        topic = request.POST.get("topic", "")
        chosen = of_campaign(Topic.objects.all(), request).filter(pk=topic).first() if is_key(topic) else None
        try:
            with transaction.atomic():
                answering.rename(group, typed_in(request, "label"), by=request.user, at=timezone.now())
                QuestionGroup.objects.filter(pk=group.pk).update(topic=chosen)
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), "error")
            return self.page(request, group, typed={"label": typed_in(request, "label")}, status=422)
        self.message_user(request, _("Saved."), "success")
        return self.back_to(group)

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Take a step and go back to the group, or show why not, with what was typed."""
        if verb == "agree-words" and request.user.has_perm("bulletins.approve_answer"):
            group = self.row(request, pk, "campaign", "authority")
        else:
            group = self.row_to_change(request, pk, "campaign", "authority")
        if verb in FRESH and (again := confirming.ask_again(request)):
            return again
        who: dict[str, Any] = {"by": request.user, "at": timezone.now()}
        try:
            if verb == "send":
                says = self.send(request, group, **who)
            elif verb == "decline":
                voids.decline(group, **who)
                says = _("Noted. Those who asked are told.")
            elif verb == "propose-words":
                voids.propose_words(group, typed_in(request, "why"), **who)
                says = _(KEPT)
            elif verb == "agree-words":
                voids.agree_words(group, digest=request.POST.get("digest", ""), **who)
                says = _("Agreed. Those who asked are told.")
            elif verb == "reopen":
                voids.reopen(group, **who)
                says = _("It waits for an answer again.")
            elif verb == "answer":
                return self.back_to(answering.begin(group, **who))
            elif verb == "take-out":
                one = get_object_or_404(Question, pk=int_of(request.POST.get("question")), group=group)
                clustering.take_out(one, **who)
                says = _("Taken out. The question waits to be grouped again.")
            else:
                raise Http404
        except (NotAllowed, own_words.NotAgreed) as refusal:
            self.message_user(request, str(refusal), "error")
            sent = {"why": typed_in(request, "why"), "answer_by": request.POST.get("answer_by", ""), "verb": verb}
            return self.page(request, group, typed=sent, status=422)
        self.message_user(request, says, "success")
        return self.back_to(group)

    def send(self, request: HttpRequest, group: QuestionGroup, *, by: Any, at: Any) -> str:
        """Send a group to an authority. Raise NotAllowed."""
        key = request.POST.get("authority", "")
        authority = Authority.objects.filter(pk=key).first() if is_key(key) else None
        if authority is None:
            raise NotAllowed(_("Not sent: choose an authority."))
        try:
            until = parse_datetime(request.POST.get("answer_by", ""))
        except ValueError:
            until = None
        if until is None:
            raise NotAllowed(_("Not sent: write the deadline as a date and a time."))
        if timezone.is_naive(until):
            until = until.replace(tzinfo=group.campaign.zone)
        voids.send(group, authority, answer_by=until, by=by, at=at)
        return _("Sent. The authority is told, and reminded a day before the deadline.")

    def page(
        self, request: HttpRequest, group: QuestionGroup, *, typed: dict[str, Any] | None = None, status: int = 200
    ) -> HttpResponse:
        """Return the page of a group; a constant number of queries."""
        now = timezone.now()
        counted = asking.counted(QuestionGroup.objects.filter(pk=group.pk)).select_related(
            "campaign", "authority", "topic", "asked_by", "answer__standing"
        )
        group = counted.get()
        codes = answering.codes_of(group.campaign)
        may = self.has_change_permission(request)
        questions = list(
            group.questions.select_related("relayed_by", "grouped_by", "topic").order_by("-times", "pk")[:SHOWN]
        )
        typed = typed or {}
        deadline = (
            group.campaign.local(group.answer_by) if group.answer_by else voids.default_deadline(group.campaign, at=now)
        )
        context = {
            **self.admin_site.each_context(request),
            "title": str(group),
            "opts": self.opts,
            "original": group,
            "group": group,
            "answer": getattr(group, "answer", None),
            "may": may,
            "may_agree": request.user.has_perm("bulletins.approve_answer"),
            "waits": group.state in {State.OPEN, State.ASKED},
            "is_late": voids.is_late(group, at=now),
            "questions": questions,
            "labels": [(code, language_heading(code), typed.get("label", group.label).get(code, "")) for code in codes],
            "whys": [(code, language_heading(code), typed.get("why", {}).get(code, "")) for code in codes],
            "typed": typed,
            "authorities": list(Authority.objects.order_by("slug")) if may else [],
            "topics": list(of_campaign(Topic.objects.all(), request)) if may else [],
            "deadline": typed.get("answer_by") or deadline.strftime("%Y-%m-%dT%H:%M"),
            "own_words": voids.words_waiting(group) if group.state == State.DECLINED else None,
        }
        return TemplateResponse(request, "desk/question_group.html", context, status=status)


def int_of(text: Any) -> int:
    """Return a key that was sent. Raise Http404 for what is none."""
    if not is_key(str(text or "")):
        raise Http404
    return int(text)


# --- Questions in the askers' own words --------------------------------------------------------------


class QuestionForm(forms.ModelForm):
    """A question that staff enter on somebody's behalf."""

    relayed_by = forms.CharField(
        label=gettext_lazy("Relayed by"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("The influencer's address or whole name."),
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        model = Question
        fields = ["text", "language", "channel", "times", "bulletin", "topic", "relayed_by", "may_credit", "credit"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "language" in self.fields and (campaign := getattr(self, "campaign", None)):
            codes = answering.codes_of(campaign)
            self.fields["language"] = forms.ChoiceField(
                label=self.fields["language"].label, choices=[(code, own_name(code)) for code in codes]
            )

    def clean_text(self) -> str:
        """Refuse what is too long."""
        text = self.cleaned_data["text"].strip()
        if not 1 <= len(text) <= asking.LONGEST:
            raise forms.ValidationError(
                _("The question has more than %(most)d characters. Make it shorter.") % {"most": asking.LONGEST}
            )
        return text

    def clean_times(self) -> int:
        """Refuse a number that nobody can mean."""
        times = self.cleaned_data["times"]
        if not 1 <= times <= asking.MOST_TIMES:
            raise forms.ValidationError(
                _("Write a whole number from 1 to %(most)s.") % {"most": number_format(asking.MOST_TIMES)}
            )
        return times

    def clean_relayed_by(self) -> Recipient | None:
        """Return the one person who is meant, if anybody is."""
        typed = self.cleaned_data["relayed_by"].strip()
        if not typed:
            return None
        people = reaching.within(Recipient.objects.all(), {Scope.INFLUENCERS}, None)
        some = list(people.filter(Q(email__iexact=typed) | Q(name__iexact=typed))[:2])
        if not some:
            raise forms.ValidationError(_("Nobody has this address or name. Write the address as it is known here."))
        if len(some) > 1:
            raise forms.ValidationError(_("More than one person has this name. Write the address."))
        return some[0]

    def clean(self) -> dict[str, Any]:
        """Ask for the name when somebody may be named, and for who it is; the rules are everybody's."""
        data = super().clean() or self.cleaned_data
        credit = (data.get("credit") or "").strip()
        if data.get("may_credit") and not credit:
            self.add_error("credit", _("Write the name that may be shown, or take the tick away."))
        if (data.get("may_credit") or credit) and "relayed_by" in data and data["relayed_by"] is None:
            self.add_error("relayed_by", _("Say who relayed it, or name nobody: empty the name and the tick."))
        if not self.errors:
            try:
                asking.check(data["text"], times=data["times"], may_credit=data["may_credit"], credit=credit)
            except NotAllowed as refusal:
                self.add_error(None, str(refusal))
        return data


class PlaceFilter(admin.SimpleListFilter):
    """Shows the questions that wait, are grouped or set aside."""

    title = gettext_lazy("where")
    parameter_name = "where"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the places."""
        return [("waiting", _("to be grouped")), ("grouped", _("in a group")), ("aside", _("set aside"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Question]) -> QuerySet[Question]:
        """Return the questions of the chosen place."""
        places = {
            "waiting": clustering.WAITS,
            "grouped": Q(group__isnull=False),
            "aside": Q(set_aside_at__isnull=False),
        }
        chosen = self.value() or ""
        return queryset.filter(places[chosen]) if chosen in places else queryset


@admin.register(Question)
class QuestionAdmin(Rows):
    """Questions in the askers' own words. Who relayed one is never shown in public."""

    form = QuestionForm
    list_display = ["__str__", "language", "times", "group", "topic", "bulletin", "asked_at"]
    list_select_related = ["group", "topic", "bulletin"]
    list_filter = [PlaceFilter, "language", "topic"]
    search_fields = ["text"]
    autocomplete_fields = ["topic"]
    raw_id_fields = ["bulletin"]
    list_before_template = "desk/question_tabs.html"

    class Media:
        css = {"all": ["desk/questions.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which questions are grouped, and its steps."""
        view = self.admin_site.admin_view
        step = view(require_POST(self.step_view))
        return [
            path("waiting/", view(self.waiting_view), name="bulletins_question_waiting"),
            path("<int:pk>/step/<str:verb>/", step, name="bulletins_question_step"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Staff enter questions on somebody's behalf."""
        return bool(request.user.has_perm("bulletins.add_question"))

    def get_readonly_fields(self, request: HttpRequest, obj: Question | None = None) -> Any:
        """What was asked stays as it was asked."""
        return self.get_fields(request) if obj else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what a question says, and where it is."""
        fields = list(QuestionForm._meta.fields or [])
        return [*fields, "via", "asked_at", "group", "set_aside_why"] if obj else fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, with the campaign's languages."""
        form = super().get_form(request, obj, change=change, **kwargs)
        form.campaign = getattr(request, "campaign", None)
        return form

    def save_model(self, request: HttpRequest, obj: Question, form: Any, change: bool) -> None:
        """Take a question in by the same rule as everybody's; what was asked is never changed."""
        if change:
            return
        taken = asking.ask(
            request.campaign,  # type: ignore[attr-defined]
            obj.text,
            language=obj.language,
            via=Question.Via.STAFF,
            relayed_by=obj.relayed_by,
            at=timezone.now(),
            bulletin=obj.bulletin,
            topic=obj.topic,
            channel=obj.channel,
            times=obj.times,
            may_credit=obj.may_credit,
            credit=obj.credit,
            entered_by=request.user,  # type: ignore[arg-type]
        )
        obj.__dict__.update(taken.__dict__)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list with the way to what waits."""
        waiting = of_campaign(Question.objects.filter(clustering.WAITS), request).count()
        context = {"waiting_count": waiting, "may_enter": self.has_add_permission(request)}
        return super().changelist_view(request, context | (extra_context or {}))

    def waiting_view(
        self, request: HttpRequest, *, typed: dict[str, Any] | None = None, status: int = 200
    ) -> HttpResponse:
        """Show the questions that wait, each with what may mean the same; a constant number of queries."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = of_campaign(Question.objects.filter(clustering.WAITS), request).select_related(
            "topic", "bulletin", "campaign"
        )
        page = Paginator(rows.order_by("asked_at", "pk"), WAITING_PER_PAGE).get_page(request.GET.get("page"))
        questions = list(page.object_list)
        found = clustering.suggestions(questions)
        codes = answering.codes_of(request.campaign) if getattr(request, "campaign", None) else []  # type: ignore[attr-defined]
        groups = of_campaign(QuestionGroup.objects.all(), request).order_by("-pk")[:SHOWN]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Questions to group"),
            "opts": self.opts,
            "page": page,
            "rows": [(one, found.get(one.pk, [])) for one in questions],
            "tongues": [(code, language_heading(code)) for code in codes],
            "groups": list(groups),
            "may": self.has_change_permission(request),
            "typed": typed or {},
        }
        return TemplateResponse(request, "desk/questions_waiting.html", context, status=status)

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Take a step with a question and go back to what waits, or show why not, with what was typed."""
        question = self.row_to_change(request, pk, "campaign", "topic")
        who: dict[str, Any] = {"by": request.user, "at": timezone.now()}
        try:
            says = self.take(request, question, verb, **who)
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), "error")
            sent = {"pk": pk, "verb": verb, "label": typed_in(request, "label"), "why": request.POST.get("why", "")}
            return self.waiting_view(request, typed=sent, status=422)
        self.message_user(request, says, "success")
        return HttpResponseRedirect(reverse("admin:bulletins_question_waiting"))

    def take(self, request: HttpRequest, question: Question, verb: str, **who: Any) -> str:
        """Take one step and return what came of it. Raise NotAllowed or Http404."""
        if verb == "put":
            clustering.put_into(question, self.group(request), **who)
            return _("Put into the group.")
        if verb == "apart":
            clustering.tell_apart(question, self.group(request), **who)
            return _("Noted as different. It is not suggested again.")
        if verb == "new":
            chosen = [question]
            if key := request.POST.get("with", ""):
                chosen.append(get_object_or_404(of_campaign(Question.objects.all(), request), pk=int_of(key)))
            clustering.start(chosen, typed_in(request, "label"), **who)
            return _("Group started. Send it to the authority that knows.")
        if verb == "aside":
            clustering.set_aside(question, why=request.POST.get("why", ""), **who)
            return _("Set aside with your reason.")
        if verb == "back":
            clustering.bring_back(question, **who)
            return _("It waits to be grouped again.")
        if verb == "out":
            clustering.take_out(question, **who)
            return _("Taken out. The question waits to be grouped again.")
        raise Http404

    def group(self, request: HttpRequest) -> QuestionGroup:
        """Return the group that was chosen. Raise NotAllowed or Http404."""
        key = request.POST.get("group", "")
        if not key:
            raise NotAllowed(_("Not grouped: choose a group."))
        return get_object_or_404(of_campaign(QuestionGroup.objects.all(), request), pk=int_of(key))


# --- Answers -----------------------------------------------------------------------------------------


class DeskAnswer(AnswerWriting):
    """An answer in every language of the campaign, side by side."""

    PARTS = ("text", "source_name", "source_url", "what_changed", "subtitles", "subtitles_file")

    def __init__(self, *args: Any, group: QuestionGroup, answer: Answer, **kwargs: Any) -> None:
        super().__init__(*args, group=group, answer=answer, language=group.campaign.default_language, **kwargs)
        del self.fields["source_name"], self.fields["source_url"]
        asks_what_changed = answer.standing_id is not None
        for code in self.codes:
            self.fields[f"text__{code}"].label = _("Answer")
            self.fields[f"text__{code}"].widget.attrs["rows"] = 8
            self.fields[f"subtitles__{code}"].label = _("Subtitles")
            self.fields[f"subtitles_file__{code}"].label = _("Or a file, WebVTT or SRT")
            self.fields[f"source_name__{code}"] = forms.CharField(label=_("Source"), max_length=200, required=False)
            self.fields[f"source_url__{code}"] = forms.URLField(
                label=_("Source's address"), max_length=500, required=False, assume_scheme="https"
            )
            self.initial[f"source_name__{code}"] = answer.source_name.get(code, "")
            self.initial[f"source_url__{code}"] = answer.source_url.get(code, "")
            if asks_what_changed:
                self.fields[f"what_changed__{code}"] = forms.CharField(
                    label=_("What changed"),
                    max_length=LONGEST,
                    required=False,
                    widget=forms.Textarea(attrs={"rows": 2, "lang": code}),
                )
                self.initial[f"what_changed__{code}"] = answer.what_changed.get(code, "")
        dress(self)
        for field in self.fields.values():
            if field.widget.attrs.get("class") == "input":
                field.widget.attrs["class"] = "box"

    @property
    def tongues(self) -> list[tuple[str, str, list[Any]]]:
        """The boxes of each language: its code, its name, the boxes."""
        return [
            (
                code,
                language_heading(code),
                [self[f"{part}__{code}"] for part in self.PARTS if f"{part}__{code}" in self.fields],
            )
            for code in self.codes
        ]

    @property
    def shared(self) -> list[Any]:
        """The boxes of what is the same in every language."""
        names = ("valid_until", "video", "video_url", "video_language", "no_video")
        return [self[name] for name in names]

    def content(self) -> dict[str, Any]:
        """Return what `answering.save` takes."""
        data = self.cleaned_data
        found: dict[str, Any] = {name: data[name] for name in ("valid_until", "video_url", "video_language")}
        for part in ("text", "source_name", "source_url", "what_changed"):
            texts = {
                code: data[f"{part}__{code}"].replace("\r\n", "\n") for code in self.codes if f"{part}__{code}" in data
            }
            if texts:
                found[part] = texts
        return found | {"subtitles": {code: data[f"read__{code}"] for code in self.codes}}


@admin.register(Answer)
class AnswerAdmin(Rows):
    """Authorities' answers, in text and often on video. Whoever wrote on a version does not approve it."""

    list_display = ["__str__", "authority", "shown_state", "valid_until"]
    list_select_related = ["group", "authority"]
    list_filter = ["state", "authority"]
    search_fields = ["group__label", "text"]
    campaign_by = "group__campaign"

    class Media:
        css = {"all": ["desk/questions.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Add the steps."""
        step = self.admin_site.admin_view(require_POST(self.step_view))
        return [path("<int:pk>/step/<str:verb>/", step, name="bulletins_answer_step"), *super().get_urls()]

    @display(description=gettext_lazy("stage"), ordering="state", label=ANSWER_COLOURS)
    def shown_state(self, answer: Answer) -> tuple[str, str]:
        """Return the stage as a label."""
        return answer.state, answer.get_state_display()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the page of an answer, or save what was written on it."""
        related = "group__campaign", "authority", "standing"
        if request.method != "POST":
            return self.page(request, self.row(request, object_id, *related))
        answer = self.row_to_change(request, object_id, *related)
        form = DeskAnswer(request.POST, request.FILES, group=answer.group, answer=answer)
        status = 422
        if form.is_valid():
            try:
                self.save(request, answer, form)
            except answering.Changed as refusal:
                stored = self.row(request, object_id, *related)
                form.compare(DeskAnswer(group=stored.group, answer=stored))
                form.add_error(None, str(refusal))
                status = 409
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, _("Saved."), "success")
                return self.back_to(answer)
        return self.page(request, self.row(request, object_id, *related), form=form, status=status)

    @transaction.atomic
    def save(self, request: HttpRequest, answer: Answer, form: DeskAnswer) -> None:
        """Save what was written, with the video. Raise NotAllowed."""
        who: dict[str, Any] = {"by": request.user, "at": timezone.now()}
        content, data = form.content(), form.cleaned_data
        if data["video"] or answer.video:
            content.pop("video_url")
        answer = answering.save(answer, read=data["read"], **content, **who)
        if data["no_video"]:
            videos.remove(answer, **who)
        elif data["video"]:
            videos.put(answer, data["video"], **who)

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Take a step and go back to the answer, or show why not, with what was typed."""
        related = "group__campaign", "authority", "standing"
        answer = self.row(request, pk, *related)
        needs = {
            "submit": "change",
            "correct": "change",
            "send-back": "approve",
            "approve": "approve",
            "withdraw": "approve",
            "propose-words": "approve",
            "agree-words": "approve",
        }
        if verb not in needs:
            raise Http404
        if not request.user.has_perm(f"bulletins.{needs[verb]}_answer"):
            raise PermissionDenied
        if verb in FRESH and (again := confirming.ask_again(request)):
            return again
        who: dict[str, Any] = {"by": request.user, "at": timezone.now()}
        try:
            if verb == "submit":
                answering.submit(answer, **who)
                says = _("Submitted. Somebody who did not write on it approves it.")
            elif verb == "approve":
                answering.approve(answer, digest=request.POST.get("digest", ""), **who)
                says = _("Approved and published. Those who asked are told first.")
            elif verb == "send-back":
                answering.send_back(answer, words=request.POST.get("words", ""), **who)
                says = _("Sent back with your words.")
            elif verb == "correct":
                answering.correct(answer, **who)
                says = _("Correction begun. Readers keep the version that stands until the new one is approved.")
            elif verb == "propose-words":
                answering.propose_words(answer, typed_in(request, "why"), **who)
                says = _(KEPT)
            elif verb == "agree-words":
                answering.agree_words(answer, digest=request.POST.get("digest", ""), **who)
                says = _("Agreed. Readers see the words now, and those who asked are told.")
            else:
                answering.withdraw(answer, **who)
                says = _("Withdrawn. Its page says so, and those who asked are told.")
        except (NotAllowed, own_words.NotAgreed) as refusal:
            self.message_user(request, str(refusal), "error")
            sent = {"verb": verb, "why": typed_in(request, "why"), "words": request.POST.get("words", "")}
            return self.page(request, self.row(request, pk, *related), typed=sent, status=422)
        self.message_user(request, says, "success")
        return self.back_to(answer)

    def page(
        self,
        request: HttpRequest,
        answer: Answer,
        *,
        form: DeskAnswer | None = None,
        typed: dict[str, Any] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Return the page of an answer; a constant number of queries."""
        now, typed = timezone.now(), typed or {}
        in_making = answer.state in {Answer.State.DRAFT, Answer.State.IN_REVIEW}
        may_write = self.has_change_permission(request) and in_making
        codes = answering.codes_of(answer.group.campaign)
        wrote = request.user.pk in answering.writer_ids(answer)
        may_approve = request.user.has_perm("bulletins.approve_answer")
        is_stale = answering.is_stale(answer)
        context = {
            **self.admin_site.each_context(request),
            "title": str(answer),
            "opts": self.opts,
            "original": answer,
            "answer": answer,
            "group": answer.group,
            "version": answering.version_of(answer),
            "form": form or DeskAnswer(group=answer.group, answer=answer),
            "may_write": may_write,
            "is_stale": is_stale,
            "may_submit": may_write and (answer.state == Answer.State.DRAFT or is_stale),
            "may_approve": may_approve and answer.state == Answer.State.IN_REVIEW and not wrote and not is_stale,
            "may_send_back": may_approve and answer.state == Answer.State.IN_REVIEW and not wrote,
            "credits": answer.credits() if in_making else [],
            "wrote": wrote and answer.state == Answer.State.IN_REVIEW,
            "may_correct": self.has_change_permission(request) and not in_making,
            "may_withdraw": may_approve and answer.standing is not None and answer.standing.kind != "withdrawal",
            "may_say_why": may_approve and answer.state == Answer.State.WITHDRAWN,
            "reading": [
                (
                    code,
                    language_heading(code),
                    answer.text.get(code, ""),
                    answer.source_name.get(code, ""),
                    answer.what_changed.get(code, ""),
                    answer.subtitles.get(code, ""),
                )
                for code in codes
            ],
            "findings": checking_answers.findings(answer, at=now) if in_making else [],
            "steps": list(answer.steps.select_related("by").order_by("-at", "-pk")[:SHOWN]),
            "versions": list(answer.versions.select_related("approved_by").order_by("-number")),
            "questions": list(answer.group.questions.order_by("-times", "pk")[:20]),
            "approvers": answering.can_approve(answer)[:5] if answer.state == Answer.State.IN_REVIEW else [],
            "typed": typed,
            "whys": [(code, language_heading(code), typed.get("why", {}).get(code, "")) for code in codes],
            "own_words": answering.words_waiting(answer) if answer.state == Answer.State.WITHDRAWN else None,
        }
        return TemplateResponse(request, "desk/answer.html", context, status=status)
