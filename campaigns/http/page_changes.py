"""
Public pages that everyone gets alike are kept whole by each web process (config/http/caches/page_cache.py). A view says so
with `cached_page`; whoever changes what such pages show says `changed`, or `note_retraction` when words are not to be repeated any
more.

Both add a row inside the transaction of the change itself, so nothing waits for anything, and every process of every
host sees a change as soon as it is committed by asking what rows there are.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import NamedTuple, Self
from urllib.parse import parse_qs, urlencode

from django.conf import settings
from django.db.models import Count, Max, Q, Sum
from django.http import HttpRequest, HttpResponseBase, QueryDict

from campaigns.models import PageChange

MARK = "X-Kept"  # on a page that may be kept: a `CacheRule` in words; it never leaves the process
REMEMBERED = timedelta(hours=1)  # longer than any transaction lasts


class CacheRule(NamedTuple):
    """How a view's pages are kept: the query parameters that make another page, and those with which none is kept."""

    names: tuple[str, ...]
    never: tuple[str, ...]

    def __str__(self) -> str:
        return f"{','.join(self.names)};{','.join(self.never)}"

    @classmethod
    def read(cls, mark: str) -> Self:
        """Return what `str` has written."""
        names, never = (tuple(filter(None, part.split(","))) for part in mark.split(";"))
        return cls(names, never)

    def relevant(self, query: str) -> str | None:
        """Return what counts of a query string, in an order of our own; None when its page is not kept."""
        if not query:
            return ""
        given = parse_qs(query, keep_blank_values=True)
        if any(name in given for name in self.never):
            return None
        return urlencode([(name, value) for name in self.names for value in given.get(name, [])])


class VisibleChanges(NamedTuple):
    """
    The changes that were visible at a moment: how many there are and the sum of their keys, of all and of those that
    take something back. Two are equal only when nothing was committed between them.

    A key may become visible after a higher one, so the highest key would tell too little. Rows are forgotten only when
    they are older than any that can still appear: with as many new ones as old ones went, the sum is higher.
    """

    changes: tuple[int, int]
    taken_back: tuple[int, int]


def changed() -> None:
    """Note, inside the transaction, that public pages show something else now."""
    PageChange.objects.create()


def note_retraction() -> None:
    """Note, inside the transaction, that words which were public are corrected or withdrawn: nobody shows them again."""
    PageChange.objects.create(takes_back=True)


def visible_changes() -> VisibleChanges:
    """Return the changes that are visible now; one query."""
    back = Q(takes_back=True)
    found = PageChange.objects.aggregate(
        all=Count("pk"), sum=Sum("pk"), back=Count("pk", filter=back), back_sum=Sum("pk", filter=back)
    )
    return VisibleChanges((found["all"], found["sum"] or 0), (found["back"], found["back_sum"] or 0))


def forget_old(*, at: datetime) -> int:
    """
    Forget changes that every process has long seen; return how many. The latest of each kind stays: without it there would
    be as many as before the first, and a page from then would pass for one of now.
    """
    latest = PageChange.objects.aggregate(all=Max("pk"), back=Max("pk", filter=Q(takes_back=True)))
    old = PageChange.objects.filter(noted_at__lt=at - REMEMBERED)
    return old.exclude(pk__in=[pk for pk in latest.values() if pk]).delete()[0]


# --- Views ------------------------------------------------------------------------------------------


def cached_page[**P, R: HttpResponseBase](
    *names: str, never: tuple[str, ...] = ()
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """
    Mark a view whose page is the same for everyone who is not logged in. It sees only the query parameters `names`, so
    that an address with someone's tracking words in it is the same page; with one of `never` it is not kept.
    """
    way = CacheRule(names, never)

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def answer(*args: P.args, **kwargs: P.kwargs) -> R:
            request = args[0]
            assert isinstance(request, HttpRequest)
            query = way.relevant(request.META.get("QUERY_STRING", ""))
            if query is None:
                return view(*args, **kwargs)
            request.META["QUERY_STRING"] = query
            request.GET = QueryDict(query)  # type: ignore[assignment]
            response = view(*args, **kwargs)
            if settings.SESSION_COOKIE_NAME not in request.COOKIES and response.status_code in {200, 304}:
                response.headers.setdefault("Cache-Control", "public, max-age=0, must-revalidate")
                response.headers[MARK] = str(way)
            return response

        answer.way = way  # type: ignore[attr-defined]  # for whoever answers before the view does (permalinks)
        return answer

    return decorate
