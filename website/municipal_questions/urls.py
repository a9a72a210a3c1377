"""The page on which people of municipalities ask, and read what became of it."""

from django.urls import path

from . import question_views

app_name = "municipal_questions"
urlpatterns = [
    path("", question_views.questions, name="questions"),
]
