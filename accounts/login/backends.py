"""Who may get in by a password: staff. Everyone else logs in by a code, and staff may too."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

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
