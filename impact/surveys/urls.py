"""The addresses of surveys, under surveys/ and portal/surveys/ in every language."""

from django.urls import path

from . import answer_views

app_name = "surveys"
urlpatterns = [
    path("surveys/all/<slug:code>/", answer_views.answer_public, name="public"),
    path("surveys/<slug:token>/", answer_views.answer, name="answer"),
    path("portal/surveys/<int:pk>/", answer_views.mine, name="mine"),
]
