"""
The page on which a bulletin is written: its languages side by side, saved while someone types, by several people at
once. The other panes of the page are each a part of their own and load themselves.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bulletins import desk_additions
from bulletins.checks import editor_steps
from bulletins.comments import admin as comments
from bulletins.editing import conflicts, diff, drafts
from bulletins.editing import editions as editing_editions
from bulletins.editing.conflicts import Clash, token
from bulletins.editing.edition_labels import edition_label, original_among, title_of
from bulletins.editor_panes import Pane, View
from bulletins.facts import correction_words
from bulletins.models import SITUATION, Bulletin, Edition, EditionRevision, NotAllowed, SetAside, TranslationDraft
from campaigns.base_admin import DeskAdmin
from campaigns.models import ReadingLevel
from lib.text import markup
from lib.text.dates import leading_dates
from lib.text.languages.languages import language_name
from lib.text.revisions import word_diff

from .set_aside_texts import asides_of
from .translation_drafts import shown_draft

# The parts that the page fetches, in the order of its steps.
PANES = [
    *("facts", "parity", "terms"),
    *("rows", "variants", "assets", "cards"),
    *("schedule", "about", "proofs"),
    *("findings", "approval"),
]
# Their styles and scripts, in the order in which the page reads them.
STYLES = [
    *("bulletins/editing/workspace.css", "bulletins/editing/text/markdown_editor.css"),
    *("bulletins/editing/text/insertions.css", "bulletins/media/dropped_pictures.css"),
    *("bulletins/editing/key_messages.css", "bulletins/comments/comments.css"),
    *("bulletins/facts/facts.css", "bulletins/editing/variants.css"),
    *("bulletins/media/assets.css", "bulletins/media/cards.css"),
    *("bulletins/scheduling/schedule.css", "bulletins/checks/findings.css", "bulletins/approval/approval.css"),
    "bulletins/editing/steps.css",
]
SCRIPTS = [
    *("bulletins/editing/text/text_field.js", "bulletins/editing/workspace.js"),
    *("bulletins/editing/text/markdown_editor.js", "bulletins/editing/preview.js"),
    *("bulletins/editing/text/insertions.js", "bulletins/media/dropped_pictures.js"),
    *("bulletins/editing/text/paste.js", "bulletins/editing/kept_input.js"),
    *("bulletins/editing/self_saving_forms.js", "bulletins/comments/comments.js"),
    *("bulletins/facts/facts.js", "bulletins/editing/variants.js"),
    *("bulletins/media/assets.js", "bulletins/scheduling/schedule.js", "bulletins/checks/findings.js"),
]
ROWS = {"body": 18, **dict.fromkeys(SITUATION, 3)}


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


class WorkspacePage(Pane):
    """
    The page, and what its text pane asks for while someone writes. `bar` returns what stands above the text: where the
    bulletin stands and which steps the user may take.
    """

    def __init__(self, desk: DeskAdmin, *, bar: Callable[[HttpRequest, Bulletin], dict[str, Any]]) -> None:
        super().__init__(desk)
        self.bar = bar

    def views(self) -> Iterable[tuple[str, View, str]]:
        """What the languages save, and the buttons around them."""
        return [
            ("<int:pk>/words/<int:edition>/", require_POST(self.text_view), "words"),
            ("<int:pk>/settle/<int:aside>/", require_POST(self.settle_view), "settle"),
            ("<int:pk>/language/", require_POST(self.language_view), "language"),
        ]

    def change_view(self, request: HttpRequest, pk: str) -> HttpResponse:
        """Show the page. Its parts save themselves; nothing is posted here."""
        return self.page(request, self.to_read(request, pk))

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
        where = self.bar(request, bulletin)
        boxes = self.language_boxes(bulletin, editions, typed=typed or {}, faults=faults or {}, clashes=clashes or {})
        context = {
            **self.frame(request, title_of(bulletin) or _("Bulletin %(number)s") % {"number": bulletin.number}),
            **where,
            "steps": editor_steps.editor_steps(where["desk"], where["findings"]),
            "fix_first": editor_steps.first_stop(where["findings"]),
            "original": bulletin,
            "may_write": may_write,
            "writes": may_write and asked,
            "has_change_permission": may_write,
            "language_boxes": boxes,
            "addable": addable(bulletin, editions),
            "picture_languages": [
                (code, language_name(code))
                for code in sorted(spoken(bulletin), key=lambda code: code != bulletin.original_language)
            ],
            "panes": panes(bulletin, PANES),
            "own_styles": STYLES,
            "own_scripts": SCRIPTS,
            "additions": desk_additions.tabs_of(bulletin),
            "comment_form": comments.form_of(bulletin),
            "comments_at": reverse("admin:bulletins_bulletin_comments", args=[bulletin.pk]),
            "asides": asides_of(bulletin) if may_write else [],
            "source": bulletin.inputs.select_related("authority").first(),
            "after_day": leading_dates.AFTER_DAY,
            "link_schemes": " ".join(markup.SCHEMES),
            "says": script_texts() | {"zone": bulletin.campaign.zone.key},
        }
        return TemplateResponse(request, "bulletins/editing/workspace.html", context, status=status)

    def language_boxes(
        self,
        bulletin: Bulletin,
        editions: list[Edition],
        *,
        typed: dict[int, dict[str, str]],
        faults: dict[int, dict[str, str]],
        clashes: dict[int, list[Clash]],
    ) -> list[dict[str, Any]]:
        """Return what the page shows of each language."""
        original, last = original_among(editions, bulletin), last_changes(bulletin)
        drafted = {row.edition_id: row for row in TranslationDraft.objects.filter(edition__in=editions)}
        boxes = []
        for one in editions:
            own = {clash.field: clash for clash in clashes.get(one.pk, [])}
            fields = fields_of(one, typed.get(one.pk, {}), faults.get(one.pk, {}), own)
            situation = [field for field in fields if field.name in SITUATION]
            boxes.append(
                {
                    "edition": one,
                    "name": edition_label(one),
                    "original": one is original,
                    "behind": one.behind(original) if original else 0,
                    "last": last.get(one.pk),
                    "draft": None if one is original else shown_draft(one, original, drafted.get(one.pk)),
                    "fields": [field for field in fields if field.name not in SITUATION],
                    "situation": situation,
                    "has_situation": any(field.value.strip() or field.fault or field.clash for field in situation),
                }
            )
        return boxes

    def text_view(self, request: HttpRequest, pk: int, edition: int) -> HttpResponse:
        """Save what someone wrote in one language: for the page's script as JSON, without script as a page."""
        row = self.edition_to_write(request, pk, edition)
        sent, read, base = posted(request)
        before, now = row.bulletin.state, timezone.now()
        if request.POST.get("state") == Bulletin.State.DRAFT and before in {"in_review", "approved"}:
            refusal = _(
                "Not saved: someone has submitted it in the meantime. Your text is kept here. To take it out of review, reload the page and choose “Edit”."
            )
            return JsonResponse({"says": refusal}, status=423)
        is_current = bool(request.POST.get("is_current"))
        try:
            merged = editing_editions.save_text(
                row, sent, read, by=request.user, at=now, is_current=is_current, base=base
            )
        except editing_editions.TooLong as fault:
            if wants_json(request):
                return JsonResponse({"fields": fault.fields}, status=422)
            return self.page(request, row.bulletin, typed={row.pk: sent}, faults={row.pk: fault.fields}, status=422)
        except NotAllowed as fault:
            if wants_json(request):
                return JsonResponse({"says": str(fault)}, status=423)
            return self.refused(request, str(fault), sent)
        says_anew = bool(merged.changed) and correction_words.follow_typing(row.bulletin)
        voided = bool(merged.changed) and before != Bulletin.State.DRAFT
        if wants_json(request):
            answer = {
                "time": date_format(timezone.localtime(now), "H:i:s"),
                "fields": stored(row),
                "clashes": [shown_clash(row, clash, request) for clash in merged.clashes],
                # What was sent is read now too: whoever has written on meanwhile goes on from there.
                "combined": marks({name: sent[name] for name in merged.combined}),
                "voided": voided,
                "says_anew": says_anew,
            }
            status = 409 if merged.clashes else 200
            return JsonResponse(answer, status=status, headers={"HX-Trigger": "saved"})
        return self.saved(request, row, merged.clashes, voided=voided)

    def saved(self, request: HttpRequest, row: Edition, clashes: list[Clash], *, voided: bool) -> HttpResponse:
        """Answer a save without script: with the page, where two texts are to be chosen between, else by going to it."""
        if voided:
            self.desk.message_user(request, script_texts()["voided"], "warning")
        if clashes:
            fresh = self.to_read(request, row.bulletin_id)
            mine = {clash.field: clash.mine for clash in clashes}
            return self.page(request, fresh, typed={row.pk: mine}, clashes={row.pk: clashes}, status=409)
        self.desk.message_user(request, _("Saved."), "success")
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[row.bulletin_id]))

    def refused(self, request: HttpRequest, why: str, typed: dict[str, str]) -> HttpResponse:
        """Show why something was not saved, and every word that was typed."""
        words = [(diff.label_of(name), text) for name, text in typed.items() if text.strip()]
        context = {**self.frame(request, _("Not saved")), "why": why, "typed": words}
        return TemplateResponse(request, "config/desk/not_saved.html", context, status=409)

    def settle_view(self, request: HttpRequest, pk: int, aside: int) -> HttpResponse:
        """Note that words set aside need no more attention."""
        bulletin = self.to_write(request, pk)
        row = get_object_or_404(bulletin.set_aside, pk=aside)
        conflicts.resolve(row, by=request.user, at=timezone.now())
        if request.headers.get("HX-Request") or wants_json(request):
            return HttpResponse("")
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[pk]))

    def language_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add an edition."""
        bulletin = self.to_write(request, pk)
        code, _space, level = request.POST.get("edition", "").partition(" ")
        try:
            editing_editions.add_edition(bulletin, code, level, by=request.user, at=timezone.now())
        except NotAllowed as refusal:
            self.desk.message_user(request, str(refusal), "error")
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[pk]))


def posted(request: HttpRequest) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return {field: text} of what someone wrote, the tokens of what they had read, and that text where the page sent it."""
    sent = {name: request.POST[name] for name in drafts.FIELDS if name in request.POST}
    read = {name: request.POST[f"read_{name}"] for name in sent if request.POST.get(f"read_{name}")}
    base = {name: request.POST[f"base_{name}"] for name in sent if f"base_{name}" in request.POST}
    return sent, read, base


