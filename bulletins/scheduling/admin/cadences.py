"""When audiences get mail: said in sentences, with the next slots before anything is saved."""

from copy import copy
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.models import User
from bulletins.editing.edition_labels import title_of
from bulletins.models import Cadence, NotAllowed
from bulletins.scheduling import cadences
from campaigns.base_admin import DeskAdmin
from delivery.models import Audience
from lib.text.numbers.whole_numbers import whole_number

Every = Cadence.Every
SHOWN = 10


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    """Return a field for a date, with the browser's own calendar."""
    widget = forms.DateInput(attrs={"type": "date", "class": "box"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **kwargs)


def time_field(label: Any) -> forms.TimeField:
    """Return a field for a time of day."""
    widget = forms.TimeInput(attrs={"type": "time", "class": "box"}, format="%H:%M")
    return forms.TimeField(label=label, required=False, widget=widget)


class CadenceForm(forms.ModelForm):
    """A cadence as a sentence: how often, on which day, at what time, from when."""

    local_time = time_field(gettext_lazy("at"))
    starts_on = day_field(gettext_lazy("from"))
    until = day_field(gettext_lazy("last day (optional)"), required=False)
    not_before = time_field(gettext_lazy("earliest"))
    not_after = time_field(gettext_lazy("latest"))

    class Meta:
        model = Cadence
        fields = [
            "audience",
            "every",
            "weekday",
            "day_of_month",
            "local_time",
            "not_before",
            "not_after",
            "only_urgency",
            "grace_minutes",
            "starts_on",
            "until",
        ]

    def __init__(self, *args: Any, audiences: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].queryset = audiences  # type: ignore[attr-defined]
        if self.instance.pk:
            del self.fields["audience"]
        urgency = self.fields["only_urgency"]
        urgency.choices = [  # type: ignore[attr-defined]
            ("", _("all bulletins")),
            *((value, label) for value, label in urgency.choices if value),  # type: ignore[attr-defined]
        ]
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "box")

    def clean(self) -> dict[str, Any]:
        """Keep only what the chosen rhythm needs."""
        data = super().clean() or self.cleaned_data
        every = data.get("every")
        if every == Every.IMMEDIATE:
            data["local_time"] = None
        else:
            data["not_before"] = data["not_after"] = None
        if every != Every.WEEK:
            data["weekday"] = None
        if every != Every.MONTH:
            data["day_of_month"] = None
        return data

    def validate_constraints(self) -> None:
        """The domain says what does not fit, in words."""


def describe_cadence(cadence: Cadence) -> str:
    """Return a cadence as a sentence."""
    at = time_format(cadence.local_time) if cadence.local_time else "–"
    if cadence.every == Every.DAY:
        return _("Every day at %(time)s.") % {"time": at}
    if cadence.every == Every.WEEK:
        return _("Once a week, on this day: %(day)s, at %(time)s.") % {"day": cadence.get_weekday_display(), "time": at}
    if cadence.every == Every.MONTH:
        if (cadence.day_of_month or 0) >= 31:
            return _("On the last day of every month at %(time)s.") % {"time": at}
        return _("On day %(day)s of every month at %(time)s.") % {"day": cadence.day_of_month, "time": at}
    if cadence.not_before or cadence.not_after:
        hours = {
            "first": time_format(cadence.not_before) if cadence.not_before else "0",
            "last": time_format(cadence.not_after) if cadence.not_after else "24",
        }
        return _("Immediately between %(first)s and %(last)s; otherwise when these hours begin.") % hours
    return _("Immediately, at any hour.")


def describe_grace(cadence: Cadence) -> str:
    """Return how late is too late, as a sentence."""
    minutes = cadence.grace_minutes or 0
    hours, rest = divmod(minutes, 60)
    if hours and not rest:
        return ngettext(
            "Anything more than %(n)d hour late is held for review.",
            "Anything more than %(n)d hours late is held for review.",
            hours,
        ) % {"n": hours}
    return ngettext(
        "Anything more than %(n)d minute late is held for review.",
        "Anything more than %(n)d minutes late is held for review.",
        minutes,
    ) % {"n": minutes}


