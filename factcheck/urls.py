"""The public fact-checks."""

from django.urls import path

from .views import pages

app_name = "factcheck"
urlpatterns = [
    path("", pages.claims, name="claims"),
    path("<slug:slug>/", pages.claim, name="claim"),
]
