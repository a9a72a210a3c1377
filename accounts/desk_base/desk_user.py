"""Who is at the desk."""

from django.http import HttpRequest

from accounts.models import User


def user_of(request: HttpRequest) -> User:
    """Return who is logged in, on a page that nobody else opens."""
    assert isinstance(request.user, User)
    return request.user
