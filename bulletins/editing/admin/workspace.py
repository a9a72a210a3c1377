"""
The page on which a bulletin is written: its languages side by side, saved while somebody types, by several people at
once. The other panes of the page are each a part of their own and load themselves.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bulletins.editing import diff, drafts, insertions
from bulletins.editing import editions as editing_editions
from bulletins.editing.three_way_merge import Clash, token
from bulletins.editing.translation_status import title_of
from bulletins.models import Bulletin, Edition, EditionRevision, NotAllowed, SetAside, Snippet
from campaigns.base_admin import DeskAdmin
from campaigns.models import ReadingLevel
from campaigns.translated_fields import in_language
from lib.text.languages import language_name

MAIN_PANES = ["rows", "terms", "variants", "assets", "cards"]
SIDE_PANES = ["findings", "schedule", "proofs", "approval"]
ROWS = {"body": 18}
HISTORY = 30  # revisions that the history shows, the newest


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an edition on the page. `token` is of what is stored, `value` of what the page shows."""

    name: str
    label: str
    value: str
    token: str
    limit: int | None
    rows: int
    anchor: str
    fault: str = ""
    clash: Clash | None = None


class Composing(DeskAdmin):
    """The compose page, and what its text pane asks for while somebody writes."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page's own parts."""

        def at(where: str, view: Any, name: str) -> URLPattern:
            return path(f"<int:pk>/{where}", self.admin_site.admin_view(view), name=f"bulletins_bulletin_{name}")

        return [
            at("words/<int:edition>/", require_POST(self.words_view), "words"),
            at("history/<int:edition>/", require_safe(self.revisions_view), "history"),
            at("restore/<int:edition>/<int:revision>/", require_POST(self.restore_view), "restore"),
            at("follow/<int:edition>/", require_POST(self.follow_view), "follow"),
            at("settle/<int:aside>/", require_POST(self.settle_view), "settle"),
            at("language/", require_POST(self.language_view), "language"),
            at("parity/", require_safe(self.parity_view), "parity"),
            *super().get_urls(),
        ]

    # Who may

    def to_read(self, request: HttpRequest, pk: int | str) -> Bulletin:
        """Return a bulletin with its campaign's languages. Raise PermissionDenied or Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not str(pk).isdecimal():
            raise Http404
        bulletins = Bulletin.objects.select_related("campaign").prefetch_related("campaign__languages")
        return get_object_or_404(bulletins, pk=pk)

    def to_write(self, request: HttpRequest, pk: int) -> Bulletin:
        """Return a bulletin for somebody who may write; whether it is still being made, the domain says."""
        if not request.user.has_perm("bulletins.change_bulletin"):
            raise PermissionDenied
        return self.to_read(request, pk)

    def edition_to_write(self, request: HttpRequest, pk: int, edition: int) -> Edition:
        """Return an edition of a bulletin for somebody who may write."""
        bulletin = self.to_write(request, pk)
        found = get_object_or_404(bulletin.editions, pk=edition)
        found.bulletin = bulletin
        return found

    # The page

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the page. Its parts save themselves; nothing is posted here."""
        bulletin = self.to_read(request, object_id)
        return self.page(request, bulletin)

    def page(
        self,
        request: HttpRequest,
        bulletin: Bulletin,
        *,
        typed: dict[int, dict[str, str]] | None = None,
        faults: dict[int, dict[str, str]] | None = None,
        clashes: dict[int, list[Clash]] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Return the whole page; `typed`, `faults` and `clashes` (by edition) are of a save that was refused."""
        may_write = request.user.has_perm("bulletins.change_bulletin") and bulletin.state in Bulletin.EDITABLE
        asked = bulletin.state == Bulletin.State.DRAFT or "edit" in request.GET or typed is not None
        editions = list(bulletin.editions.all())
        original = next((one for one in editions if self.is_original(one, bulletin)), None)
        last = self.last_changes(bulletin)
        blocks = insertions.offered(bulletin, at=timezone.now()) if may_write else None
        tongues = [
            {
                "edition": one,
                "name": self.tongue(one),
                "original": one is original,
                "behind": one.behind(original) if original else 0,
                "last": last.get(one.pk),
                "fields": self.fields_of(
                    one,
                    (typed or {}).get(one.pk, {}),
                    (faults or {}).get(one.pk, {}),
                    {clash.field: clash for clash in (clashes or {}).get(one.pk, [])},
                ),
                "snippets": [
                    (row.name, in_language(row.text, one.language)) for row in self.snippets(bulletin, may_write)
                ],
                "answers": blocks(one.language) if blocks else [],
            }
            for one in editions
        ]
        has = {(one.language, one.reading_level) for one in editions}
        codes = [language.code for language in bulletin.campaign.languages.all()]
        context = {
            **self.admin_site.each_context(request),
            **self.bar(request, bulletin),  # type: ignore[attr-defined]
            "title": title_of(bulletin) or _("Bulletin %(number)s") % {"number": bulletin.number},
            "opts": self.opts,
            "original": bulletin,
            "may_write": may_write,
            "writes": may_write and asked,
            "has_change_permission": may_write,
            "tongues": tongues,
            "addable": [
                (f"{code} {level}", f"{language_name(code)}, {label}")
                for level, label in ReadingLevel.choices
                for code in codes
                if (code, level) not in has
            ],
            "main_panes": self.panes(bulletin, MAIN_PANES),
            "side_panes": self.panes(bulletin, SIDE_PANES),
            "about": self.panes(bulletin, ["about"]),
            "sheets": self.sheets(["compose", *MAIN_PANES, *SIDE_PANES]),
            "asides": list(editing_editions.open_asides(bulletin)) if may_write else [],
            "source": bulletin.inputs.select_related("authority").first(),
            "says": self.says(),
        }
        return TemplateResponse(request, "bulletins/editing/workspace.html", context, status=status)

    def snippets(self, bulletin: Bulletin, may_write: bool) -> list[Snippet]:
        """Return the campaign's ready phrases; one query for all languages."""
        if not hasattr(bulletin, "_snippets"):
            bulletin._snippets = list(Snippet.objects.filter(campaign=bulletin.campaign_id)) if may_write else []  # type: ignore[attr-defined]
        return bulletin._snippets  # type: ignore[attr-defined]

    def panes(self, bulletin: Bulletin, names: list[str]) -> list[tuple[str, str]]:
        """Return (name, address) of the parts that there are."""
        found = []
        for name in names:
            try:
                found.append((name, reverse(f"admin:bulletins_bulletin_{name}", args=[bulletin.pk])))
            except NoReverseMatch:
                continue
        return found

    def sheets(self, names: list[str]) -> list[tuple[str, str]]:
        """Return (kind, path) of the styles and scripts that these parts have."""
        files = [(kind, f"desk/{name}.{kind}") for name in names for kind in ("css", "js")]
        return [(kind, file) for kind, file in files if finders.find(file)]

    def is_original(self, edition: Edition, bulletin: Bulletin) -> bool:
        """Tell whether the others are translated from this one."""
        return edition.language == bulletin.original_language and edition.reading_level == ReadingLevel.STANDARD

    def tongue(self, edition: Edition) -> str:
        """Return the name of an edition's language, with its reading level when it is not the standard one."""
        name = language_name(edition.language)
        return name if edition.reading_level == "standard" else f"{name}, {edition.get_reading_level_display()}"

    def last_changes(self, bulletin: Bulletin) -> dict[int, EditionRevision]:
        """Return {edition key: its newest revision, without the text}; one query."""
        rows = EditionRevision.objects.filter(edition__bulletin=bulletin, revision=F("edition__revision"))
        return {row.edition_id: row for row in rows.select_related("edited_by").defer("body")}

    def fields_of(
        self, edition: Edition, typed: dict[str, str], faults: dict[str, str], clashes: dict[str, Clash]
    ) -> list[Field]:
        """Return the fields of an edition as the page shows them."""
        stored = editing_editions.words_of(edition)
        level = "" if edition.reading_level == "standard" else f"-{edition.reading_level}"
        return [
            Field(
                name,
                diff.label_of(name),
                typed.get(name, stored[name]),
                token(stored[name]),
                editing_editions.LIMITS[name] if name in drafts.LINES else None,
                ROWS.get(name, 0),
                f"at-edition-{edition.language}{level}-{name}",
                faults.get(name, ""),
                clashes.get(name),
            )
            for name in drafts.FIELDS
        ]

    def says(self) -> dict[str, str]:
        """Return what the page's script says."""
        return {
            "saving": _("Saving …"),
            "saved": _("Saved %(time)s"),
            "unsaved": _("Not saved yet"),
            "offline": _(
                "Not saved: the desk is not responding. Your text is kept here, and saving will be tried again."
            ),
            "gone": _("Not saved: log in again in another tab. Your text is kept here."),
            "clash": _("Someone else changed this field. Both versions are shown below it: choose one."),
            "renewed": _("Updated with other people's changes: %(field)s."),
            "voided": _("The content has changed, so its review has been cancelled. Submit it for approval again."),
            "link": _("Link address"),
            "linked": _("words"),
        }

    # Words

    def words_view(self, request: HttpRequest, pk: int, edition: int) -> HttpResponse:
        """Save what somebody wrote in one language: for the page's script as JSON, without script as a page."""
        row = self.edition_to_write(request, pk, edition)
        sent = {name: request.POST[name] for name in drafts.FIELDS if name in request.POST}
        read = {name: request.POST[f"read_{name}"] for name in sent if request.POST.get(f"read_{name}")}
        as_json = self.as_json(request)
        before, now = row.bulletin.state, timezone.now()
        if request.POST.get("state") == Bulletin.State.DRAFT and before in {"in_review", "approved"}:
            says = _(
                "Not saved: someone has submitted it in the meantime. Your text is kept here. To take "
                "it out of review, reload the page and choose “Edit”."
            )
            return JsonResponse({"says": says}, status=423)
        is_current = bool(request.POST.get("is_current"))
        try:
            merged = editing_editions.save_words(row, sent, read, by=request.user, at=now, is_current=is_current)
        except editing_editions.TooLong as refusal:
            if as_json:
                return JsonResponse({"fields": refusal.fields}, status=422)
            return self.page(request, row.bulletin, typed={row.pk: sent}, faults={row.pk: refusal.fields}, status=422)
        except NotAllowed as refusal:
            if as_json:
                return JsonResponse({"says": str(refusal)}, status=423)
            return self.refused(request, str(refusal), sent)
        voided = bool(merged.changed) and before != Bulletin.State.DRAFT
        status = 409 if merged.clashes else 200
        if as_json:
            answer = {
                "time": date_format(timezone.localtime(now), "H:i:s"),
                "fields": self.stored(row),
                "clashes": [self.clash(row, clash, request) for clash in merged.clashes],
                "voided": voided,
            }
            return JsonResponse(answer, status=status, headers={"HX-Trigger": "saved"})
        if voided:
            self.message_user(request, self.says()["voided"], "warning")
        if merged.clashes:
            fresh = self.to_read(request, pk)
            mine = {clash.field: clash.mine for clash in merged.clashes}
            return self.page(request, fresh, typed={row.pk: mine}, clashes={row.pk: merged.clashes}, status=409)
        self.message_user(request, _("Saved."), "success")
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[pk]))

    def as_json(self, request: HttpRequest) -> bool:
        """Tell whether the page's script asks."""
        return request.headers.get("Accept", "").startswith("application/json")

    def stored(self, edition: Edition) -> dict[str, dict[str, str]]:
        """Return {field: its text and token} as stored."""
        return {name: {"text": text, "token": token(text)} for name, text in editing_editions.words_of(edition).items()}

    def clash(self, edition: Edition, clash: Clash, request: HttpRequest) -> dict[str, Any]:
        """Return what the page needs to let somebody choose between two texts."""
        kept = SetAside.objects.filter(
            bulletin=edition.bulletin_id,
            part=f"edition:{edition.language}",
            field=clash.field,
            text=clash.mine,
            by=request.user,
            settled_at=None,
        ).first()
        return {
            "field": clash.field,
            "theirs": clash.theirs,
            "token": token(clash.theirs),
            "marked": diff.marked(clash.theirs, clash.mine),
            "settle": reverse("admin:bulletins_bulletin_settle", args=[edition.bulletin_id, kept.pk]) if kept else "",
        }

    def refused(self, request: HttpRequest, why: str, typed: dict[str, str]) -> HttpResponse:
        """Show why something was not saved, and every word that was typed."""
        words = [(diff.label_of(name), text) for name, text in typed.items() if text.strip()]
        context = {**self.admin_site.each_context(request), "title": _("Not saved"), "why": why, "typed": words}
        return TemplateResponse(request, "config/desk/refused.html", context, status=409)

    # What came before

    def revisions_view(self, request: HttpRequest, pk: int, edition: int) -> HttpResponse:
        """Show an edition's revisions, each with what it changed."""
        bulletin = self.to_read(request, pk)
        row = get_object_or_404(bulletin.editions, pk=edition)
        return self.history(request, bulletin, row)

    def history(self, request: HttpRequest, bulletin: Bulletin, row: Edition, fault: str = "") -> HttpResponse:
        """Return the history of an edition."""
        revisions = list(row.revisions.select_related("edited_by")[: HISTORY + 1])
        befores = [*revisions[1:], None]
        steps = [
            (revision, diff.differences(before, revision))
            for revision, before in zip(revisions, befores, strict=False)  # none where nothing is written
        ]
        may_write = request.user.has_perm("bulletins.change_bulletin") and bulletin.state in Bulletin.EDITABLE
        context = {
            "bulletin": bulletin,
            "edition": row,
            "steps": steps[:HISTORY],
            "more": len(revisions) > HISTORY,
            "may_write": may_write,
            "fault": fault,
        }
        return TemplateResponse(request, "bulletins/editing/_history.html", context)

    def restore_view(self, request: HttpRequest, pk: int, edition: int, revision: int) -> HttpResponse:
        """Bring an earlier revision back as a new one."""
        row = self.edition_to_write(request, pk, edition)
        try:
            editing_editions.restore(row, revision, by=request.user, at=timezone.now())
        except NotAllowed as refusal:
            answer = self.history(request, row.bulletin, row, str(refusal))
            answer.status_code = 409
            return answer
        answer = self.history(request, row.bulletin, row)
        answer.headers["HX-Trigger"] = "saved"
        return answer

    # Between the languages

    def parity_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show whether every language says the same."""
        return self.parity(request, self.to_read(request, pk))

    def parity(self, request: HttpRequest, bulletin: Bulletin, fault: str = "") -> HttpResponse:
        """Return the table of parts, and what each translation lacks."""
        bulletin = self.to_read(request, bulletin.pk)
        editions = list(bulletin.editions.all())
        original = next((one for one in editions if self.is_original(one, bulletin)), None)
        codes = [language.code for language in bulletin.campaign.languages.all()]
        behind = [
            (one, self.tongue(one), one.behind(original), diff.since_followed(one, original))
            for one in editions
            if original and one.body and one.behind(original)
        ]
        may_write = request.user.has_perm("bulletins.change_bulletin") and bulletin.state in Bulletin.EDITABLE
        context = {
            "bulletin": bulletin,
            "languages": [(code, language_name(code)) for code in codes],
            "source": language_name(bulletin.original_language),
            "table": diff.parity(bulletin, codes),
            "behind": behind,
            "marks": [(one.pk, one.behind(original)) for one in editions if original and one.pk != original.pk],
            "original": original,
            "may_write": may_write,
            "today": timezone.localdate(),
            "fault": fault,
        }
        return TemplateResponse(request, "bulletins/editing/_parity.html", context, status=409 if fault else 200)

    def follow_view(self, request: HttpRequest, pk: int, edition: int) -> HttpResponse:
        """Note that a translation says the same as the original again."""
        row = self.edition_to_write(request, pk, edition)
        asked = request.POST.get("revision", "")
        try:
            revision = int(asked) if asked.isdecimal() else None
            editing_editions.follow(row, by=request.user, at=timezone.now(), revision=revision)
        except NotAllowed as refusal:
            return self.parity(request, row.bulletin, str(refusal))
        answer = self.parity(request, row.bulletin)
        answer.headers["HX-Trigger"] = "saved"
        return answer

    def settle_view(self, request: HttpRequest, pk: int, aside: int) -> HttpResponse:
        """Note that words set aside need no more attention."""
        bulletin = self.to_write(request, pk)
        row = get_object_or_404(bulletin.set_aside, pk=aside)
        editing_editions.settle(row, by=request.user, at=timezone.now())
        if request.headers.get("HX-Request") or self.as_json(request):
            return HttpResponse("")
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[pk]))

    def language_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add an edition."""
        bulletin = self.to_write(request, pk)
        code, _space, level = request.POST.get("edition", "").partition(" ")
        try:
            editing_editions.add_edition(bulletin, code, level, by=request.user, at=timezone.now())
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), "error")
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[pk]))
