"""The pages of prompts and contributions."""

from django.urls import path

from . import public_views

app_name = "contributions"
urlpatterns = [
    path("", public_views.prompts, name="prompts"),
    path("sent/<str:token>/", public_views.sent, name="sent"),
    path("withdraw/<str:token>/", public_views.withdraw, name="withdraw"),
    path("pictures/<slug:key>/", public_views.picture, name="picture"),
    path("<slug:slug>/", public_views.prompt, name="prompt"),
    path("<slug:slug>/send/", public_views.send, name="send"),
]
