"""The pages of people who give message input."""

from django.urls import path

from . import views

app_name = "intake"
urlpatterns = [
    path("", views.inputs, name="inputs"),
    path("new/", views.submit_input, name="submit_input"),
    path("<int:pk>/", views.message_input, name="input"),
    path("<int:pk>/sent/", views.input_sent, name="input_sent"),
    path("<int:pk>/attachments/<int:attachment>/", views.input_attachment, name="input_attachment"),
]
