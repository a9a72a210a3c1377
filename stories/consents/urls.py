"""The page of a consent, opened by its link."""

from django.urls import path

from . import views

app_name = "consents"
urlpatterns = [path("<str:token>/", views.consent, name="consent")]
