"""The addresses of stories. What has a name of its own comes before the key of a story."""

from django.urls import path

from .wall import public_views

app_name = "stories"
urlpatterns = [
    path("", public_views.wall, name="wall"),
    path("<slug:key>/", public_views.story, name="story"),
]
