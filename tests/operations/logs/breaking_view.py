"""A view and a task that break with someone's data in their hands, beside the whole site."""

import os
from typing import Any

from celery import shared_task
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls as site
from config.urls import handler400, handler403, handler404, handler500
from delivery.message.mime import Compiled, Person

__all__ = ["handler400", "handler403", "handler404", "handler500"]

prepare = Compiled.envelope


def breaks(request: HttpRequest, token: str) -> HttpResponse:
    """Break with an address in the words, a token in the path, and both in the variables."""
    name, address = request.POST["name"], request.POST["email"]
    raise LookupError(f"Nobody is {address} ({token}), {len(name)} letters")


@shared_task
def break_off(address_key: int) -> None:
    """Break with an address in the words."""
    raise RuntimeError(f"No row {address_key} for {os.environ['CANARY_ADDRESS']}")


def envelope(self: Compiled, person: Person) -> Any:
    """Break while a mail is prepared for an address that says so."""
    if person.email.startswith("unpreparable"):
        raise ValueError(f"{person.email} and {person.unsubscribe_url} cannot be made into a mail")
    return prepare(self, person)


setattr(Compiled, "envelope", envelope)  # noqa: B010  (mypy: a method)
urlpatterns = [path("breaks/<str:token>/", breaks, name="breaks"), *site.urlpatterns]
