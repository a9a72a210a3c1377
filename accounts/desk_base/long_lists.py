"""
Lists of the desk over tables that may have a hundred million rows: what a page of one costs does not depend on how many.

They are ordered by their keys, newest first. A page is found by the key where it begins; nothing is counted, and no statement
looks at more than a window of keys. Filters offer what the newest rows have, searches go through indexes.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as dt_time
from typing import Any, ClassVar

from django.contrib.admin import AllValuesFieldListFilter, RelatedFieldListFilter, ShowFacets, SimpleListFilter
from django.db.models import Max, Min, Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList

from lib.mail_addresses import code_of
from lib.text.numbers.whole_numbers import whole_number

WINDOW = 50_000  # keys within which one statement looks for rows that a filter leaves
SECONDS = 0.05  # after which a page shows what was found so far, and where to look on
NEWEST = 2_000  # keys whose values a filter offers
MONTHS = 36  # offered
SLACK = 1_000  # keys by which the order of keys and that of moments may differ
FOUND_AT_MOST = 1_000  # rows by one search
OLDER, NEWER = "older", "newer"  # in an address: the key at which a page begins, and the way that it goes from there


@dataclass(frozen=True)
class Stretch:
    """One page of a long list, newest row first; `older` and `newer` are the keys where the pages beside it begin."""

    rows: list[Any]
    older: int | None = None
    newer: int | None = None
    template_name: ClassVar[str] = "accounts/admin/_long_list_pages.html"


def stretch_of(
    rows: QuerySet[Any], first: int, last: int, size: int, *, at_once: int, upwards: bool = False
) -> tuple[list[Any], int | None]:
    """
    Return the `size` rows nearest to `last` (or `upwards`, to `first`) with keys from `first` to `last`, in that direction,
    and the key to go on from, None where there is nothing more. One statement looks at `at_once` keys, and rows that are hard
    to find are looked for so long only.
    """
    found: list[Any] = []
    deadline = time.monotonic() + SECONDS
    while first <= last and len(found) <= size:
        window = (first, min(last, first + at_once - 1)) if upwards else (max(first, last - at_once + 1), last)
        within = rows.filter(pk__range=window).order_by("pk" if upwards else "-pk")
        found += within[: size + 1 - len(found)]
        if upwards:
            first = window[1] + 1
        else:
            last = window[0] - 1
        if time.monotonic() > deadline:
            break
    if len(found) > size:
        return found[:size], found[size].pk
    return found, (first if upwards else last) if first <= last else None


class LongChangeList(ChangeList):
    """The rows of one page, without a count."""

    def get_filters(self, request: HttpRequest) -> Any:
        """Return the filters; where a page begins is none."""
        for name in (OLDER, NEWER):
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        return super().get_filters(request)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str]:
        """Return the only order there is."""
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        """Find the rows of the page."""
        self.paginator = self.stretch(request)
        self.result_list = self.paginator.rows
        self.result_count = len(self.result_list)
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False

    def stretch(self, request: HttpRequest) -> Stretch:
        """Return the page that the address asks for; without one the newest rows, of which there is no newer page."""
        first, last = self.model_admin.key_range(request)
        size, at_once = self.list_per_page, WINDOW
        if self.query and not self.model_admin.searched_in_windows:  # what it found is little, wherever it is
            at_once = last
        if begins := whole_number(request.GET.get(NEWER)):
            found, newer = stretch_of(self.queryset, max(first, begins), last, size, at_once=at_once, upwards=True)
            if newer is not None or len(found) == size:
                return Stretch(found[::-1], older=begins - 1 if begins > first else None, newer=newer)
        begins = min(last, whole_number(request.GET.get(OLDER)) or last)
        found, older = stretch_of(self.queryset, first, begins, size, at_once=at_once)
        return Stretch(found, older=older, newer=begins + 1 if begins < last else None)

    def older(self) -> str:
        """Return the address of the page after this one, "" for none."""
        return self.get_query_string({OLDER: self.paginator.older}) if self.paginator.older is not None else ""

    def newer(self) -> str:
        """Return the address of the page before this one, "" for none."""
        return self.get_query_string({NEWER: self.paginator.newer}) if self.paginator.newer is not None else ""

    def newest(self) -> str:
        """Return the address of the first page."""
        return self.get_query_string()


class LongList:
    """
    A ModelAdmin of a table without end. `search_fields` are columns with an index that are compared as a whole: `pk`,
    a code of an address (the address is typed), or a text; or, `searched_in_windows`, any columns, as on other lists, in the
    rows that a page looks at. With `moment`, a column with an index that grows with the key, MonthFilter narrows the list.
    """

    model: type[Model]
    moment = ""
    searched_in_windows = False
    sortable_by: Any = ()
    ordering: Any = ("-pk",)
    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    paginator = InfinitePaginator  # of what fields of other pages offer
    search_fields: Any = ("pk",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return what finds the rows of a page."""
        return LongChangeList

    def key_range(self, request: HttpRequest) -> tuple[int, int]:
        """Return the first and the last key that the list need look at."""
        rows = self.model._base_manager
        if self.moment and (month := chosen_month(request)):
            begins, ends = month
            within = rows.filter(**{f"{self.moment}__gte": begins, f"{self.moment}__lt": ends})
            by_time = within.values_list("pk", flat=True)
            first = by_time.order_by(self.moment).first()
            last = by_time.order_by(f"-{self.moment}").first()
            return (first - SLACK, last + SLACK) if first and last else (1, 0)
        ends_of = rows.aggregate(first=Min("pk"), last=Max("pk"))
        return ends_of["first"] or 1, ends_of["last"] or 0

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Return the rows that have exactly what was typed in one of the columns that are searched."""
        if self.searched_in_windows:
            return super().get_search_results(request, queryset, search_term)  # type: ignore[misc]  # of a ModelAdmin
        if not (typed := search_term.strip()):
            return queryset, False
        keys: set[int] = set()
        for field in self.search_fields:
            if value := searched_value(field, typed):
                keys |= set(self.keys_with(field, value)[:FOUND_AT_MOST])
        return queryset.filter(pk__in=keys), False

    def keys_with(self, field: str, value: Any) -> QuerySet[Any]:
        """Return the keys of the rows that have `value` in a column that is searched."""
        return self.model._base_manager.filter(**{field: value}).order_by().values_list("pk", flat=True)


def searched_value(field: str, typed: str) -> Any:
    """Return what a column would hold for what was typed: a key, the code of an address, or the text itself."""
    if field == "pk":
        return whole_number(typed)
    return code_of(typed) if field.endswith("address_hash") else typed


class RecentValuesFilter(AllValuesFieldListFilter):
    """Offers the values that the newest rows have, and the one that is chosen."""

    def __init__(
        self, field: Any, request: HttpRequest, params: Any, model: Any, model_admin: Any, field_path: str
    ) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        last = model_admin.key_range(request)[
            1
        ]  # asked first: of a bound that it has to find, the database expects too much
        rows = model_admin.get_queryset(request).filter(pk__range=(last - NEWEST + 1, last)).order_by()
        self.lookup_choices: Any = sorted(
            {*rows.values_list(field_path, flat=True).distinct(), *(self.lookup_val or ())}, key=str
        )


class StaffFilter(RelatedFieldListFilter):
    """Offers the people who work at the desk, of all who have an account."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        """Return the choices."""
        return field.get_choices(include_blank=False, limit_choices_to={"is_staff": True}, ordering=("name",))


class MonthFilter(SimpleListFilter):
    """The rows of one month, by the column `moment` of a LongList."""

    title = _("month")
    parameter_name = "month"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the months from the first row to the last, the newest first."""
        moments = model_admin.model._base_manager.values_list(model_admin.moment, flat=True)
        first, last = moments.order_by("pk").first(), moments.order_by("-pk").first()
        if first is None or last is None:
            return []
        months = list(months_back(timezone.localdate(last), timezone.localdate(first)))[:MONTHS]
        return [(f"{month:%Y-%m}", date_format(month, "YEAR_MONTH_FORMAT")) for month in months]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the chosen month, or all."""
        if not (month := chosen_month(request)):
            return queryset
        begins, ends = month
        moment = self.model_admin.moment
        return queryset.filter(**{f"{moment}__gte": begins, f"{moment}__lt": ends})

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self.model_admin = model_admin
        super().__init__(request, params, model, model_admin)


def chosen_month(request: HttpRequest) -> tuple[datetime, datetime] | None:
    """Return when the month that a list is narrowed to begins and ends, None for no month."""
    try:
        first = date.fromisoformat(f"{request.GET.get(MonthFilter.parameter_name, '')}-01")
        following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    except ValueError:
        return None
    begins, ends = (timezone.make_aware(datetime.combine(day, dt_time())) for day in (first, following))
    return begins, ends


def months_back(last: date, first: date) -> Iterator[date]:
    """Yield the first day of each month from that of `last` back to that of `first`."""
    for number in range(last.year * 12 + last.month - 1, first.year * 12 + first.month - 2, -1):
        yield date(number // 12, number % 12 + 1, 1)
