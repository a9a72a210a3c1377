"""Addresses that only take forms, and the page on which such a form stands."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

READING = ("GET", "HEAD")


def posted_from[View: Callable[..., HttpResponseBase]](page: str) -> Callable[[View], View]:
    """
    Make a view take nothing but the posts of a form on the page of that name. A form that was refused is shown at the view's own address,
    to which people come back by reading it anew, or after they had to log in: they are led to the page.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def taken(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            if request.method in READING:
                return redirect(reverse(page, query=request.GET or None))
            return HttpResponseNotAllowed(["POST"])

        return taken  # type: ignore[return-value]  # what `wraps` makes of it takes what the view takes

    return decorate
