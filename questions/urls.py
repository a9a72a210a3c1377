"""The pages on which authorities answer questions."""

from django.urls import path

from . import views

app_name = "questions"
urlpatterns = [
    path("", views.questions_to_answer, name="questions_to_answer"),
    path("<int:pk>/", views.to_answer, name="to_answer"),
    path("<int:pk>/video/", views.to_answer_video, name="to_answer_video"),
]
