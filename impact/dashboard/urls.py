"""The address of a campaign's public results, in every language."""

from django.urls import path

from . import public_views

app_name = "results"
urlpatterns = [path("results/", public_views.results, name="page")]
