"""The public pages of bulletins and answers, and the pages of those who give message input."""

from django.urls import path

from . import views

app_name = "bulletins"
urlpatterns = [
    path("bulletins/", views.archive, name="archive"),
    path("bulletins/<int:number>/", views.bulletin, name="bulletin"),
    path("bulletins/<int:number>/versions/<int:version>/", views.version, name="version"),
    path("answers/", views.answers, name="answers"),
    path("answers/<slug:slug>/", views.answer, name="answer"),
    path("answers/<slug:slug>/versions/<int:version>/", views.answer_version, name="answer_version"),
    path(
        "answers/<slug:slug>/versions/<int:version>/<str:language>.vtt",
        views.answer_subtitles,
        name="answer_subtitles",
    ),
    path("check/", views.check, name="check"),
    path("inputs/", views.inputs, name="inputs"),
    path("inputs/new/", views.submit_input, name="submit_input"),
    path("inputs/<int:pk>/", views.message_input, name="input"),
    path("inputs/<int:pk>/sent/", views.input_sent, name="input_sent"),
    path("inputs/<int:pk>/attachments/<int:attachment>/", views.input_attachment, name="input_attachment"),
    path("questions-to-answer/", views.questions_to_answer, name="questions_to_answer"),
    path("questions-to-answer/<int:pk>/", views.to_answer, name="to_answer"),
    path("questions-to-answer/<int:pk>/video/", views.to_answer_video, name="to_answer_video"),
]
