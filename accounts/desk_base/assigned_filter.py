"""Who has what, on the desk's lists: mine, nobody's, or a colleague's."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.auth import get_permission_codename
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from lib.text.numbers.whole_numbers import whole_number

ME, NOBODY = "me", "nobody"


class AssignedFilter(SimpleListFilter):
    """
    The rows of a model with a `taken_by` that one person has, or nobody. “Me” is whoever looks, so that a view can be shared.
    """

    title = gettext_lazy("assigned to")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return myself, nobody, and the colleagues who may have one, by name; two queries."""
        opts = model_admin.opts
        campaign = getattr(request, "campaign", None)  # set where people have their campaign
        permission = f"{opts.app_label}.{get_permission_codename('change', opts)}"
        colleagues = User.objects.staff_with(permission, campaign.pk if campaign else None)
        active = colleagues.filter(is_active=True).exclude(pk=request.user.pk).order_by("name", "email")
        others = [(str(one.pk), str(one)) for one in active]
        return [(ME, _("me")), (NOBODY, _("nobody")), *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of whoever is chosen."""
        chosen = self.value()
        if not chosen:
            return queryset
        if chosen == NOBODY:
            return queryset.filter(taken_by=None)
        return queryset.filter(taken_by=request.user.pk if chosen == ME else whole_number(chosen))
