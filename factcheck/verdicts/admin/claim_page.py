"""A claim's page: read it, write what was found, and see where it stands."""

import hashlib
import json
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import campaign_roles
from accounts.models import User
from campaigns.base_admin import DeskAdmin, of_campaign
from factcheck.evidence import page_copies
from factcheck.matching import similar_claims
from factcheck.models import Claim, ClaimStep, Evidence, Sighting
from factcheck.spread.admin.charts import in_days, spread
from factcheck.verdicts import verdict_checks, verdict_workflow
from lib.text.languages.languages import language_heading
from lib.text.numbers.whole_numbers import whole_number

from .forms import ClaimForm, EvidenceForm, SightingForm

SHOWN = 100  # sightings that the page lists, the newest
PART_ORDER = ("fact", "warning", "text", "fallacy", "fact_again", "how_checked", "why_few_sources", "what_changed")
LONG = {"fallacy": 4, "how_checked": 4}


class ClaimPage(DeskAdmin):
    """The page of one claim. `typed` is what was sent with a step or a row that was refused: nothing is lost."""

    def claim_for(self, request: HttpRequest, pk: int | str) -> Claim:
        """Return a claim of this campaign for someone who may see it. Raise PermissionDenied or Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        claims = of_campaign(Claim.objects.all(), request).select_related(
            "campaign", "narrative", "current_version", "proposed_by", "confirmed_by", "paused_by", "duplicate_of"
        )
        return get_object_or_404(claims.prefetch_related("campaign__languages"), pk=whole_number(pk))

    def claim_to_check(self, request: HttpRequest, pk: int | str) -> Claim:
        """Return a claim for someone who may take steps with it."""
        if not request.user.has_perm("factcheck.change_claim"):
            raise PermissionDenied
        return self.claim_for(request, pk)

    def back_to(self, claim: Claim, anchor: str = "") -> HttpResponseRedirect:
        """Go to a claim's page, to a part of it."""
        return HttpResponseRedirect(reverse("admin:factcheck_claim_change", args=[claim.pk]) + anchor)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Lead to the form on which a claim is reported."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:factcheck_claim_report"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the page, or save the words that were written on it."""
        if request.method == "POST":
            return self.save(request, self.claim_to_check(request, object_id))
        return self.page(request, self.claim_for(request, object_id))

    def save(self, request: HttpRequest, claim: Claim) -> HttpResponse:
        """Save the words. What a verdict was proposed over and is no longer there takes the proposal back."""
        now = timezone.now()
        with transaction.atomic():
            held = Claim.objects.select_for_update().get(pk=claim.pk)
            held.campaign = claim.campaign
            stored = token_of(held)
            form = ClaimForm(request.POST, instance=held)
            if held.is_settled():
                return self.refused(request, form)
            is_clash = request.POST.get("read", stored) != stored
            is_good = form.is_valid() and not is_clash
            if is_good:
                form.save(commit=False)
                held.save(update_fields=[name for name in form.fields if name != "topics"])
                form.save_m2m()
                similar_claims.index(held)
                if form.changed_data:
                    verdict_workflow.note_writer(held, by=request.user)
                voided = verdict_workflow.void_if_changed(held, by=request.user, at=now)
        if not is_good:
            fresh = self.claim_for(request, claim.pk)
            return self.page(request, fresh, form=form, is_clash=is_clash, status=409 if is_clash else 422)
        if form.changed_data:
            self.log_change(request, held, [{"changed": {"fields": form.changed_data}}])
        self.message_user(request, _("Saved."), "success")
        if voided:
            self.show_voided(request)
        return self.back_to(claim)

    def show_voided(self, request: HttpRequest) -> None:
        """Tell that a proposal or a confirmation no longer counts."""
        says = _("The content has changed, so the proposed verdict no longer counts. Propose it again.")
        self.message_user(request, says, "warning")

    def refused(self, request: HttpRequest, form: ClaimForm) -> HttpResponse:
        """Show why words were not saved, and every word that was typed."""
        typed = [
            (f"{form.fields[name].label}, {code}", text)
            for name in form.fields
            if name in Claim.TEXTS
            for code, text in (form[name].data or {}).items()
        ]
        why = _("Someone has settled this claim in the meantime, so its text was not changed.")
        context = {**self.admin_site.each_context(request), "title": _("Not saved"), "why": why, "typed": typed}
        return TemplateResponse(request, "config/desk/not_saved.html", context, status=409)

    def page(
        self,
        request: HttpRequest,
        claim: Claim,
        *,
        form: ClaimForm | None = None,
        is_clash: bool = False,
        typed: dict[str, Any] | None = None,
        source: EvidenceForm | None = None,
        seen: SightingForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Return the whole page; a constant number of queries, however much there is."""
        now = timezone.now()
        may_check = request.user.has_perm("factcheck.change_claim")
        writes = may_check and not claim.is_settled()
        codes = [language.code for language in claim.campaign.languages.all()]
        form = form or ClaimForm(instance=claim)
        context = {
            **self.admin_site.each_context(request),
            "title": str(claim),
            "opts": self.opts,
            "original": claim,
            "claim": claim,
            "may_check": may_check,
            "may_see": {"sightings": request.user.has_perm("factcheck.add_sighting")},
            "writes": writes,
            "adds_language": claim.adds_language and verdict_checks.adds_language(claim),
            "has_change_permission": writes,
            "form": form,
            "is_clash": is_clash,
            "read": token_of(claim),
            "typed": typed or {},
            "language_boxes": language_boxes(form, claim, codes),
            "reading": reading(claim, codes),
            "codes": codes,
            "findings": anchored(verdict_checks.lint(claim, at=now)) if writes else [],
            "verdicts": verdicts(),
            **sources(claim, source),
            **sightings_context(claim, seen, codes, today=claim.campaign.local(now).date()),
            "suggestions": similar_claims.suggestions(claim, limit=5) if writes else [],
            "duplicates": list(claim.duplicates.all()),
            "history": list(ClaimStep.objects.filter(claim=claim).select_related("by", "version")),
            "versions": list(claim.versions.select_related("proposed_by", "confirmed_by")),
            "may": self.may(request, claim) if may_check else {},
            "custom_text": verdict_workflow.waiting_custom_text(claim) if claim.paused_at else None,
            "whys": [(code, language_heading(code), (typed or {}).get("told", {}).get(code, "")) for code in codes],
            "checkers": self.checkers(request, claim) if claim.status == Claim.Status.PROPOSED else [],
        }
        return TemplateResponse(request, "factcheck/admin/page.html", context, status=status)

    def may(self, request: HttpRequest, claim: Claim) -> dict[str, bool]:
        """Return which steps are the user's to take now; whether they succeed, the domain says."""
        status, kind = claim.status, Claim.Status
        stands = claim.current_version_id is not None and status != kind.WITHDRAWN
        return {
            "take_up": status in {kind.OPEN, kind.SET_ASIDE},
            "propose": status in {kind.OPEN, kind.IN_REVIEW, kind.PROPOSED},
            "confirm": status == kind.PROPOSED and request.user.pk not in verdict_workflow.VERDICT.writers_of(claim),
            "send_back": status in {kind.PROPOSED, kind.CONFIRMED},
            "publish": status == kind.CONFIRMED,
            "pause": stands and not claim.paused_at,
            "resume": status == kind.PAUSED,
            "reopen": status in {kind.PUBLISHED, kind.PAUSED} or (claim.adds_language and status == kind.IN_REVIEW),
            "add_language": status == kind.PUBLISHED and bool(verdict_checks.coming_later(claim)),
            "withdraw": stands and claim.paused_at is not None and claim.paused_by_id != request.user.pk,
            "propose_words": stands and claim.paused_at is not None,
            "set_aside": status in Claim.EDITABLE and not claim.current_version_id,
            "split": status == kind.MERGED,
        }

    def checkers(self, request: HttpRequest, claim: Claim) -> list[User]:
        """Return some of the others who can confirm a verdict; one query."""
        checks = Q(
            groups__permissions__codename="change_claim", groups__permissions__content_type__app_label="factcheck"
        )
        checks |= Q(pk__in=campaign_roles.holders("factcheck.change_claim", claim.campaign_id))
        found = User.objects.filter(checks | Q(is_superuser=True), is_active=True).exclude(pk=request.user.pk)
        return list(found.distinct().order_by("email")[:4])


