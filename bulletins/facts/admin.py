"""The facts beside the text, and the page on which one is changed in all its places."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from bulletins.checks import overrides
from bulletins.editing import key_messages
from bulletins.editing.conflicts import token
from bulletins.editing.edition_labels import title_of
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, FactChange, MessageInput, NotAllowed, Parts
from lib.text.dates.validity_phrases import describe_end
from lib.text.languages.languages import language_name

from . import fact_changes, fact_list, new_values, proposals, updates, validities, walk
from .fact_list import FactRow

State = Bulletin.State
NOTHING: Mapping[str, str] = MappingProxyType({})
FEW = 12  # facts that are seen at a glance; a longer list can be narrowed
KIND_NAMES = {
    "date": gettext_lazy("dates"),
    "time": gettext_lazy("times"),
    "duration": gettext_lazy("durations"),
    "number": gettext_lazy("numbers"),
    "money": gettext_lazy("amounts of money"),
    "percent": gettext_lazy("percentages"),
    "measure": gettext_lazy("measures"),
    "phone": gettext_lazy("phone numbers"),
    "web": gettext_lazy("web addresses"),
    "address": gettext_lazy("street addresses"),
    "month": gettext_lazy("months"),
}
INPUT_TYPES = {"time": "time"}  # a date may name no year, which a browser's field of dates asks for


class FactsPane(Pane):
    """The list of facts, the page of a change, and its undoing."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The pane, the page, and what takes a change back."""
        return [
            ("<int:pk>/facts/", require_safe(self.facts_view), "facts"),
            ("<int:pk>/facts/change/", self.change_view, "fact_change"),
            ("<int:pk>/facts/undo/<int:change>/", require_POST(self.undo_view), "fact_undo"),
            ("<int:pk>/facts/add/", require_POST(self.add_view), "fact_add"),
        ]

    def facts_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the list: as a pane beside the text, or as a page of its own."""
        bulletin = self.to_read(request, pk)
        parts, now = Parts(bulletin), timezone.now()
        context = self.listed(request, bulletin, parts, now)
        update = updates.update_of(parts, request.GET.get("update", ""))
        if update and context["may_change"] and (first := walk.following(bulletin.pk, update, 0, at=now)):
            return HttpResponseRedirect(first)  # an update that asks for changes is looked at one after the other
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "bulletins/facts/_facts_pane.html", context)
        title = _("Facts of bulletin %(number)s") % {"number": bulletin.number}
        context |= {**self.frame(request, title), "bulletin_title": title_of(bulletin)}
        return TemplateResponse(request, "bulletins/facts/facts.html", context)

    def listed(self, request: HttpRequest, bulletin: Bulletin, parts: Parts, now: datetime) -> dict[str, Any]:
        """Return what the list shows."""
        rows = fact_list.facts_of(parts, at=now)
        proposed = updates.proposed(parts, rows, at=now)
        context: dict[str, Any] = {
            "bulletin": bulletin,
            "rows": [row for row in rows if not row.is_small],
            "small": [row for row in rows if row.is_small],
            "narrowed_by": narrowed_by(rows) if len(rows) > FEW else None,
            "has_submissions": bool(parts.inputs),
            "updates": proposed,
            "additions": updates.additions(parts),
            "unused": [
                one for one in parts.updates.values() if one not in {each.source for each in proposed if each.value}
            ],
            "may_add": may_change(request, bulletin) and bulletin.state in Bulletin.EDITABLE,
            "in_editor": bool(request.headers.get("HX-Request")),
            "latest": fact_changes.latest(bulletin) if bulletin.state in Bulletin.EDITABLE else None,
            "may_change": may_change(request, bulletin),
        }
        if context["latest"]:
            context["latest_fact"] = fact_changes.named(
                context["latest"], now.astimezone(bulletin.campaign.zone).date()
            )
        return context

    def change_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show every place of a fact as it will read with the new value, and change them."""
        bulletin = self.to_write(request, pk)
        given = request.POST if request.method == "POST" else request.GET
        row = fact_changes.find(Parts(bulletin), given.get("fact", ""), at=timezone.now())
        if row is None and (
            changed := fact_changes.changed_meanwhile(bulletin, given.get("fact", ""), at=timezone.now())
        ):
            return self.changed_by_another(request, bulletin, *changed)
        if row is None:
            self.desk.message_user(request, _("No text says that any more. These are the facts now."), messages.WARNING)
            return HttpResponseRedirect(reverse("admin:bulletins_bulletin_facts", args=[pk]))
        if not may_change(request, bulletin):
            raise Http404
        typed, value, fault = given.get("to", ""), None, ""
        try:
            value = new_values.read(row, typed, today=row.near or today_of(bulletin)) if typed else None
        except new_values.NoValue as refusal:
            fault = str(refusal)
        if request.method == "POST" and value is not None:
            return self.change(request, bulletin, row, value)
        return self.page(request, bulletin, row, typed=typed, value=value, fault=fault)

    def changed_by_another(
        self, request: HttpRequest, bulletin: Bulletin, made: FactChange, row: FactRow
    ) -> HttpResponse:
        """Say who changed a fact to what while the user looked at it; a value that was sent stays in the form, with its reason."""
        says = _("%(who)s changed it to %(now)s at %(time)s. Nothing else changed.") % {
            "who": made.by,
            "now": row.shown,
            "time": date_format(bulletin.campaign.local(made.at), "TIME_FORMAT"),
        }
        typed = request.POST.get("to", "")
        try:
            value = new_values.read(row, typed, today=row.near or today_of(bulletin)) if typed else None
        except new_values.NoValue:  # the very value that was meant
            value = None
        if value is None or not may_change(request, bulletin):
            self.desk.message_user(request, says, messages.WARNING)
            return HttpResponseRedirect(reverse("admin:bulletins_bulletin_facts", args=[bulletin.pk]))
        return self.page(request, bulletin, row, typed=typed, value=value, fault=says, status=409)

    def change(self, request: HttpRequest, bulletin: Bulletin, row: FactRow, value: str) -> HttpResponse:
        """Write the change; of what is published, as the beginning of its correction."""
        now, typed = timezone.now(), request.POST.get("to", "")
        was_published, was_in_review = bulletin.state == State.PUBLISHED, bulletin.is_reviewed
        names = request.POST.getlist("place")
        ticks = {key: bool(request.POST.get(f"take_{key}")) for key in request.POST.getlist("mention")}
        reworded = reworded_in(request.POST, names)
        update = updates.update_of(Parts(bulletin), request.POST.get("update", ""))
        try:
            made = fact_changes.change(
                bulletin,
                row.key,
                value,
                read={name: request.POST.get(f"read_{name}", "") for name in names},
                ticks=ticks,
                reworded=reworded,
                correction={
                    name: {code: request.POST.get(f"{name}_{code}", "") for code in fact_changes.codes_of(bulletin)}
                    for name in ("what_changed", "share_text")
                },
                reason=request.POST.get("reason", ""),
                update=update,
                by=request.user,
                at=now,
            )
        except NotAllowed as refusal:
            fresh = self.to_read(request, bulletin.pk)
            again = fact_changes.find(Parts(fresh), row.key, at=now) or row
            stale = stale_among(reworded, request.POST, again)
            return self.page(
                request,
                fresh,
                again,
                typed=typed,
                value=value,
                fault=str(refusal),
                ticks=ticks,
                reworded={name: text for name, text in reworded.items() if name not in stale},
                stale=stale,
                status=409,
            )
        says = ngettext("Changed in %(n)d place.", "Changed in %(n)d places.", len(made.texts)) % {"n": len(made.texts)}
        says += " " + _("It has to be submitted again.") if was_in_review else ""
        self.desk.message_user(request, says, messages.SUCCESS)
        if update is not None and (
            following := walk.following(bulletin.pk, update, walk.read(request.POST.get("of", "")), at=now)
        ):
            return HttpResponseRedirect(following)
        # A correction that is all there is to say, or the end of an update, needs only to be submitted.
        place = "check" if was_published or update is not None else "pane-facts"
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]) + f"#{place}")

    def page(
        self,
        request: HttpRequest,
        bulletin: Bulletin,
        row: FactRow,
        *,
        typed: str,
        value: str | None,
        fault: str = "",
        ticks: Mapping[str, bool] | None = None,
        reworded: Mapping[str, str] = NOTHING,
        stale: Mapping[str, str] = NOTHING,
        status: int = 200,
    ) -> HttpResponse:
        """
        Return the page: the new value first, then, when there is one, every place as it will read. `reworded` are {place: words
        of a person}, `stale` those for a text that is another one by now.
        """
        today = today_of(bulletin)
        proposed = proposals.proposals(row, value, today=today, ticks=ticks) if value else []
        becomes = fact_list.shown_value(row.kind, value, today=today) if value else ""
        is_published = bulletin.state == State.PUBLISHED
        given = request.POST or request.GET
        update, of = updates.update_of(Parts(bulletin), given.get("update", "")), walk.read(given.get("of", ""))
        context: dict[str, Any] = {
            **self.frame(request, _("Change this fact: %(value)s") % {"value": row.shown}),
            "bulletin": bulletin,
            "bulletin_title": title_of(bulletin),
            "row": row,
            "update": update,
            "of": of,
            "step": walk.place(bulletin.pk, update, of, at=timezone.now()) if update else None,
            "typed": fact_list.typed_value(row.kind, typed or row.value, today),
            "input_type": INPUT_TYPES.get(row.kind, "text"),
            "value": value,
            "becomes": becomes,
            "proposed": with_words(
                proposed, proposals.proposals(row, value or "", today=today) if ticks else proposed, reworded, stale
            ),
            "reworded": set(reworded),
            "ends": ends_of(bulletin, row, value, proposed) if value else [],
            "kept_as": f"{request.user.pk} fact {bulletin.pk} {bulletin.fact_changes.count()} {row.key} {value}",
            "is_published": is_published,
            **(said_by_correction(bulletin, row, value, proposed) if value else {"words": []}),
            "against": row.sources if value and updates.differs_from_submissions(row, value) else [],
            "reason": request.POST.get("reason", ""),
            "shortest": overrides.SHORTEST_REASON,
            "fault": fault,
        }
        return TemplateResponse(
            request, "bulletins/facts/change.html", context, status=422 if fault and status == 200 else status
        )

    def add_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """
        Add what an update says that is new as a key message at the end, for the editor to word; or take an update for which no text
        has to change.
        """
        bulletin, now = self.to_write(request, pk), timezone.now()
        parts, key = Parts(bulletin), request.POST.get("new", "")
        if update := updates.update_of(parts, request.POST.get("update", "")):
            return self.take(request, bulletin, update)
        new = next((one for one in updates.additions(parts) if one.key == key), None)
        if new is None:
            self.desk.message_user(
                request, _("Not added: the bulletin says it by now, or the update does not."), messages.WARNING
            )
            return HttpResponseRedirect(reverse("admin:bulletins_bulletin_facts", args=[pk]))
        try:
            key_messages.add_told(bulletin, new.text, new.source, new.fact, by=request.user, at=now)
        except NotAllowed as refusal:
            self.desk.message_user(request, str(refusal), messages.ERROR)
        else:
            says = _(
                "Added as the last key message, as the authority wrote it. Word it, and write it in each language."
            )
            self.desk.message_user(request, says, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[pk]) + "#pane-rows")

    def take(self, request: HttpRequest, bulletin: Bulletin, update: MessageInput) -> HttpResponse:
        """Let the bulletin be made of an update from now on."""
        try:
            fact_changes.take_update(bulletin, update, by=request.user, at=timezone.now())
        except NotAllowed as refusal:
            self.desk.message_user(request, str(refusal), messages.ERROR)
        else:
            says = _("The bulletin is made of the update now: key messages are valid as long as it says.")
            self.desk.message_user(request, says, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_facts", args=[bulletin.pk]))

    def undo_view(self, request: HttpRequest, pk: int, change: int) -> HttpResponse:
        """Bring the words of before back."""
        bulletin = self.to_write(request, pk)
        made = get_object_or_404(bulletin.fact_changes.select_related("bulletin__campaign"), pk=change)
        try:
            number = fact_changes.undo(made, by=request.user, at=timezone.now())
        except NotAllowed as refusal:
            self.desk.message_user(request, str(refusal), messages.ERROR)
            # On the page of its own the reason stands in sight.
            return HttpResponseRedirect(reverse("admin:bulletins_bulletin_facts", args=[pk]))
        else:
            says = ngettext("%(fact)s: undone in %(n)d place.", "%(fact)s: undone in %(n)d places.", number)
            says %= {"fact": fact_changes.named(made, today_of(bulletin)), "n": number}
            self.desk.message_user(request, says, messages.SUCCESS)
            if fact_changes.edited_words(Bulletin.objects.get(pk=pk)):
                says = _("Look at what the correction says has changed: those words are still there.")
                self.desk.message_user(request, says, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[pk]) + "#pane-facts")


