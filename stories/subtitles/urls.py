"""Where players find subtitles of stories."""

from django.urls import path

from . import public_views

app_name = "story_subtitles"
urlpatterns = [path("<str:key>/subtitles/<str:language>.vtt", public_views.vtt, name="vtt")]