def token_of(claim: Claim) -> str:
    """Return what tells whether the words of a claim are still those that someone read."""
    words = [getattr(claim, name) for name in (*Claim.TEXTS, "keywords", "slug", "valid_until", "check_again_by")]
    words.append(claim.narrative_id)
    return hashlib.sha256(json.dumps(words, sort_keys=True, default=str).encode()).hexdigest()[:20]


def sources(claim: Claim, sent: EvidenceForm | None) -> dict[str, Any]:
    """Return the sources of a claim, each with its form, and the form for another; one query."""
    evidence = list(claim.evidence.select_related("copy", "copy__by").defer("copy__text"))
    return {
        "evidence": [
            (one, page_copies.fault_sentence(one.archive_fault) if one.archive_fault else "", source_form(one, sent))
            for one in evidence
        ],
        "new_source": sent if sent and not sent.instance.pk else EvidenceForm(),
        "independent": verdict_checks.independent(evidence),
    }


def sightings_context(claim: Claim, sent: SightingForm | None, codes: list[str], *, today: date) -> dict[str, Any]:
    """Return where and when a claim was seen, and the form for another sighting."""
    sightings = list(Sighting.objects.of(claim).select_related("reporter")[: SHOWN + 1])
    return {
        "spread": spread(Sighting.objects.of(claim), today=today),
        "sightings": in_days(sightings[:SHOWN]),
        "more_seen": len(sightings) > SHOWN,
        "new_seen": sent or SightingForm(initial={"seen_on": today}, languages=codes),
    }


