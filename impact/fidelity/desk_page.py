"""The desk's pages of what became of key messages: those of a week, and those of one bulletin."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from bulletins.models import Bulletin, Platform
from campaigns.http.middleware import campaign_to_read
from impact.weeks import Week
from influencers.models import PostMessage
from lib.statistics.small_groups import FEWEST
from lib.text.languages.languages import language_name

from .message_outcomes import LANGUAGE, PLATFORM, WEEK, MessageOutcome, of_bulletin, of_week
from .outcome_tables import Column, Line, OutcomeTable
from .suggestions import Suggestion, percent, suggestions_of


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One row of a table: what it is about, and its posts by column with their share in words."""

    name: str
    total: int
    cells: list[tuple[str, int, str]]  # (heading, posts, share)


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A key message with what became of it, ready to be shown; no lines where too few people posted."""

    outcome: MessageOutcome
    suggestions: list[Suggestion]
    headings: list[str]
    lines: list[ShownLine]
    splits: list[tuple[str, list[ShownLine]]]


def week_view(request: HttpRequest, *, frame: dict[str, Any]) -> HttpResponse:
    """Show what became of the key messages in the posts of a week, the last one that has ended unless another is asked for."""
    must_see(request)
    campaign, now = campaign_to_read(request), timezone.now()
    last = Week.of(campaign.local(now).date()).before()
    week = Week.read(request.GET.get("week", last.code))
    if week is None or week > last:
        raise Http404
    outcomes = of_week(campaign, week, language=get_language() or campaign.default_language, at=now)
    context = {"week": week, "before": week.before(), "after": week.after() if week < last else None, **shown(outcomes)}
    return page(request, frame, _("Key messages in posts"), context)


def bulletin_view(request: HttpRequest, pk: int, *, frame: dict[str, Any]) -> HttpResponse:
    """Show what became of a bulletin's key messages in all weeks that have ended."""
    must_see(request)
    bulletin = get_object_or_404(Bulletin.objects.select_related("campaign"), pk=pk)
    language = get_language() or bulletin.campaign.default_language
    outcomes = of_bulletin(bulletin, language=language, at=timezone.now())
    title = _("Key messages of bulletin %(number)d in posts") % {"number": bulletin.number}
    return page(request, frame, title, {"bulletin": bulletin, **shown(outcomes)})


def must_see(request: HttpRequest) -> None:
    """Raise PermissionDenied unless somebody may see bulletins."""
    if not request.user.has_perm("bulletins.view_bulletin"):
        raise PermissionDenied


def page(request: HttpRequest, frame: dict[str, Any], title: str, context: dict[str, Any]) -> TemplateResponse:
    """Return the page, in the `frame` of the desk."""
    context = {**frame, "title": title, "fewest": FEWEST, **context}
    return TemplateResponse(request, "impact/fidelity/key_messages.html", context)


def shown(outcomes: Iterable[MessageOutcome]) -> dict[str, Any]:
    """Return the messages of which something may be told, and of how many nothing may."""
    rows = list(outcomes)
    told = [show(one, one.table) for one in rows if one.table]
    return {"outcomes": told, "too_few": len(rows) - len(told)}


def show(one: MessageOutcome, table: OutcomeTable) -> ShownMessage:
    """Return a key message ready to be shown."""
    headings = [heading_of(column) for column in table.columns]
    splits = [
        (name, [show_line(line, headings, names) for line in table.splits[kind]])
        for kind, name, names in (
            (PLATFORM, _("By channel"), dict(Platform.choices)),
            (LANGUAGE, _("By language"), {}),
            (WEEK, _("By week"), {}),
        )
        if len(table.splits[kind]) > 1
    ]
    lines = [show_line(table.total, headings, {})]
    return ShownMessage(one, suggestions_of(one), headings, lines, splits)


def show_line(line: Line, headings: list[str], names: Mapping[str, str]) -> ShownLine:
    """Return one row ready to be shown."""
    cells = [
        (heading, posts, percent(line.share(place)))
        for place, (heading, posts) in enumerate(zip(headings, line.posts, strict=True))
    ]
    return ShownLine(name_of(line, names), line.total, cells)


def name_of(line: Line, names: Mapping[str, str]) -> str:
    """Return what a row is about: all posts, a platform, language or week, or how many of these are told together."""
    if len(line.names) > 1:
        return ngettext("%(n)d other", "%(n)d others", len(line.names)) % {"n": len(line.names)}
    if not line.names:
        return _("All posts")
    name = line.names[0]
    if week := Week.read(name):
        return _("Week %(number)d") % {"number": week.number}
    return str(names.get(name) or (name and language_name(name)) or pgettext("group", "Not known"))


def heading_of(column: Column) -> str:
    """Return what a column counts: one outcome, or several that are told together."""
    labels = [str(PostMessage.Fate(name).label) for name in column]
    return (
        labels[0]
        if len(labels) == 1
        else _("%(first)s or %(last)s") % {"first": ", ".join(labels[:-1]), "last": labels[-1]}
    )
