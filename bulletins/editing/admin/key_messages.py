"""Key messages and calls to action on the compose page: a row each, saved as it is typed; and the glossary beside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import shorten
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bulletins.editing import conflicts, key_messages, replaceable_messages
from bulletins.editing.translation import glossary
from bulletins.editor_panes import Pane, View, is_open
from bulletins.models import Bulletin, CallToAction, KeyMessage, NotAllowed
from lib.text.languages.languages import language_name
from lib.text.numbers.whole_numbers import whole_number

from .fields import Box, Count, refused, save_response, sent_of

KINDS: dict[str, Any] = {"message": KeyMessage, "action": CallToAction}
SAVE: dict[str, Any] = {"message": key_messages.save_message, "action": key_messages.save_action}
ADD: dict[str, Any] = {"message": key_messages.add_message, "action": key_messages.add_action}
MOVE: dict[str, Any] = {"message": key_messages.move_message, "action": key_messages.move_action}
REMOVE: dict[str, Any] = {"message": key_messages.remove_message, "action": key_messages.remove_action}


class RowsPane(Pane):
    """The pane with the rows of a bulletin, and the one with the glossary."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The panes, and what their buttons and fields call."""
        row = "<int:pk>/rows/<str:kind>/<int:row>/"
        return [
            ("<int:pk>/rows/", require_safe(self.rows_view), "rows"),
            ("<int:pk>/rows/restore/", require_POST(self.restore_row_view), "rows_restore"),
            ("<int:pk>/rows/<str:kind>/add/", require_POST(self.add_row_view), "rows_add"),
            (row, require_POST(self.save_row_view), "rows_save"),
            (f"{row}move/", require_POST(self.move_row_view), "rows_move"),
            (f"{row}remove/", require_POST(self.remove_row_view), "rows_remove"),
            (f"{row}settle/", require_POST(self.settle_row_view), "rows_settle"),
            ("<int:pk>/terms/", require_safe(self.terms_view), "terms"),
        ]

    def rows_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the pane as it is now."""
        self.must_see(request)
        return self.rows_pane(request, whole(pk))

    def rows_pane(self, request: HttpRequest, bulletin: Bulletin, **extra: Any) -> HttpResponse:
        """Return the pane with both kinds of rows and what can be brought back."""
        languages = key_messages.languages_of(bulletin)
        messages = list(bulletin.key_messages.select_related("owner", "fact__input", "fact__superseded_by"))
        actions = list(bulletin.calls_to_action.all())
        people = [(str(user.pk), str(user)) for user in key_messages.owners(bulletin.campaign_id)]
        others = replaceable_messages.replaceable(bulletin, at=timezone.now()) if messages else []
        rows: list[key_messages.Row] = [*messages, *actions]
        for row in rows:
            row.bulletin = bulletin
        context = {
            "bulletin": bulletin,
            "may_edit": may_edit(request, bulletin),
            "messages": [{"row": one, "boxes": boxes_of(one, languages, people, others)} for one in messages],
            "actions": [{"row": one, "boxes": boxes_of(one, languages, people)} for one in actions],
            "ways": list(key_messages.ways_to_help(bulletin)),
            "removed": removed(bulletin, languages),
            "zone": bulletin.campaign.time_zone,
            "now": timezone.now(),
            **extra,
        }
        return TemplateResponse(request, "bulletins/editing/key_messages/_key_messages.html", context)

    def changed_rows(self, request: HttpRequest, pk: int, **extra: Any) -> HttpResponse:
        """Return the pane after a change, and tell the page that something was saved."""
        response = self.rows_pane(request, whole(pk), **extra)
        response["HX-Trigger"] = "saved"
        return response

    def add_row_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """Add an empty row at the end."""
        bulletin = writable(request, pk)
        if kind not in ADD:
            raise Http404
        try:
            way = {"way": whole_number(request.POST.get("way"))} if kind == "action" else {}
            row = ADD[kind](bulletin, by=request.user, at=timezone.now(), **way)
        except NotAllowed as refusal:
            return self.rows_pane(request, whole(pk), refusal=str(refusal))
        return self.changed_rows(request, pk, added=row)

    def save_row_view(self, request: HttpRequest, pk: int, kind: str, row: int) -> HttpResponse:
        """Save what was typed into a row."""
        one = self.row_of(request, pk, kind, row)
        sent, read, base = sent_of(request)
        try:
            saved = SAVE[kind](one, sent, read=read, by=request.user, at=timezone.now(), base=base)
        except NotAllowed as refusal:
            return refused(request, refusal)
        return self.saved_row_response(request, one, saved)

    def saved_row_response(self, request: HttpRequest, one: Any, saved: conflicts.Saved, **extra: Any) -> HttpResponse:
        """Return what a save of a row answers."""
        fresh = get_object_or_404(type(one), pk=one.pk)  # it may have been removed meanwhile
        fresh.bulletin = one.bulletin
        names = {*saved.changed, *saved.faults, *(clash.field for clash in saved.clashes)} | set(
            extra.get("redrawn", ())
        )
        owners = key_messages.owners(one.bulletin.campaign_id) if "owner" in names else []
        people = [(str(user.pk), str(user)) for user in owners]
        others = replaceable_messages.replaceable(one.bulletin, at=timezone.now()) if "replaces" in names else []
        boxes = boxes_of(fresh, key_messages.languages_of(one.bulletin), people, others)
        kind = key_messages.AUDITED[type(one)]
        settle = reverse("admin:bulletins_bulletin_rows_settle", args=[one.bulletin.pk, kind, one.pk])
        redrawn = [box for box in boxes if box.name in extra.get("redrawn", ())]
        return save_response(
            request,
            saved,
            boxes,
            settle_url=settle,
            changed_by=lambda name: key_messages.changed_by(fresh, name),
            extra={"redrawn": redrawn, "may_edit": True},
        )

    def settle_row_view(self, request: HttpRequest, pk: int, kind: str, row: int) -> HttpResponse:
        """Choose between two texts of a field: "theirs" stays, or "mine", as it was edited, takes its place."""
        one = self.row_of(request, pk, kind, row)
        name, now = request.POST.get("field", ""), timezone.now()
        saved = conflicts.Saved()
        if request.POST.get("choice") == "mine":
            try:
                saved = SAVE[kind](
                    one,
                    {name: request.POST.get(f"mine-{name}", "")},
                    read={name: request.POST.get("theirs", "")},
                    by=request.user,
                    at=now,
                )
            except NotAllowed as refusal:
                return refused(request, refusal)
        if not saved.clashes and not saved.faults:
            conflicts.resolve_own(one.bulletin, key_messages.part_of(one), name, by=request.user, at=now)
            return self.saved_row_response(request, one, saved, redrawn=[name])
        return self.saved_row_response(request, one, saved)

    def move_row_view(self, request: HttpRequest, pk: int, kind: str, row: int) -> HttpResponse:
        """Move a row up or down."""
        one = self.row_of(request, pk, kind, row)
        try:
            MOVE[kind](one, up=request.POST.get("to") == "up", by=request.user, at=timezone.now())
        except NotAllowed as refusal:
            return self.rows_pane(request, whole(pk), refusal=str(refusal))
        return self.changed_rows(request, pk, moved=one)

    def remove_row_view(self, request: HttpRequest, pk: int, kind: str, row: int) -> HttpResponse:
        """Remove a row; the pane then offers to bring it back."""
        one = self.row_of(request, pk, kind, row)
        try:
            REMOVE[kind](one, by=request.user, at=timezone.now())
        except NotAllowed as refusal:
            return self.rows_pane(request, whole(pk), refusal=str(refusal))
        return self.changed_rows(request, pk, just_removed=f"removed:{kind}:{one.key}")

    def restore_row_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Bring a removed row back."""
        bulletin = writable(request, pk)
        try:
            row = key_messages.restore(bulletin, request.POST.get("part", ""), by=request.user, at=timezone.now())
        except NotAllowed as refusal:
            return self.rows_pane(request, whole(pk), refusal=str(refusal))
        return self.changed_rows(request, pk, restored=row)

    def row_of(self, request: HttpRequest, pk: int, kind: str, row: int) -> Any:
        """Return a row of the bulletin to be changed. Another bulletin's does not exist."""
        bulletin = writable(request, pk)
        if kind not in KINDS:
            raise Http404
        one = KINDS[kind].objects.filter(pk=row, bulletin=bulletin).first()
        if one is None:
            # It may have been removed meanwhile: the domain says so, and the page keeps the words.
            one = KINDS[kind](pk=row, bulletin=bulletin)
        one.bulletin = bulletin
        return one

    def terms_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the original with the glossary's words marked, where a translation says something else."""
        self.must_see(request)
        bulletin = whole(pk)
        texts = glossary.texts_of(bulletin)
        missed = glossary.misses(bulletin, texts)
        context = {
            "bulletin": bulletin,
            "found": bool(missed),
            "by_language": [
                {
                    "code": code,
                    "name": language_name(code),
                    "misses": list({(m.term, m.expected): m for m in missed if m.language == code}.values()),
                    "passages": glossary.marked(texts.get(bulletin.original_language, {}), missed, code),
                }
                for code in key_messages.languages_of(bulletin)
                if code != bulletin.original_language and code in texts
            ],
        }
        return TemplateResponse(request, "bulletins/editing/translation/_glossary.html", context)