def marks(texts: dict[str, str]) -> dict[str, str]:
    """Return {field: token} of texts."""
    return {name: token(text) for name, text in texts.items()}


def panes(bulletin: Bulletin, names: list[str]) -> dict[str, str]:
    """Return {name: address} of parts of the page."""
    return {name: reverse(f"admin:bulletins_bulletin_{name}", args=[bulletin.pk]) for name in names}


def last_changes(bulletin: Bulletin) -> dict[int, EditionRevision]:
    """Return {edition key: its newest revision, without the text}, of those that somebody wrote; one query."""
    rows = EditionRevision.objects.filter(edition__bulletin=bulletin, revision=F("edition__revision"))
    rows = rows.exclude(edited_by=None)
    return {row.edition_id: row for row in rows.select_related("edited_by").defer("body")}


def fields_of(
    edition: Edition, typed: dict[str, str], faults: dict[str, str], clashes: dict[str, Clash]
) -> list[Field]:
    """Return the fields of an edition as the page shows them."""
    stored = editing_editions.text_of(edition)
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


def script_texts() -> dict[str, str]:
    """Return what the page's script says."""
    return {
        "nothing": _("Nothing to save"),
        "saving": _("Saving …"),
        "refused": _("Not saved: see the step that is marked."),
        "saved": _("Saved %(time)s"),
        "unsaved": _("Not saved yet"),
        "offline": _("Not saved: the desk is not responding. Your text is kept here."),
        "gone": _("Not saved: log in again in another tab. Your text is kept here."),
        "clash": _("Two texts: choose one"),
        "renewed": _("Updated with other people's changes: %(field)s."),
        "combined": _("Other people's changes are in it too."),
        "voided": _("The content has changed, so its review has been cancelled. Submit it for approval again."),
        "link": _("Link address"),
        "linked": _("words"),
    }


