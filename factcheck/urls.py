"""The public fact-checks."""

from django.urls import path

from . import views

app_name = "factcheck"
urlpatterns = [
    path("", views.claims, name="claims"),
    path("<slug:slug>/", views.claim, name="claim"),
]
