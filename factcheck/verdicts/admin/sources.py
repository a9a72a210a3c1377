"""What a verdict rests on, and where a claim was seen: rows that are added and changed on a claim's page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from factcheck.evidence import page_copies
from factcheck.intake import claim_reports
from factcheck.models import Claim, Evidence, NotConfirmable
from factcheck.verdicts import verdict_workflow

from .claim_page import ClaimPage
from .forms import EvidenceForm, SightingForm


class ClaimRows(ClaimPage):
    """Sources with their archived copies, and sightings."""

    def get_urls(self) -> list[URLPattern]:
        """Add what the rows post to."""

        def at(where: str, view: Any, name: str) -> URLPattern:
            return path(f"<int:pk>/{where}", self.admin_site.admin_view(require_POST(view)), name=f"factcheck_{name}")

        return [
            at("sources/", self.source_view, "claim_source_add"),
            at("sources/<int:source>/", self.source_view, "claim_source"),
            at("sources/<int:source>/remove/", self.remove_view, "claim_source_remove"),
            at("sources/<int:source>/fetch/", self.fetch_view, "claim_source_fetch"),
            at("sources/<int:source>/paste/", self.paste_view, "claim_source_paste"),
            at("sightings/", self.sighting_view, "claim_sighting_add"),
            *super().get_urls(),
        ]

    def open_claim(self, request: HttpRequest, pk: int) -> Claim | None:
        """Return a claim whose sources may change, or None, having said so."""
        claim = self.claim_to_check(request, pk)
        if not claim.is_settled():
            return claim
        self.message_user(request, _("Nothing changed: its verdict is settled. Reopen the claim first."), "error")
        return None

    def void_outdated_proposal(self, request: HttpRequest, claim: Claim) -> None:
        """Note who wrote on a claim's sources, take a proposal back that no longer covers what stands there, and say so."""
        with transaction.atomic():
            verdict_workflow.note_writer(claim, by=request.user)
        if verdict_workflow.void_if_changed(claim, by=request.user, at=timezone.now()):
            self.show_voided(request)

    def source_view(self, request: HttpRequest, pk: int, source: int | None = None) -> HttpResponse:
        """Add a source or change one, and ask for a copy of its page when the address is new."""
        claim = self.open_claim(request, pk)
        if claim is None:
            return self.page(request, self.claim_for(request, pk), status=409)
        row = get_object_or_404(claim.evidence, pk=source) if source else Evidence(claim=claim)
        form = EvidenceForm(request.POST, instance=row)
        if not form.is_valid():
            return self.page(request, claim, source=form, status=422)
        is_moved = "url" in form.changed_data
        row = form.save()
        if is_moved:
            page_copies.request_copy(row, at=timezone.now(), other_page=True)
        self.log_change(
            request,
            claim,
            [{"changed" if source else "added": {"name": "evidence", "object": str(row), "fields": form.changed_data}}],
        )
        self.message_user(
            request,
            _("Source saved. A copy of its page is being fetched.") if is_moved else _("Source saved."),
            "success",
        )
        if form.changed_data:
            self.void_outdated_proposal(request, claim)
        return self.back_to(claim, "#sources")

    def remove_view(self, request: HttpRequest, pk: int, source: int) -> HttpResponse:
        """Take a source away."""
        claim = self.open_claim(request, pk)
        if claim is None:
            return self.page(request, self.claim_for(request, pk), status=409)
        row = get_object_or_404(claim.evidence, pk=source)
        self.log_change(request, claim, [{"deleted": {"name": "evidence", "object": str(row)}}])
        row.delete()
        self.message_user(request, _("Source removed."), "success")
        self.void_outdated_proposal(request, claim)
        return self.back_to(claim, "#sources")

    def fetch_view(self, request: HttpRequest, pk: int, source: int) -> HttpResponse:
        """Ask for a copy of a source's page."""
        claim = self.open_claim(request, pk)
        if claim is None:
            return self.page(request, self.claim_for(request, pk), status=409)
        row = get_object_or_404(claim.evidence, pk=source)
        page_copies.request_copy(row, at=timezone.now())
        self.log_change(request, claim, "copy_wanted")
        self.message_user(request, _("A copy is being fetched. Load the page again in a moment."), "success")
        return self.back_to(claim, f"#source-{source}")

    def paste_view(self, request: HttpRequest, pk: int, source: int) -> HttpResponse:
        """Keep a copy that someone made by hand."""
        claim = self.open_claim(request, pk)
        if claim is None:
            return self.page(request, self.claim_for(request, pk), status=409)
        row = get_object_or_404(claim.evidence, pk=source)
        row.claim, before = claim, claim.status
        text = request.POST.get("text", "")
        try:
            page_copies.paste(row, text=text, by=request.user, at=timezone.now())
        except NotConfirmable as refusal:
            self.message_user(request, str(refusal), "error")
            return self.page(request, claim, typed={"verb": "paste", "source": row.pk, "text": text}, status=422)
        self.message_user(request, _("Copy kept."), "success")
        if claim.status != before:
            self.show_voided(request)
        return self.back_to(claim, f"#source-{source}")

    def sighting_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note where someone saw the claim, whatever its status: sightings are no part of a verdict."""
        if not request.user.has_perm("factcheck.add_sighting"):
            raise PermissionDenied
        claim = self.claim_for(request, pk)
        form = SightingForm(request.POST, languages=[language.code for language in claim.campaign.languages.all()])
        if form.is_valid():
            try:
                claim_reports.add_sighting(claim, **form.cleaned_data, by=request.user, at=timezone.now())
            except claim_reports.NotReportable as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        if not form.is_valid():
            return self.page(request, claim, seen=form, status=422)
        self.message_user(request, _("Sighting noted."), "success")
        return self.back_to(claim, "#seen")
