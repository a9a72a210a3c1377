"""The desk's page of what came of a bulletin, with the frame of the desk or without, for paper and PDF."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from bulletins.editing.edition_labels import title_of
from bulletins.models import Bulletin
from lib.statistics.small_groups import FEWEST
from lib.text.numbers.whole_numbers import grouped

from . import bulletin_results

HEADINGS: dict[str, Any] = {
    bulletin_results.OPENED: pgettext_lazy("results", "Opened"),
    bulletin_results.COPIED: pgettext_lazy("results", "Copied"),
    bulletin_results.DOWNLOADED: pgettext_lazy("results", "Downloaded"),
    bulletin_results.POSTED: pgettext_lazy("results", "Posted"),
    bulletin_results.ASKED: pgettext_lazy("results", "Asked"),
}


def results_view(request: HttpRequest, pk: int, *, frame: dict[str, Any]) -> HttpResponse:
    """Show what came of a published bulletin, in the `frame` of the desk, to whoever may see bulletins."""
    if not request.user.has_perm("bulletins.view_bulletin"):
        raise PermissionDenied
    bulletin = get_object_or_404(Bulletin.objects.select_related("campaign"), pk=pk)
    results = bulletin_results.results_of(bulletin, at=timezone.now())
    context = {
        **frame,
        "title": _("Results of bulletin %(number)d") % {"number": bulletin.number},
        "opts": Bulletin._meta,
        "bulletin": bulletin,
        "bulletin_title": title_of(bulletin) or _("no title yet"),
        "results": results,
        "clean": "clean" in request.GET,
        "fewest": FEWEST,
        "kept_days": settings.EXPOSURE_DAYS,
    }
    if results:
        people = results.uptake.people
        context["people"] = {column: in_words(people[column]) for column in bulletin_results.COLUMNS}
        context["tables"] = [
            {
                "name": split.name,
                "shows_no_number": split.shows_no_number,
                "headings": [HEADINGS[column] for column in split.columns],
                "rows": [
                    (name, list(zip((HEADINGS[column] for column in split.columns), cells, strict=True)))
                    for name, cells in split.rows
                ],
            }
            for split in results.splits
        ]
    return TemplateResponse(request, "influencers/results/results.html", context)


def in_words(people: int) -> str:
    """Return how many people there are, of a few only that they are few."""
    if 0 < people < FEWEST:
        return pgettext("people", "under %(n)d") % {"n": FEWEST}
    return grouped(people)
