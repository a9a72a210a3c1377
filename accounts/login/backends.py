"""
Who may get in by a password: staff. Everyone else logs in by a code, and staff may too. What someone may do is asked here:
by the roles that they hold for the whole site, and by those in the campaign of the request (accounts.access.campaign_roles).
"""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.http import HttpRequest

from accounts.access import campaign_roles
from accounts.models import User


class StaffPasswordBackend(ModelBackend):
    """
    Lets staff in by their password. An address that is unknown, closed or not a staff member's is refused with the same
    words after the same work: one password is hashed, whoever asks.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        **more: Any,
    ) -> User | None:
        """Return the active member of staff whose address and password these are, or None."""
        user = super().authenticate(request, username=username or email, password=password)
        return user if isinstance(user, User) and user.is_staff else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return all that someone may do where they work. What roles of the site allow is asked for once."""
        held = self._of_site(user_obj, obj)
        here = getattr(user_obj, "here", None)
        if here is None or obj is not None or not user_obj.is_active:
            return held
        return {one for one in held | here.permissions if not campaign_roles.is_read_only(user_obj, one)}

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Return whether someone may do something where they work."""
        if not user_obj.is_active or obj is not None or campaign_roles.is_read_only(user_obj, perm):
            return False
        here = getattr(user_obj, "here", None)
        return (here is not None and perm in here.permissions) or perm in self._of_site(user_obj)

    def _of_site(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return what someone may do on the whole site. Django asks for what is a person's own and what groups give one by one."""
        if obj is None and user_obj.is_active and not user_obj.is_superuser and not hasattr(user_obj, "_perm_cache"):
            names = Permission.objects.order_by().values_list("content_type__app_label", "codename")
            both = names.filter(user=user_obj).union(names.filter(group__user=user_obj)).order_by()
            user_obj._perm_cache = {f"{app}.{codename}" for app, codename in both}
        held: set[str] = super().get_all_permissions(user_obj, obj)
        return held