def narrowed_by(rows: Sequence[FactRow]) -> dict[str, list[tuple[str, str]]]:
    """Return the kinds and languages by which a long list of facts can be narrowed, each with its name."""
    kinds = dict.fromkeys(row.kind for row in rows)
    codes = dict.fromkeys(code for row in rows for code in row.languages)
    return {
        "kinds": [(kind, str(KIND_NAMES[kind])) for kind in KIND_NAMES if kind in kinds],
        "languages": [(code, language_name(code)) for code in codes],
    }


def said_by_correction(
    bulletin: Bulletin, row: FactRow, value: str, proposed: Sequence[proposals.Proposal]
) -> dict[str, Any]:
    """
    Return what the correction says once this has changed, as `words_of_correction` does, and the languages in which somebody wrote it,
    where it stays as it is. Of a bulletin that is not and was never published nothing is said.
    """
    is_published = bulletin.state == State.PUBLISHED
    if not is_published and bulletin.kind != Bulletin.Kind.CORRECTION:
        return {"words": []}
    edited = set() if is_published else fact_changes.edited_words(bulletin)
    words = fact_changes.words_of_correction(bulletin, row, value, proposed)
    return {
        "edited": edited,
        "words": [
            (code, name, bulletin.what_changed.get(code, "") if code in edited else changed, share)
            for code, name, changed, share in words
        ],
    }


