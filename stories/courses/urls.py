"""The pages of courses that anyone reads."""

from django.urls import path

from . import public_views

app_name = "courses"
urlpatterns = [
    path("", public_views.courses, name="courses"),
    path("certificates/<str:code>/", public_views.certificate, name="certificate"),
    path("<slug:slug>/", public_views.course, name="course"),
    path("<slug:slug>/tried/", public_views.tried, name="tried"),
    path("<slug:slug>/files/<int:pk>/", public_views.file, name="file"),
    path("<slug:slug>/<int:number>/<slug:module>/<slug:language>.vtt", public_views.subtitles, name="subtitles"),
]