def whole(pk: int) -> Bulletin:
    """Return the bulletin with its campaign and languages, or 404."""
    return get_object_or_404(Bulletin.objects.select_related("campaign").prefetch_related("campaign__languages"), pk=pk)


def may_edit(request: HttpRequest, bulletin: Bulletin) -> bool:
    """Return whether the user may change this bulletin now."""
    return request.user.has_perm("bulletins.change_bulletin") and is_open(bulletin)


def writable(request: HttpRequest, pk: int) -> Bulletin:
    """Return the bulletin for someone who may write; that it is still in the making is the domain's to say."""
    if not request.user.has_perm("bulletins.change_bulletin"):
        raise PermissionDenied
    return whole(pk)


def removed(bulletin: Bulletin, languages: list[str]) -> list[dict[str, str]]:
    """Return what can be brought back, with the first of its words."""
    found = []
    order = [bulletin.original_language, *languages]
    for part, fields in key_messages.removed_from(bulletin).items():
        words = next((fields[f"text-{code}"] for code in order if fields.get(f"text-{code}")), "")
        found.append({"part": part, "words": words or _("not written yet"), "kind": part.split(":")[1]})
    return found


def boxes_of(
    row: Any, languages: list[str], people: list[tuple[str, str]], others: Sequence[replaceable_messages.Choice] = ()
) -> list[Box]:
    """Return a row's fields, the words of every language first."""
    fields = key_messages.fields_of(row, languages)
    stem = key_messages.part_of(row).replace(":", "-")
    boxes = list(word_boxes(row, fields, languages, stem))
    if isinstance(row, KeyMessage):
        owner = [(str(row.owner_id), str(row.owner))] if row.owner_id else []
        choices = [("", _("nobody yet")), *dict.fromkeys([*people, *owner])]
        boxes.append(Box(f"{stem}-owner", "owner", _("Owner"), fields["owner"], "", kind="choice", choices=choices))
        until = _("Valid until (%(zone)s)") % {"zone": row.bulletin.campaign.time_zone}
        boxes.append(Box(f"{stem}-valid_until", "valid_until", until, fields["valid_until"], "", kind="moment"))
        if others or row.replaces:
            boxes.append(replaces_box(row, stem, others))
    return boxes