def ends_of(
    bulletin: Bulletin, row: FactRow, value: str, proposed: Sequence[proposals.Proposal]
) -> list[tuple[str, str, int]]:
    """Return (end, new end, number of key messages) of the ends of validity that follow, each end once, as people write them."""
    ends = validities.ends_with(row, value, proposed, bulletin.key_messages.all(), bulletin.campaign.zone)
    counts = Counter(ends.values())
    return [
        (*(describe_end(bulletin.campaign.local(moment)) for moment in both), number) for both, number in counts.items()
    ]


def today_of(bulletin: Bulletin) -> date:
    """Return the day that it is where the campaign is."""
    return timezone.now().astimezone(bulletin.campaign.zone).date()


def reworded_in(posted: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return {place: words} that a person wrote: those that are not what the box began with."""
    written = {name: posted.get(f"words_{name}", "").strip() for name in names}
    return {name: text for name, text in written.items() if text and token(text) != posted.get(f"began_{name}")}


def stale_among(reworded: Mapping[str, str], posted: Mapping[str, str], row: FactRow) -> dict[str, str]:
    """Return the words for a text that was changed since it was read: they would take what is new in it along."""
    now = {place.key: token(place.text) for place, _facts in row.places}
    return {name: text for name, text in reworded.items() if posted.get(f"read_{name}") != now.get(name)}


def with_words(
    proposed: Iterable[proposals.Proposal],
    usual: Iterable[proposals.Proposal],
    reworded: Mapping[str, str],
    stale: Mapping[str, str],
) -> list[dict[str, Any]]:
    """
    Return each place with what stands in its box: a person's words, or the text as it reads before anyone ticks (`usual`), whose
    token is `began`; and the words that were for a text that is another one by now.
    """
    return [
        {
            "one": one,
            "words": reworded.get(one.place.key, first.after),
            "began": token(first.after.strip()),
            "stale": stale.get(one.place.key, ""),
        }
        for one, first in zip(proposed, usual, strict=True)
    ]


def may_change(request: HttpRequest, bulletin: Bulletin) -> bool:
    """Return whether the user may change a fact: while the bulletin is being made, or by the correction of a published one."""
    is_open = bulletin.state in {*Bulletin.EDITABLE, State.PUBLISHED} and bulletin.kind != Bulletin.Kind.RETRACTION
    return request.user.has_perm("bulletins.change_bulletin") and is_open
