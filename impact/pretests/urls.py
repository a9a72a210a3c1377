"""The address of a pretest, in every language."""

from django.urls import path

from . import answer_views

app_name = "pretests"
urlpatterns = [path("pretests/<slug:token>/", answer_views.answer, name="answer")]