def word_boxes(row: Any, fields: Mapping[str, str], languages: list[str], stem: str) -> Iterator[Box]:
    """Yield the fields of a row's words, source and tones, in every language."""
    part = key_messages.part_of(row)
    labels = {"text": _("Words"), "source_name": _("Source"), "source_url": _("Source's address")}
    labels |= {tone: capfirst(tone.label) for tone in KeyMessage.TONES}
    for name in key_messages.TRANSLATED[type(row)]:
        is_tone = name in KeyMessage.TONES
        is_words = name == "text" or is_tone
        for code in languages:
            value = fields[f"{name}-{code}"]
            place = f"{part}:{code}:{name}" if is_tone else f"{part}:{code}"
            yield Box(
                id=f"{stem}-{name}-{code}",
                name=f"{name}-{code}",
                label=_("%(field)s, %(language)s") % {"field": labels[name], "language": language_name(code)},
                value=value,
                place=place if is_words else "",
                language="" if name == "source_url" else code,
                kind="lines" if is_words else "url" if name == "source_url" else "line",
                count=crowd(value) if is_words and isinstance(row, KeyMessage) else None,
                rows=2,
                is_folded=is_tone or not is_words,
            )


def replaces_box(row: Any, stem: str, others: Sequence[replaceable_messages.Choice]) -> Box:
    """Return the field in which a key message of an earlier bulletin is named that it takes the place of."""
    told = {place: (number, words) for place, number, words in others}
    if row.replaces:
        number = row.replaces.partition(":")[0]
        told.setdefault(row.replaces, (number, row.replaces.partition(":")[2]))
    choices = [("", _("none"))] + [
        (
            place,
            shorten(_("Bulletin %(number)s: %(words)s") % {"number": number, "words": words}, 110, placeholder=" …"),
        )
        for place, (number, words) in told.items()
    ]
    notes = [_("Once this is published, that one is shown as replaced by it. A correction can take that back.")]
    label = _("Replaces a key message of another bulletin")
    return Box(f"{stem}-replaces", "replaces", label, row.replaces, "", kind="choice", choices=choices, notes=notes)


def crowd(value: str) -> Count:
    """Return how many characters the words of a card have."""
    over = _(": a card gets crowded")
    return Count(len(value), key_messages.CROWDED, "code_points", _("characters"), over, is_advice=True)