@admin.register(Cadence)
class CadenceAdmin(DeskAdmin):
    """When audiences get mail."""

    list_display = ["audience", "sentence", "starts_on", "until", "only_urgency"]
    list_select_related = ["audience"]
    list_filter = ["every", "audience"]
    search_fields = ["slug"]
    actions = None

    @display(description=gettext_lazy("how often"))
    def sentence(self, cadence: Cadence) -> str:
        """Return the cadence as a sentence."""
        return describe_cadence(cadence)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A cadence ends; it is never deleted."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add what shows the next slots, and the end of a cadence."""
        wrap = self.admin_site.admin_view
        return [
            path("ahead/", wrap(require_POST(self.ahead_view)), name="bulletins_cadence_ahead"),
            path("<int:pk>/ahead/", wrap(require_POST(self.ahead_view)), name="bulletins_cadence_ahead_of"),
            path("<int:pk>/end/", wrap(require_POST(self.end_view)), name="bulletins_cadence_end"),
            *super().get_urls(),
        ]

    # Pages

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Start a cadence."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self.page(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Let another rhythm take over from a day on."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not self.has_change_permission(request) and request.method == "POST":
            raise PermissionDenied
        return self.page(request, get_object_or_404(self.cadences(), pk=whole_number(object_id)))

    def cadences(self) -> Any:
        """Return the cadences with what their pages need."""
        return Cadence.objects.select_related("audience__campaign")

    def form_for(self, request: HttpRequest, old: Cadence | None, data: Any) -> CadenceForm:
        """Return the form: of a new cadence, or of one that takes over, from tomorrow unless said otherwise."""
        campaign = getattr(request, "campaign", None) if old is None else old.audience.campaign
        tomorrow = timezone.localdate(timezone=campaign.zone if campaign else None) + timedelta(days=1)
        audiences = Audience.objects.of_people().filter(campaign=campaign).select_related("campaign")
        initial: dict[str, Any] = {"starts_on": max(tomorrow, old.starts_on) if old else tomorrow}
        if old is None:
            initial |= {"audience": request.GET.get("audience"), "every": Every.DAY}
        instance = copy(old) if old else Cadence()
        return CadenceForm(data, instance=instance, audiences=audiences, initial=initial)

    def page(self, request: HttpRequest, old: Cadence | None) -> HttpResponse:
        """Show the form with the slots that it gives, or save it by one domain call."""
        form, refusal, status = self.form_for(request, old, request.POST or None), "", 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                new = self.read(form, old)
                assert isinstance(request.user, User)
                try:
                    if old is None:
                        cadences.begin(new, by=request.user, at=timezone.now())
                    else:
                        cadences.change(old, new, by=request.user, at=timezone.now())
                except NotAllowed as why:
                    refusal = str(why)
                else:
                    self.message_user(
                        request, _("Saved. %(sentence)s") % {"sentence": describe_cadence(new)}, messages.SUCCESS
                    )
                    return HttpResponseRedirect(reverse("admin:bulletins_cadence_changelist"))
        shown = self.read(form, old) if form.is_bound and form.is_valid() else old
        context = {
            **self.admin_site.each_context(request),
            "title": _("Change a cadence") if old else _("Start a cadence"),
            "opts": self.opts,
            "form": form,
            "old": old,
            "sentence": describe_cadence(old) if old else "",
            "refusal": refusal,
            "may_change": self.has_change_permission(request) if old else True,
            **(self.ahead(shown, None if shown is old else old) if shown else {}),
        }
        return TemplateResponse(request, "bulletins/scheduling/cadence.html", context, status=status)

    def read(self, form: CadenceForm, old: Cadence | None) -> Cadence:
        """Return a new, unsaved cadence of what the form says."""
        new = Cadence(**{name: value for name, value in form.cleaned_data.items() if value not in (None, "")})
        if old is not None:
            new.audience = old.audience
        return new

    def ahead_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Return the slots that the form as it stands would give; nothing is saved."""
        right = self.has_add_permission(request) if pk is None else self.has_change_permission(request)
        if not right:
            raise PermissionDenied
        old = get_object_or_404(self.cadences(), pk=pk) if pk else None
        form = self.form_for(request, old, request.POST)
        context: dict[str, Any] = {"incomplete": True}
        if form.is_valid():
            new, now = self.read(form, old), timezone.now()
            try:
                cadences.refuse_unfit(new, at=now)
                others = Cadence.objects.filter(audience=new.audience).exclude(pk=old.pk if old else None)
                cadences.refuse_overlap(new, others)
            except NotAllowed as why:
                context = {"refusal": str(why)}
            else:
                context = self.ahead(new, old)
        return TemplateResponse(request, "bulletins/scheduling/_cadence_ahead.html", context)

    def ahead(self, new: Cadence, old: Cadence | None) -> dict[str, Any]:
        """Return the next slots of what is to come, what keeps its slot, and what the clocks do meanwhile."""
        campaign, now = new.audience.campaign, timezone.now()
        rows = [new]
        keep = []
        if old is not None:
            ending = copy(old)
            ending.until = new.starts_on - timedelta(days=1)
            rows = [ending, new] if ending.until >= ending.starts_on else [new]
            keep = [
                (target, title_of(target.bulletin))
                for target in cadences.keeping_their_slot(new.audience, from_day=new.starts_on)
            ]
        slots = cadences.next_slots(rows, after=now, urgency=new.only_urgency, count=SHOWN)
        last = campaign.local(slots[-1][0]).date() if slots else campaign.local(now).date()
        return {
            "says": describe_cadence(new),
            "grace": describe_grace(new),
            "slots": [(slot, cadence is new and old is not None, cadence.explain(slot)) for slot, cadence in slots],
            "immediate": new.every == Every.IMMEDIATE,
            "clock_changes": cadences.clock_changes(campaign.zone, campaign.local(now).date(), last),
            "keep": keep,
            "audience": new.audience,
            "zone": campaign.time_zone,
            "starts": date_format(new.starts_on, "DATE_FORMAT"),
            "stagger": new.audience.stagger_minutes,
        }

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End a cadence with a day."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        cadence = get_object_or_404(self.cadences(), pk=pk)
        try:
            on = date.fromisoformat(request.POST.get("on", ""))
            cadences.end(cadence, on=on, by=request.user, at=timezone.now())
        except ValueError:
            self.message_user(request, _("Not ended: enter the last day."), messages.ERROR)
        except NotAllowed as why:
            self.message_user(request, str(why), messages.ERROR)
        else:
            says = _("It ends on %(day)s. Bulletins that already have a slot keep it.")
            self.message_user(request, says % {"day": date_format(on, "DATE_FORMAT")}, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:bulletins_cadence_changelist"))
        return HttpResponseRedirect(reverse("admin:bulletins_cadence_change", args=[pk]))
