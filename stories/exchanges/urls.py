"""The pages of meetings for people of municipalities, and those that a signed link opens."""

from django.urls import path

from .answers import link_views
from .members import member_views

app_name = "exchange"
urlpatterns = [
    path("", member_views.home, name="home"),
    path("<int:pk>/", member_views.meeting, name="meeting"),
    path("<int:pk>/answer/", member_views.answer, name="answer"),
    path("<int:pk>/follow-ups/<int:row>/done/", member_views.done_by_member, name="follow_up_done"),
    path("calendar/", member_views.new_calendar, name="new_calendar"),
    path("calendar/<str:key>.ics", link_views.calendar, name="calendar"),
    path("invitation/<str:token>/", link_views.rsvp, name="rsvp"),
    path("follow-up/<str:token>/", link_views.done, name="done"),
]
