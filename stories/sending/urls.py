"""The pages of municipalities' people: the invitation to it, their stories, and where the files of these arrive."""

from django.urls import path

from stories.municipalities import join_views

from . import tus_views, views

app_name = "municipality"
urlpatterns = [
    path("", views.own, name="own"),
    path("join/<str:token>/", join_views.join, name="join"),
    path("people/", views.people, name="people"),
    path("stories/", views.begin, name="begin"),
    path("stories/<str:key>/", views.story, name="story"),
    path("stories/<str:key>/take/", views.take, name="take"),
    path("stories/<str:key>/withdraw/", views.withdraw, name="withdraw"),
    path("stories/<str:key>/files/<int:pk>/", views.file, name="file"),
    path("stories/<str:key>/uploads/", tus_views.create, name="uploads"),
    path("uploads/<str:key>/", tus_views.upload, name="upload"),
]
