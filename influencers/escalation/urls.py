"""Where the link in an urgent mail leads, under seen/ in every language."""

from django.urls import path

from . import seen_views

app_name = "seen"
urlpatterns = [path("<str:token>/", seen_views.link, name="link")]
