"""Every address of the site. tests/architecture checks each against the list of who may open it."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
