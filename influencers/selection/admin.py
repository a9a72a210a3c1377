"""The desk's pages on which a hundred people are chosen: targets, selections, and what one selection covers and misses."""

import re
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import floatformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from unfold.decorators import display

from campaigns.base_admin import DeskAdmin
from campaigns.models import Campaign, Region
from campaigns.translated_fields import in_language
from delivery.models import Audience
from influencers.access.portal_request import PortalRequest
from influencers.models import Choice, CoverageTarget, Influencer, Interest, Selection, ValuesQuestion
from lib.text.languages.languages import language_name
from lib.text.numbers.whole_numbers import whole_number

from . import admin_page, new_selection, tier_moves
from . import comparison as selection_comparison
from .coverage_cells import ROUNDING, CannotChoose
from .exclusion_rules import Rules
from .labels import Labels, age

COLOURS = {"draft": "default", "applied": "success", "replaced": "default"}
BOX = {"class": "box"}
LARGEST = 1000  # people that may be chosen at once
AGES = re.compile(r"([0-9]{1,3})_([0-9]{1,3}|plus)")
PINNED, LEFT_OUT = Choice.Decision.PINNED.value, Choice.Decision.LEFT_OUT.value


class PeopleField(forms.CharField):
    """People with a reason each: a line begins with someone's reference, and the rest of it says why."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={**BOX, "rows": 3}), required=False, **kwargs)
        self.campaign: Campaign | None = None

    def clean(self, value: Any) -> Any:
        """Return {influencer's key: reason}."""
        lines = [line.split(None, 1) for line in super().clean(value).splitlines() if line.strip()]
        found = Influencer.objects.filter(campaign=self.campaign, reference__in=[words[0] for words in lines])
        known = dict(found.values_list("reference", "pk"))
        for words in lines:
            if words[0] not in known:
                raise forms.ValidationError(
                    _("There is nobody with the reference %(reference)s in this campaign.") % {"reference": words[0]}
                )
            if len(words) < 2:
                raise forms.ValidationError(
                    _("Give the reason after the reference %(reference)s, on the same line.") % {"reference": words[0]}
                )
        return {known[reference]: reason.strip()[:300] for reference, reason in lines}


class SelectionForm(forms.Form):
    """What staff say about a selection: its name and size, the tier that it is for, the rules, and who is in or out."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, widget=forms.TextInput(attrs=BOX))
    audience = forms.ModelChoiceField(
        Audience.objects.none(), label=gettext_lazy("For the tier"), widget=forms.Select(attrs=BOX)
    )
    size = forms.IntegerField(
        label=gettext_lazy("How many people"),
        min_value=1,
        max_value=LARGEST,
        initial=100,
        widget=forms.NumberInput(attrs=BOX),
    )
    followers = forms.IntegerField(
        label=gettext_lazy("Minimum number of followers"),
        help_text=gettext_lazy("Leave it empty: someone with a thousand followers counts as well."),
        min_value=0,
        max_value=1_000_000_000,
        required=False,
        widget=forms.NumberInput(attrs=BOX),
    )
    leave_harassed = forms.BooleanField(
        label=gettext_lazy("Leave out people with an open harassment report"),
        help_text=gettext_lazy("Otherwise they can be chosen, and are marked so that you talk with them first."),
        required=False,
    )
    pinned = PeopleField(
        label=gettext_lazy("Pinned: chosen whatever they add"),
        help_text=gettext_lazy(
            "One person per line: the reference, then the reason. For example: infl-0012 knows our "
            "schools. The person can read the reason in their own data."
        ),
    )
    left_out = PeopleField(
        label=gettext_lazy("Left out by hand"),
        help_text=gettext_lazy("In the same way: the reference, then the reason."),
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].queryset = Audience.objects.filter(  # type: ignore[attr-defined]
            campaign=campaign, kind=Audience.Kind.INFLUENCERS, tier__isnull=False
        )
        for name in ("pinned", "left_out"):
            self.fields[name].campaign = campaign  # type: ignore[attr-defined]
        choices = [("", gettext_lazy("not required"))]
        choices += [(str(least), gettext_lazy("%(least)d or more") % {"least": least}) for least in (2, 3, 4)]
        choices += [("5", gettext_lazy("5 only"))]
        self.keys = {}
        for number, question in enumerate(ValuesQuestion.objects.filter(campaign=campaign)):
            self.keys[f"value_{number}"] = question.key
            self.fields[f"value_{number}"] = forms.ChoiceField(
                label=in_language(question.text) or question.key,
                choices=choices,
                required=False,
                widget=forms.Select(attrs=BOX),
            )
        for field in self.fields.values():
            if field.help_text:
                field.widget.attrs.setdefault("data-help", "")

    @property
    def values(self) -> list[Any]:
        """Return the boxes of the values questions."""
        return [self[name] for name in self.keys]

    def rules(self) -> Rules:
        """Return the rules that were chosen."""
        data = self.cleaned_data
        return Rules(
            values={key: int(data[name]) for name, key in self.keys.items() if data[name]},
            leave_harassed=data["leave_harassed"],
            followers=data["followers"] or 0,
        )

    @classmethod
    def again(cls, selection: Selection, name: str) -> Any:
        """Return the form filled in as a selection was made, under a new name."""
        form = cls(campaign=selection.campaign)
        rules = Rules.of(selection.rules)
        lines = lines_of(selection)
        form.initial = {
            "name": name,
            "audience": selection.audience_id,
            "size": selection.size,
            "followers": rules.followers or None,
            "leave_harassed": rules.leave_harassed,
            "pinned": lines[PINNED],
            "left_out": lines[LEFT_OUT],
            **{name: rules.values.get(key, "") for name, key in form.keys.items()},
        }
        return form


def lines_of(selection: Selection) -> dict[str, str]:
    """Return who is pinned and left out in a selection, as the form has it; one query."""
    lines: dict[str, list[str]] = {PINNED: [], LEFT_OUT: []}
    for row in selection.choices.filter(decision__in=lines).select_related("influencer"):
        lines[row.decision].append(f"{row.influencer.reference} {row.note}")
    return {decision: "\n".join(rows) for decision, rows in lines.items()}


def next_name(selection: Selection) -> str:
    """Return a name for what is made from a selection: the same with a number that nobody has had."""
    stem, _space, number = selection.name.rpartition(" ")
    stem, first = (stem, int(number)) if stem and number.isdigit() and len(number) < 5 else (selection.name, 1)
    taken = set(Selection.objects.filter(campaign=selection.campaign_id).values_list("name", flat=True))
    return next(name for turn in range(first + 1, first + 10_000) if (name := f"{stem[:110]} {turn}") not in taken)


class TargetForm(forms.ModelForm):
    """A coverage target of `campaign`, whose value is one that people can have."""

    campaign: Campaign

    class Meta:
        model = CoverageTarget
        fields = ["dimension", "key", "share"]
        help_texts = {
            "key": gettext_lazy(
                "An age group (13–17 or 45+), a language code (sv), a region code (MK01) or a topic's "
                "short name (sport)."
            )
        }

    def clean(self) -> dict[str, Any]:
        """Keep the value as people have it, and refuse one that nobody can have or that is there already."""
        values = super().clean() or {}
        dimension, typed = values.get("dimension"), values.get("key")
        if not dimension or not typed:
            return values
        key = age_key(typed) if dimension == CoverageTarget.Dimension.AGE else self.known_key(dimension, typed)
        taken = CoverageTarget.objects.filter(campaign=self.campaign, dimension=dimension, key=key)
        if taken.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError({"key": _("This value already has a share. Change it in the list instead.")})
        self.instance.campaign = self.campaign
        return {**values, "key": key}

    def known_key(self, dimension: str, typed: str) -> str:
        """Return a language, region or topic of the campaign however it was typed. Raise ValidationError for any other."""
        keys: Collection[str] = {
            CoverageTarget.Dimension.LANGUAGE: self.campaign.languages.values_list("code", flat=True),
            CoverageTarget.Dimension.REGION: Region.objects.values_list("code", flat=True),
            CoverageTarget.Dimension.TOPIC: Interest.objects.filter(campaign=self.campaign).values_list(
                "slug", flat=True
            ),
        }[CoverageTarget.Dimension(dimension)]
        known = {key.lower(): key for key in keys}
        if typed.lower() not in known:
            says = _("There is no %(dimension)s “%(key)s”. There are: %(known)s.")
            name = CoverageTarget.Dimension(dimension).label
            listed = ", ".join(sorted(known.values())) or "–"
            raise forms.ValidationError({"key": says % {"dimension": name, "key": typed, "known": listed}})
        return known[typed.lower()]


def age_key(typed: str) -> str:
    """Return the key of an age group however it was typed: 13–17 is "13_17", 45+ is "45_plus". Raise ValidationError."""
    key = re.sub("[-–]", "_", "".join(typed.lower().split())).replace("+", "_plus")
    found = AGES.fullmatch(key)
    if not found or (found[2] != "plus" and int(found[1]) > int(found[2])):
        raise forms.ValidationError({"key": _("This is not an age group. Enter it as 13–17 or 45+.")})
    return key


@admin.register(CoverageTarget)
class CoverageTargetAdmin(DeskAdmin):
    """Whom a campaign wants to reach. The shares of a dimension add up to 100; the list says when they do not."""

    list_display = ["shown_value", "dimension", "share"]
    list_editable = ["share"]
    list_filter = ["dimension"]
    list_per_page = 200
    form = TargetForm
    campaign_by = "campaign"

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the targets with the names of regions and topics."""
        topics = Interest.objects.filter(campaign=OuterRef("campaign"), slug=OuterRef("key"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                region_name=Subquery(Region.objects.filter(code=OuterRef("key")).values("name")[:1]),
                topic_name=Subquery(topics.values("name")[:1]),
            )
        )

    @display(description=gettext_lazy("value"), ordering="key")
    def shown_value(self, target: CoverageTarget) -> str:
        """Return what a value is called, with its code."""
        kind, known = target.Dimension(target.dimension), vars(target)
        if kind == target.Dimension.AGE:
            return age(target.key)
        if kind == target.Dimension.LANGUAGE:
            name = language_name(target.key)
        else:
            name = in_language(known["region_name" if kind == target.Dimension.REGION else "topic_name"] or {})
        return f"{name} ({target.key})" if name else target.key

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, and say which shares do not add up."""
        if request.method == "GET":
            names = dict(CoverageTarget.Dimension.choices)
            sums = self.get_queryset(request).order_by().values_list("dimension").annotate(Sum("share"))
            for name, total in sums:
                if abs(total - 100) > Decimal(str(ROUNDING)):
                    says = _("The shares for “%(dimension)s” add up to %(total)s per cent, not 100.")
                    self.message_user(
                        request, says % {"dimension": names[name], "total": floatformat(total, -2)}, messages.WARNING
                    )
        return super().changelist_view(request, extra_context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A target needs a campaign."""
        return super().has_add_permission(request) and getattr(request, "campaign", None) is not None

    def get_form(self, request: PortalRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form for the campaign that the site shows."""
        form = super().get_form(request, obj, change, **kwargs)
        form.campaign = request.campaign
        return form


@admin.register(Selection)
class SelectionAdmin(DeskAdmin):
    """Saved choices of people for a tier. They are made by code from what staff say, and never changed by hand."""

    list_display = ["name", "shown_state", "audience", "size", "shown_covered", "shown_twice", "made_by", "made_at"]
    list_select_related = ["audience", "made_by"]
    list_filter = ["state"]
    search_fields = ["name"]
    campaign_by = "campaign"

    class Media:
        css = {"all": ["influencers/admin/selection.css"]}

    # The list

    @display(description=gettext_lazy("state"), ordering="state", label=COLOURS)
    def shown_state(self, selection: Selection) -> tuple[str, str]:
        """Return the state as a label."""
        return selection.state, selection.get_state_display()

    @display(description=gettext_lazy("covered"))
    def shown_covered(self, selection: Selection) -> str:
        """Return how much is covered."""
        return admin_page.per_cent(selection.result.get("covered", 0.0))

    @display(description=gettext_lazy("twice"))
    def shown_twice(self, selection: Selection) -> str:
        """Return how much is covered twice."""
        return admin_page.per_cent(selection.result.get("twice", 0.0))

    # Who may

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A selection needs a campaign."""
        return super().has_add_permission(request) and getattr(request, "campaign", None) is not None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only drafts are thrown away: what was in force stays on record."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and obj is not None and obj.state == Selection.State.DRAFT

    # Pages

    def get_urls(self) -> list[URLPattern]:
        """Add what is done with one selection."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/again/", view(require_POST(self.again_view)), name="influencers_selection_again"),
            path("<int:pk>/apply/", view(require_POST(self.apply_view)), name="influencers_selection_apply"),
            path("<int:pk>/compare/", view(self.compare_view), name="influencers_selection_compare"),
            *super().get_urls(),
        ]

    def selection_for(self, request: HttpRequest, pk: int | str) -> Selection:
        """Return a selection of this campaign for someone who may see it. Raise PermissionDenied or Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("campaign", "audience", "made_by", "applied_by")
        return get_object_or_404(rows, pk=whole_number(pk))

    def selection_to_use(self, request: HttpRequest, pk: int) -> Selection:
        """Return a selection for someone who may make another one from it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self.selection_for(request, pk)

    def page_of(self, selection: Selection) -> HttpResponseRedirect:
        """Go to a selection's page."""
        return HttpResponseRedirect(reverse("admin:influencers_selection_change", args=[selection.pk]))

    def add_view(self, request: PortalRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Ask what to choose, and choose; with `from`, filled in as another selection was made."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        campaign = request.campaign
        key = request.POST.get("from") or request.GET.get("from") or ""
        before = self.selection_for(request, key) if key else None
        refusal = ""
        if request.method == "POST":
            form = SelectionForm(request.POST, campaign=campaign)
            if form.is_valid():
                data = form.cleaned_data
                try:
                    made = new_selection.choose(
                        campaign,
                        name=data["name"],
                        audience=data["audience"],
                        size=data["size"],
                        rules=form.rules(),
                        pinned=data["pinned"],
                        left_out=data["left_out"],
                        before=before,
                        by=request.user,
                        at=timezone.now(),
                    )
                except CannotChoose as fault:
                    refusal = str(fault)
                else:
                    return self.page_of(made)
        else:
            form = SelectionForm.again(before, next_name(before)) if before else SelectionForm(campaign=campaign)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Choose people"),
            "opts": self.opts,
            "form": form,
            "before": before,
            "refusal": refusal,
        }
        status = 422 if request.method == "POST" else 200
        return TemplateResponse(request, "influencers/selection/selection_form.html", context, status=status)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a selection. It is not changed here: another one is made from it."""
        return self.page(request, self.selection_for(request, object_id))

    def page(
        self, request: HttpRequest, selection: Selection, *, refusal: str = "", typed: Any = None, status: int = 200
    ) -> HttpResponse:
        """Return the page of a selection; a constant number of queries, however many people are in it."""
        user = request.user
        context = {
            **self.admin_site.each_context(request),
            "title": selection.name,
            "opts": self.opts,
            "selection": selection,
            **admin_page.page_context(
                selection, sees_harassment=user.has_perm("influencers.view_harassment"), at=timezone.now()
            ),
            "refusal": refusal,
            "typed": typed or {},
            "may_choose": self.has_add_permission(request),
            "may_apply": user.has_perm("influencers.apply_selection") and selection.state == Selection.State.DRAFT,
            "may_delete": self.has_delete_permission(request, selection),
            "may_see_people": user.has_perm("influencers.view_influencer"),
        }
        return TemplateResponse(request, "influencers/selection/selection.html", context, status=status)

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Pin someone, leave someone out, or take that back, and choose again: a new draft."""
        selection = self.selection_to_use(request, pk)
        deed, note = request.POST.get("deed", ""), request.POST.get("note", "").strip()[:300]
        reference = request.POST.get("reference", "").strip()
        person = Influencer.objects.filter(campaign=selection.campaign, reference=reference).first()
        refusal = ""
        if deed not in {"pin", "leave_out", "free"}:
            refusal = _("Nothing changed: say what to do with this person.")
        elif person is None:
            refusal = _("There is nobody with the reference %(reference)s in this campaign.") % {
                "reference": reference or "–"
            }
        elif deed != "free" and not note:
            refusal = _("Nothing changed: give a reason, for people who read this later.")
        if person is not None and not refusal:
            held: dict[str, dict[int, str]] = {PINNED: {}, LEFT_OUT: {}}
            for row in selection.choices.filter(decision__in=held):
                held[row.decision][row.influencer_id] = row.note
            for rows in held.values():
                rows.pop(person.pk, None)
            if deed != "free":
                held[PINNED if deed == "pin" else LEFT_OUT][person.pk] = note
            try:
                made = new_selection.choose(
                    selection.campaign,
                    name=next_name(selection),
                    audience=selection.audience,
                    size=selection.size,
                    rules=Rules.of(selection.rules),
                    pinned=held[PINNED],
                    left_out=held[LEFT_OUT],
                    before=selection,
                    by=request.user,
                    at=timezone.now(),
                )
            except CannotChoose as fault:
                refusal = str(fault)
            else:
                self.message_user(request, _("Chosen again. This is a new draft; the previous one is kept."), "success")
                return self.page_of(made)
        typed = {"deed": deed, "note": note, "reference": reference}
        return self.page(request, selection, refusal=refusal, typed=typed, status=422)

    def apply_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put a selection in force."""
        if not request.user.has_perm("influencers.apply_selection"):
            raise PermissionDenied
        selection = self.selection_for(request, pk)
        try:
            change = tier_moves.apply(selection, by=request.user, at=timezone.now())
        except tier_moves.NotApplied as fault:
            return self.page(request, self.selection_for(request, pk), refusal=str(fault), status=422)
        says = ngettext(
            "In force. %(comes)d person joined the tier; left: %(goes)d.",
            "In force. %(comes)d people joined the tier; left: %(goes)d.",
            len(change.comes),
        )
        self.message_user(request, says % {"comes": len(change.comes), "goes": len(change.goes)}, "success")
        return self.page_of(selection)

    def compare_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what changes from another selection to this one."""
        new = self.selection_for(request, pk)
        old = self.selection_for(request, request.GET.get("with", ""))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Compare"),
            "opts": self.opts,
            "selection": new,
            "comparison": (comparison := selection_comparison.compare(old, new)),
            "tables": admin_page.compared(comparison, Labels(new.campaign)),
            "points": admin_page.points,
            "figures": [
                (_("covered"), *admin_page.change(old.result, new.result, "covered")),
                (_("covered twice"), *admin_page.change(old.result, new.result, "twice")),
            ],
            "may_see_people": request.user.has_perm("influencers.view_influencer"),
        }
        return TemplateResponse(request, "influencers/selection/selection_compare.html", context)