def spoken(bulletin: Bulletin) -> list[str]:
    """Return the codes of the campaign's languages; no query when they are prefetched."""
    return [language.code for language in bulletin.campaign.languages.all()]


def addable(bulletin: Bulletin, editions: list[Edition]) -> list[tuple[str, str]]:
    """Return (value, name) of the editions that a bulletin does not have."""
    has = {(one.language, one.reading_level) for one in editions}
    return [
        (f"{code} {level}", f"{language_name(code)}, {label}")
        for level, label in ReadingLevel.choices
        for code in spoken(bulletin)
        if (code, level) not in has
    ]


def wants_json(request: HttpRequest) -> bool:
    """Return whether the page's script asks."""
    return request.headers.get("Accept", "").startswith("application/json")


def stored(edition: Edition) -> dict[str, dict[str, str]]:
    """Return {field: its text and token} as stored."""
    return {name: {"text": text, "token": token(text)} for name, text in editing_editions.text_of(edition).items()}


def shown_clash(edition: Edition, clash: Clash, request: HttpRequest) -> dict[str, Any]:
    """Return what the page needs to let someone choose between two texts."""
    kept = SetAside.objects.filter(
        bulletin=edition.bulletin_id,
        part=f"edition:{edition.language}",
        field=clash.field,
        text=clash.mine,
        by=request.user,
        settled_at=None,
    ).first()
    wrote = editing_editions.revision_that_wrote(edition, clash.field, clash.theirs)
    return {
        "field": clash.field,
        "theirs": clash.theirs,
        "mine": clash.mine,
        "both": clash.both,
        "or": _("or"),
        "changed_by": conflicts.changed_by(wrote and wrote.edited_by, wrote and wrote.edited_at, edition.bulletin),
        "token": token(clash.theirs),
        "marked": word_diff.marked(clash.theirs, clash.mine),
        "settle": reverse("admin:bulletins_bulletin_settle", args=[edition.bulletin_id, kept.pk]) if kept else "",
    }