def source_form(one: Evidence, sent: EvidenceForm | None) -> EvidenceForm:
    """Return the form of a source: the one that was sent and refused, or a fresh one."""
    return sent if sent and sent.instance.pk == one.pk else EvidenceForm(instance=one)


def language_boxes(form: ClaimForm, claim: Claim, codes: list[str]) -> list[dict[str, Any]]:
    """Return for each language the boxes of its texts, in the order in which they are read."""
    every = [*codes, *(code for code, _name in settings.LANGUAGES if code not in codes)]
    parts = [name for name in PART_ORDER if name in form.fields]
    return [
        {
            "code": code,
            "name": language_heading(code),
            # A fault that names no language stands at the first one.
            "parts": [box_of(form, claim, name, code, takes_faults=code == every[0]) for name in parts],
        }
        for code in every
    ]


def box_of(form: ClaimForm, claim: Claim, name: str, code: str, *, takes_faults: bool) -> dict[str, Any]:
    """Return the box of a text in one language; `takes_faults` says that those which name no language are its own."""
    stored = getattr(claim, name).get(code, "")
    text = ((form[name].data if form.is_bound else form[name].initial) or {}).get(code, "")
    faults = form.errors.as_data().get(name, []) if form.is_bound else []
    own = {code, None} if takes_faults else {code}
    return {
        "id": f"id_{name}__{code}",
        "name": f"{name}__{code}",
        "label": form.fields[name].label,
        "text": text,
        "stored": stored if form.is_bound and stored != text else "",
        "rows": LONG.get(name, 2),
        "errors": [says for fault in faults if (fault.params or {}).get("code") in own for says in fault.messages],
    }


def reading(claim: Claim, codes: list[str]) -> list[dict[str, Any]]:
    """Return for each language the texts that there are, in the order in which they are read."""
    return [
        {
            "code": code,
            "name": language_heading(code),
            "parts": [
                (name, Claim._meta.get_field(name).verbose_name, text)  # type: ignore[union-attr]
                for name in PART_ORDER
                if (text := getattr(claim, name).get(code, ""))
            ],
        }
        for code in codes
    ]


def verdicts() -> list[tuple[str, str, str]]:
    """Return the four verdicts, each with its meaning."""
    means = {
        Claim.Verdict.TRUE: _("sources support it"),
        Claim.Verdict.FALSE: _("sources refute it"),
        Claim.Verdict.FIFTY_FIFTY: _("partly true, partly not"),
        Claim.Verdict.UNPROVEN: _("evidence is missing"),
    }
    return [(one.value, str(one.label).capitalize(), means[one]) for one in Claim.Verdict]


def anchored(findings: list[verdict_checks.Finding]) -> list[tuple[verdict_checks.Finding, str]]:
    """Return findings with the id of the field that each is about."""
    return [(one, anchor(one.place)) for one in findings]


def anchor(place: str) -> str:
    """Return the id of what a finding's place names on the page."""
    name, _colon, which = place.partition(":")
    if name == "evidence":
        return f"source-{which}" if which else "sources"
    return f"id_{name}__{which}" if which else f"id_{name}"
