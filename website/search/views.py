"""What readers find in the archive."""

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language

from campaigns.cards import check_codes
from campaigns.models import Campaign

from . import query_syntax, results, vocabulary

PER_PAGE = 20


def show_found(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    """
    Show what has the words of the query `q`: bulletins, answers and fact-checks, what fits best first; 422 with the
    reason and the words in their place for what cannot be looked for. Search engines are to index none of it. The code of a card
    leads to its page.
    """
    said, now = request.GET.get("q", ""), timezone.now()
    if code := check_codes.searched(said):
        return redirect("website:code", code)
    language = (get_language() or "en").partition("-")[0]
    written_in = results.written_in(campaign, language)
    context: dict[str, Any] = {"said": said}
    try:
        question = vocabulary.with_accents(query_syntax.read(said), campaign, written_in)
    except query_syntax.NotAskable as refusal:
        response = render(request, "website/search/found.html", context | {"refusal": refusal}, status=422)
    else:
        keys = results.keys(question, campaign, language=language, at=now)
        page = Paginator(keys, PER_PAGE).get_page(request.GET.get("page"))
        hits = results.hits(page.object_list, question, at=now)
        better = "" if keys else better_spelled(said, question, campaign, language=language, at=now)
        context |= {"page": page, "hits": hits, "is_cut": len(keys) >= results.MOST, "better": better}
        response = render(request, "website/search/found.html", context)
    patch_cache_control(response, private=True, max_age=0)
    response["X-Robots-Tag"] = "noindex"
    return response


def better_spelled(
    said: str, question: query_syntax.Question, campaign: Campaign, *, language: str, at: datetime
) -> str:
    """Return what a reader who found nothing may have meant, "" unless something is found by it now."""
    better = vocabulary.respelled(said, question, campaign, results.written_in(campaign, language))
    try:
        return better if better and results.keys(query_syntax.read(better), campaign, language=language, at=at) else ""
    except query_syntax.NotAskable:
        return ""
