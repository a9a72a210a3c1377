"""
The desk's filters by something that rows belong to: whoever has roles in one campaign only is offered what is of it, and the people
who work there.
"""

from typing import Any

from django.contrib.admin import RelatedFieldListFilter
from django.http import HttpRequest

from accounts.access import campaign_roles, row_scopes
from accounts.models import User


class WithinCampaign(RelatedFieldListFilter):
    """Offers what the user may know of; the same as Django's for whoever works by roles of the site."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        """Return the choices."""
        model = field.remote_field.model
        if campaign_roles.here_of(request.user) is None:
            return super().field_choices(field, request, model_admin)
        rows = model._default_manager.all()
        if model is User:
            rows = rows.filter(campaign_roles.works_with(request.user))
        else:
            rows = row_scopes.in_campaign_of(rows, request.user)
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to={"pk__in": rows.values("pk")})
